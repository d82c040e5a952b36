//! What must hold of an ID token before anything in it is believed.

use chrono::{DateTime, Utc};
use domain::{Secret, upstream::OidcConnection};
use openidconnect::AccessToken;
use serde_json::Value;

use super::{
    claims::{self, Payload, SKEW},
    jws::{Compact, NotSigned},
};
use crate::{Departure, UpstreamError, error::invalid, metadata::Metadata};

/// What a token says of itself in `typ`, where it says anything.
const KINDS: [&str; 1] = ["jwt"];

/// An ID token that was read, of which nothing is believed yet.
pub(super) fn read(id_token: &str) -> Result<Compact<'_>, UpstreamError> {
    Compact::read(id_token, "the ID token", &KINDS)
}

/// That the upstream signed it, and that the access token belongs to it (Core §3.1.3.8).
pub(super) fn signed(
    token: &Compact<'_>,
    metadata: &Metadata,
    connection: &OidcConnection,
    access_token: &AccessToken,
) -> Result<Result<(), UpstreamError>, NotSigned> {
    token.by_agreed_algorithm(metadata, connection)?;
    let key = token.signed(metadata)?;
    Ok(match token.payload.get("at_hash") {
        None => Ok(()),
        Some(Value::String(hash)) if token.half_hash(key, access_token.secret()).as_ref() == Some(hash) => {
            Ok(())
        }
        Some(Value::String(_)) => Err(invalid("`at_hash` names another access token")),
        Some(other) => Err(claims::of_another_type("at_hash", other, "text")),
    })
}

/// Issuer, audience, authorized party, nonce and times (Core §3.1.3.7), and a proof as fresh as it was asked to be.
pub(super) fn check(
    payload: &Payload,
    connection: &OidcConnection,
    departure: &Departure,
    now: DateTime<Utc>,
) -> Result<(), UpstreamError> {
    let must = |name: &str| claims::must(payload, name);
    if must("iss")? != connection.issuer {
        return Err(invalid("`iss` names another issuer"));
    }
    must("sub")?;
    for_us(payload, connection)?;
    match payload.get("nonce") {
        None => {
            return Err(invalid(
                "`nonce` is missing: the upstream must send back the one it was sent",
            ));
        }
        Some(Value::String(nonce)) if departure.nonce.matches(&Secret::presented(nonce.as_str())) => {}
        Some(_) => return Err(invalid("`nonce` belongs to another question")),
    }
    times(payload, now)?;
    fresh(payload, departure)
}

/// Steps 3 to 5: issued to us, and to no other party that is not trusted.
fn for_us(payload: &Payload, connection: &OidcConnection) -> Result<(), UpstreamError> {
    let client_id = connection.client_id.as_str();
    let audiences = claims::audiences(payload)?;
    if !audiences.contains(&client_id) {
        return Err(invalid("`aud` does not name us"));
    }
    let is_trusted =
        |name: &str| name == client_id || connection.trusted_audiences.iter().any(|one| one == name);
    if let Some(other) = audiences.iter().find(|name| !is_trusted(name)) {
        return Err(UpstreamError::Invalid(format!(
            "`aud` names \"{}\" as well as us: if that is as it should be, the setting trusted_audiences takes it",
            crate::error::printable(other)
        )));
    }
    match payload.get("azp") {
        // Where it is for several, it must say who asked for it.
        None if audiences.len() > 1 => Err(invalid(
            "`aud` names several, and `azp` does not say that it was issued to us",
        )),
        None => Ok(()),
        Some(Value::String(party)) if party == client_id => Ok(()),
        Some(Value::String(_)) => Err(invalid("the ID token was issued to another client (`azp`)")),
        Some(other) => Err(claims::of_another_type("azp", other, "text")),
    }
}

/// Steps 9 and 10, and `nbf` (RFC 7519 §4.1.5).
fn times(payload: &Payload, now: DateTime<Utc>) -> Result<(), UpstreamError> {
    let must = |name: &str| {
        claims::moment(payload, name)?.ok_or_else(|| UpstreamError::Invalid(format!("`{name}` is missing")))
    };
    let (expires, issued) = (must("exp")?, must("iat")?);
    if now >= expires + SKEW {
        return Err(UpstreamError::Invalid(format!(
            "the ID token has expired {} seconds ago by our clock; are both clocks right?",
            (now - expires).num_seconds()
        )));
    }
    for (name, at) in [("iat", Some(issued)), ("nbf", claims::moment(payload, "nbf")?)] {
        if let Some(at) = at.filter(|at| *at > now + SKEW) {
            return Err(UpstreamError::Invalid(format!(
                "the ID token is of the future (`{name}`): the upstream's clock is {} seconds ahead of ours, and at most \
                 {} are forgiven",
                (at - now).num_seconds(),
                SKEW.num_seconds()
            )));
        }
    }
    Ok(())
}

/// What was asked for by `max_age` and `prompt` (Core §3.1.2.1).
fn fresh(payload: &Payload, departure: &Departure) -> Result<(), UpstreamError> {
    let auth_time = claims::moment(payload, "auth_time")?;
    // Measured from when they left: what they did there since is fresh, however long it took.
    let left_at = departure.left_at;
    if let Some(max_age) = departure.max_age {
        // An upstream that was asked for `max_age` must send `auth_time`.
        let at = auth_time.ok_or_else(|| invalid("`auth_time` is missing"))?;
        if left_at - at > chrono::TimeDelta::seconds(i64::from(max_age)) + SKEW {
            return Err(invalid("the person proved themselves longer ago than was asked"));
        }
    }
    if departure.prompt_login && auth_time.is_some_and(|at| at < left_at - SKEW) {
        return Err(invalid("the person was not asked anew"));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
