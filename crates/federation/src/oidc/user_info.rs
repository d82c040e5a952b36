//! UserInfo (OpenID Connect Core §5.3): asked when the ID token has no address.

use chrono::{DateTime, Utc};
use domain::upstream::OidcConnection;
use http::header;
use openidconnect::AccessToken;
use url::Url;

use super::{
    claims::{self, Payload},
    jws::Compact,
};
use crate::{
    UpstreamError, Upstreams,
    error::{invalid, not_answered, printable},
    metadata::Metadata,
};

/// What a signed answer is called in errors.
const WHAT: &str = "the UserInfo answer";

/// What it may say of itself in `typ`.
const KINDS: [&str; 2] = ["jwt", "userinfo+jwt"];

impl Upstreams {
    /// What UserInfo says: of the same person, or it is not believed.
    pub(super) async fn user_info(
        &self,
        (metadata, connection): (&Metadata, &OidcConnection),
        endpoint: &Url,
        token: &AccessToken,
        payload: &Payload,
        now: DateTime<Utc>,
    ) -> Result<Payload, UpstreamError> {
        let request = http::Request::get(endpoint.as_str())
            .header(header::ACCEPT, "application/json, application/jwt")
            .header(header::AUTHORIZATION, format!("Bearer {}", token.secret()))
            .body(Vec::new())
            .map_err(|_| UpstreamError::Misconfigured("its UserInfo endpoint is no address".into()))?;
        let answer = openidconnect::AsyncHttpClient::call(&self.http, request)
            .await
            .map_err(|error| not_answered(&error))?;
        if !answer.status().is_success() {
            let text = format!("UserInfo was answered with {}", answer.status());
            return Err(UpstreamError::Misconfigured(text));
        }
        let kind = answer.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let more = if kind.eq_ignore_ascii_case("application/jwt") {
            let token = std::str::from_utf8(answer.body()).unwrap_or_default().trim();
            self.signed_user_info((metadata, connection), token, now).await?
        } else {
            egress::json::object(answer.body()).map_err(|_| {
                UpstreamError::Invalid(format!(
                    "UserInfo is neither a JSON object nor a signed JWT, but {}",
                    if kind.is_empty() {
                        "of no type".to_owned()
                    } else {
                        printable(kind)
                    }
                ))
            })?
        };
        // §5.3.2.
        if more.get("sub") == payload.get("sub") {
            Ok(more)
        } else {
            Err(invalid("UserInfo is about somebody else (`sub`)"))
        }
    }

    /// §5.3.2: signed by the upstream, and where it says for whom it is, for us.
    async fn signed_user_info(
        &self,
        (metadata, connection): (&Metadata, &OidcConnection),
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Payload, UpstreamError> {
        let token = Compact::read(token, WHAT, &KINDS)?;
        // Its algorithm is registered apart from that of ID tokens (Registration §2).
        self.believed((metadata, connection), WHAT, now, |metadata| {
            token.signed(metadata).map(|_| ())
        })
        .await?;
        let said = token.payload;
        if said.contains_key("iss") && claims::must(&said, "iss")? != connection.issuer {
            return Err(invalid("the UserInfo answer is another issuer's (`iss`)"));
        }
        if said.contains_key("aud") && !claims::audiences(&said)?.contains(&connection.client_id.as_str()) {
            return Err(invalid("the UserInfo answer is for somebody else (`aud`)"));
        }
        Ok(said)
    }
}
