//! The authorization code flow with PKCE (OpenID Connect Core §3.1), from the other side.

mod assertion;
mod claims;
mod jws;
mod logout_token;
mod tokens;
mod user_info;
mod verify;

use chrono::{DateTime, Utc};
use domain::upstream::{ClientAuthentication, OidcConnection};
use openidconnect::{
    CsrfToken, LoginHint, Nonce, PkceCodeChallenge, PkceCodeVerifier, Scope,
    core::{CoreAuthPrompt, CoreAuthenticationFlow},
};
use url::Url;

pub use self::{assertion::check_client_key, logout_token::LoggedOut};
pub(crate) use self::{claims::line, jws::is_believed};
use self::{
    jws::{ALGORITHMS, NotSigned},
    tokens::client,
};
use crate::{
    Came, CodeAnswer, Departure, Discovered, UpstreamError, Upstreams,
    answer::answered,
    error::{invalid, tame},
    metadata::Metadata,
};

impl Upstreams {
    /// The address to send a browser to.
    pub(crate) async fn depart_by_oidc(
        &self,
        connection: &OidcConnection,
        departure: &Departure,
        now: DateTime<Utc>,
    ) -> Result<Url, UpstreamError> {
        let metadata = self.metadata(&connection.issuer, now).await?;
        let client = client(&metadata, connection, departure);
        let verifier = PkceCodeVerifier::new(departure.verifier.expose().to_owned());
        let (state, nonce) = (departure.state.clone(), departure.nonce.clone());
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                move || CsrfToken::new(state.expose().to_owned()),
                move || Nonce::new(nonce.expose().to_owned()),
            )
            // The library adds `openid`.
            .add_scopes(
                connection
                    .scopes
                    .iter()
                    .filter(|scope| *scope != "openid")
                    .map(|scope| Scope::new(scope.clone())),
            )
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Some(hint) = &departure.login_hint {
            request = request.set_login_hint(LoginHint::new(hint.clone()));
        }
        if let Some(seconds) = departure.max_age {
            request = request.add_extra_param("max_age", seconds.to_string());
        }
        if departure.prompt_login || departure.ask_anew {
            request = request.add_prompt(CoreAuthPrompt::Login);
        }
        let url = request.url().0;
        // It goes to the browser; what we would not fetch is no place to send a guest to either.
        self.http.check(&url).map_err(|error| {
            UpstreamError::Misconfigured(tame(&format!("the authorization endpoint: {error}")))
        })?;
        Ok(url)
    }

    /// Exchanges what the browser brought back for what the upstream says of its person.
    pub(crate) async fn arrive_by_oidc(
        &self,
        connection: &OidcConnection,
        departure: &Departure,
        answer: CodeAnswer,
        now: DateTime<Utc>,
    ) -> Result<Came, UpstreamError> {
        let metadata = self.metadata(&connection.issuer, now).await?;
        // Before anything else in the answer is believed, errors included (RFC 9207 §2.4).
        response_issuer(answer.iss.as_deref(), &metadata)?;
        let code = answered(answer)?;
        let tokens = self
            .exchange(&metadata, connection, departure, code.expose(), now)
            .await?;
        let id_token = verify::read(tokens.id_token()?)?;
        let access_token = tokens.access_token();
        self.believed((&metadata, connection), "the ID token", now, |metadata| {
            verify::signed(&id_token, metadata, connection, access_token)
        })
        .await??;
        // Signed, and by whom it should be: from here on the payload is theirs.
        verify::check(&id_token.payload, connection, departure, now)?;
        let mut payload = id_token.payload;
        let mut without = None;
        if claims::text(&payload, &connection.claims.email).is_none()
            && let Some(endpoint) = metadata.userinfo_endpoint()
        {
            match self
                .user_info(
                    (&metadata, connection),
                    endpoint.url(),
                    access_token,
                    &payload,
                    now,
                )
                .await
            {
                Ok(more) => claims::add(&mut payload, more, &connection.claims.email),
                // The account may be known: then no address is needed.
                Err(error) => without = Some(error),
            }
        }
        Ok(Came {
            arrival: claims::arrival(&payload, connection)?,
            without_user_info: without,
        })
    }

    /// Asks an upstream what it is, and says what does not fit.
    pub(crate) async fn test_oidc(&self, connection: &OidcConnection) -> Result<Discovered, UpstreamError> {
        let metadata = self.discover(&connection.issuer).await?;
        let mut remarks = Vec::new();
        let methods = metadata.token_endpoint_auth_methods_supported();
        let method = match &connection.client_auth {
            ClientAuthentication::AppleSecret { .. } => "client_secret_post",
            method => method.name(),
        };
        if let Some(methods) = methods
            && !methods.iter().any(|known| known.as_ref() == method)
        {
            remarks.push(format!(
                "it does not list {method} among the ways to prove a client"
            ));
        }
        if !metadata
            .id_token_signing_alg_values_supported()
            .iter()
            .any(|algorithm| ALGORITHMS.contains(algorithm))
        {
            remarks.push("it signs ID tokens by no algorithm that is believed here".into());
        }
        if metadata.token_endpoint().is_none() {
            remarks.push("it has no token endpoint".into());
        }
        if metadata.jwks().keys().is_empty() {
            remarks.push("it publishes no keys".into());
        }
        Ok(Discovered {
            authorization_endpoint: metadata.authorization_endpoint().to_string(),
            token_endpoint: metadata.token_endpoint().map(ToString::to_string),
            keys: metadata.jwks().keys().len(),
            certificates: Vec::new(),
            remarks,
        })
    }

    /// Looks at a signature; an unknown key makes us ask for the keys again (Core §10.1.1).
    async fn believed<T>(
        &self,
        (metadata, connection): (&Metadata, &OidcConnection),
        what: &str,
        now: DateTime<Utc>,
        look: impl Fn(&Metadata) -> Result<T, NotSigned>,
    ) -> Result<T, UpstreamError> {
        let of_it = |error: NotSigned| error.of(what, connection);
        match look(metadata) {
            Err(error) if error.may_be_rotation() => {
                match self.metadata_again(&connection.issuer, now).await? {
                    Some(again) => look(&again).map_err(of_it),
                    None => Err(of_it(error)),
                }
            }
            other => other.map_err(of_it),
        }
    }
}

/// RFC 9207 §2.4: another issuer's answer is refused.
fn response_issuer(iss: Option<&str>, metadata: &Metadata) -> Result<(), UpstreamError> {
    let promised = metadata
        .additional_metadata()
        .authorization_response_iss_parameter_supported;
    match iss {
        Some(iss) if iss == metadata.issuer().as_str() => Ok(()),
        Some(_) => Err(invalid("`iss` names another issuer")),
        None if promised => Err(invalid("`iss` is missing, and the upstream promises it")),
        None => Ok(()),
    }
}
