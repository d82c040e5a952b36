//! Logout tokens of upstreams (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6).

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64URL_NOPAD;
use domain::upstream::{Account, OidcConnection};
use openidconnect::{
    JsonWebKey as _,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};
use serde_json::{Map, Value};

use super::{
    SKEW,
    claims::{self, Payload},
    invalid,
    verify::ALGORITHMS,
};
use crate::{UpstreamError, Upstreams, metadata::Metadata};

/// The event that makes a token one for signing out.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How old a token may be.
const AGE: TimeDelta = TimeDelta::minutes(5);

/// The longest token that is read, in bytes.
const LENGTH: usize = 16 * 1024;

/// What an upstream says has ended. At least one of the two is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedOut {
    /// The account.
    pub account: Option<Account>,
    /// The session there.
    pub session: Option<String>,
    /// The token's name, by which it counts once.
    pub token: String,
    /// After this the token is too old anyway.
    pub until: DateTime<Utc>,
}

impl Upstreams {
    /// Checks a logout token: signature, issuer, audience, age, event, and that it is no ID token.
    pub(crate) async fn logged_out_by_oidc(
        &self,
        connection: &OidcConnection,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<LoggedOut, UpstreamError> {
        let token = Compact::read(token)?;
        let metadata = self.metadata(&connection.issuer, now).await?;
        if !token.is_signed_by(&metadata)? {
            let again = self.metadata_again(&connection.issuer, now).await?;
            let signed = match again {
                Some(metadata) => token.is_signed_by(&metadata)?,
                None => false,
            };
            if !signed {
                return Err(invalid("the logout token's signature is not good"));
            }
        }
        check(&token.payload, connection, now)
    }
}

/// A compact JWS (RFC 7515 §3.1), of which nothing is believed yet.
struct Compact<'t> {
    message: &'t str,
    signature: Vec<u8>,
    algorithm: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    payload: Payload,
}

impl<'t> Compact<'t> {
    fn read(token: &'t str) -> Result<Self, UpstreamError> {
        let malformed = || invalid("the logout token is no signed JWT");
        if token.len() > LENGTH {
            return Err(malformed());
        }
        let (message, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, _) = message.split_once('.').ok_or_else(malformed)?;
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| malformed());
        let header: Map<String, Value> = serde_json::from_slice(&decode(header)?).map_err(|_| malformed())?;
        if header.contains_key("crit") {
            return Err(invalid("the logout token has extensions that are not known"));
        }
        // §2.4: `logout+jwt` is recommended; a token of another declared kind is none.
        if let Some(kind) = claims::text(&header, "typ")
            && !["logout+jwt", "jwt"].contains(&kind.to_ascii_lowercase().as_str())
        {
            return Err(invalid(
                "the logout token is declared to be of another kind (`typ`)",
            ));
        }
        let algorithm = header
            .get("alg")
            .and_then(|name| serde_json::from_value(name.clone()).ok())
            .filter(|algorithm| ALGORITHMS.contains(algorithm))
            .ok_or_else(|| invalid("the logout token is signed by an algorithm that is not believed"))?;
        Ok(Self {
            message,
            signature: decode(signature)?,
            algorithm,
            kid: claims::text(&header, "kid").map(str::to_owned),
            payload: claims::payload(token)?,
        })
    }

    /// Whether a key that the upstream publishes made the signature.
    fn is_signed_by(&self, metadata: &Metadata) -> Result<bool, UpstreamError> {
        let offered = metadata.id_token_signing_alg_values_supported();
        if !offered.contains(&self.algorithm) {
            return Err(invalid(
                "the logout token is signed by an algorithm that the upstream does not offer",
            ));
        }
        let is_named = |key: &&CoreJsonWebKey| match (&self.kid, key.key_id()) {
            (Some(kid), Some(known)) => **known == *kid,
            _ => true,
        };
        Ok(metadata.jwks().keys().iter().filter(is_named).any(|key| {
            key.verify_signature(&self.algorithm, self.message.as_bytes(), &self.signature)
                .is_ok()
        }))
    }
}

/// §2.6, steps 3 to 8, of a payload whose signature was verified.
fn check(
    payload: &Payload,
    connection: &OidcConnection,
    now: DateTime<Utc>,
) -> Result<LoggedOut, UpstreamError> {
    if claims::text(payload, "iss") != Some(&*connection.issuer) {
        return Err(invalid("the logout token is another issuer's"));
    }
    let for_us = match payload.get("aud") {
        Some(Value::String(one)) => *one == connection.client_id,
        Some(Value::Array(several)) => several.iter().any(|one| *one == *connection.client_id),
        _ => false,
    };
    if !for_us {
        return Err(invalid("the logout token is for somebody else (`aud`)"));
    }
    let issued = claims::moment(payload, "iat")?.ok_or_else(|| invalid("`iat` is missing"))?;
    let expires = claims::moment(payload, "exp")?;
    if issued > now + SKEW || now - issued > AGE || expires.is_some_and(|end| now >= end + SKEW) {
        return Err(invalid("the logout token is too old, or of the future"));
    }
    let is_event = payload
        .get("events")
        .and_then(|events| events.get(EVENT))
        .is_some_and(Value::is_object);
    if !is_event {
        return Err(invalid("the logout token names no back-channel logout event"));
    }
    // What an ID token always has, a logout token never has.
    if payload.contains_key("nonce") {
        return Err(invalid("a logout token has no nonce"));
    }
    let token = claims::text(payload, "jti").ok_or_else(|| invalid("`jti` is missing"))?;
    let session = claims::session(payload);
    let account = if payload.contains_key("sub") {
        // Where other claims name the account, they must be there, or the session alone says whose it is.
        claims::account(payload, connection).ok()
    } else {
        None
    };
    if session.is_none() && account.is_none() {
        return Err(invalid("the logout token names neither an account nor a session"));
    }
    Ok(LoggedOut {
        account,
        session,
        token: token.to_owned(),
        until: issued + AGE + SKEW,
    })
}

#[cfg(test)]
mod tests;
