//! Logout tokens of upstreams (OpenID Connect Back-Channel Logout 1.0 §2.4, §2.6).

use chrono::{DateTime, TimeDelta, Utc};
use domain::upstream::{Account, OidcConnection};
use serde_json::Value;

use super::{
    claims::{self, Payload, SKEW},
    jws::Compact,
};
use crate::{UpstreamError, Upstreams, error::invalid};

/// The event that makes a token one for signing out.
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// How old a token may be.
const AGE: TimeDelta = TimeDelta::minutes(5);

/// §2.4: `logout+jwt` is recommended.
const KINDS: [&str; 2] = ["logout+jwt", "jwt"];

/// What one is called in errors.
const WHAT: &str = "the logout token";

fn read(token: &str) -> Result<Compact<'_>, UpstreamError> {
    Compact::read(token, WHAT, &KINDS)
}

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
        let token = read(token)?;
        let metadata = self.metadata(&connection.issuer, now).await?;
        self.believed((&metadata, connection), WHAT, now, |metadata| {
            token.by_agreed_algorithm(metadata, connection)?;
            token.signed(metadata).map(|_| ())
        })
        .await?;
        check(&token.payload, connection, now)
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
    let for_us = claims::audiences(payload)?.contains(&connection.client_id.as_str());
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
