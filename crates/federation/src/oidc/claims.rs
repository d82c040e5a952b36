//! What the payload of a verified ID token says, and what must hold of it beyond what the library checks.

use chrono::{DateTime, Utc};
use data_encoding::BASE64URL_NOPAD;
use domain::{
    EmailAddress,
    time::from_millis,
    upstream::{Account, Arrival, OidcConnection},
};
use serde_json::{Map, Value};

use super::{SKEW, invalid};
use crate::{Departure, UpstreamError};

/// Claims by name.
pub(super) type Payload = Map<String, Value>;

/// The payload of a compact JWS (RFC 7515 §3.1) whose signature was verified.
pub(super) fn payload(token: &str) -> Result<Payload, UpstreamError> {
    let part = token.split('.').nth(1).unwrap_or_default();
    let bytes = BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|_| invalid("the ID token's payload is not base64url"))?;
    serde_json::from_slice(&bytes).map_err(|_| invalid("the ID token's payload is no JSON object"))
}

/// Issued to us (which the library leaves to its callers), with times that are numbers, and a proof as fresh as it
/// was asked to be.
pub(super) fn check(
    payload: &Payload,
    client_id: &str,
    departure: &Departure,
    now: DateTime<Utc>,
) -> Result<(), UpstreamError> {
    // Core §3.1.3.7, steps 4 and 5.
    if payload.get("azp").is_some_and(|party| party != client_id) {
        return Err(invalid("the ID token was issued to another client (`azp`)"));
    }
    if moment(payload, "nbf")?.is_some_and(|nbf| nbf > now + SKEW) {
        return Err(invalid("the ID token is not valid yet"));
    }
    let auth_time = moment(payload, "auth_time")?;
    // Measured from when they left: what they did there since is fresh, however long it took.
    let left_at = departure.left_at;
    if let Some(max_age) = departure.max_age {
        // Core §3.1.2.1: whoever was asked for `max_age` must say `auth_time`.
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

/// The claims as the connection names them.
pub(super) fn arrival(payload: &Payload, connection: &OidcConnection) -> Result<Arrival, UpstreamError> {
    let names = &connection.claims;
    let mut amr: Vec<String> = payload
        .get("amr")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|value| value.as_str().map(str::to_owned))
        .take(16)
        .collect();
    let acr = text(payload, "acr");
    if acr.is_some_and(|acr| connection.mfa_contexts.iter().any(|context| context == acr)) {
        amr.push("mfa".to_owned());
    }
    Ok(Arrival {
        account: account(payload, connection)?,
        email: text(payload, &names.email).and_then(|text| EmailAddress::parse_asserted(text).ok()),
        // It speaks of the claim `email` and of no other (threat R01).
        email_verified: names.email == "email" && payload.get("email_verified") == Some(&Value::Bool(true)),
        name: text(payload, &names.name).and_then(line),
        locale: text(payload, "locale")
            .filter(|tag| is_tag(tag))
            .map(str::to_owned),
        amr,
        auth_time: moment(payload, "auth_time")?,
        session: session(payload),
    })
}

/// The `sid` (Front-Channel Logout §3).
pub(super) fn session(payload: &Payload) -> Option<String> {
    text(payload, "sid")
        .filter(|sid| sid.len() <= 255)
        .map(str::to_owned)
}

/// The account that the claims name.
pub(super) fn account(payload: &Payload, connection: &OidcConnection) -> Result<Account, UpstreamError> {
    let parts: Vec<&str> = connection
        .claims
        .subject
        .iter()
        .map(|name| {
            text(payload, name)
                .filter(|value| value.len() <= 255 && value.trim().len() == value.len())
                .ok_or_else(|| {
                    invalid(&format!(
                        "the claim `{name}`, which names the account, is missing, longer than 255 bytes, or has white \
                         space at its ends"
                    ))
                })
        })
        .collect::<Result<_, _>>()?;
    Ok(Account {
        issuer: connection.issuer.clone(),
        // A line break is in no identifier, so no two lists of parts are the same text.
        subject: parts.join("\n"),
    })
}

pub(super) fn text<'a>(payload: &'a Payload, name: &str) -> Option<&'a str> {
    payload
        .get(name)
        .and_then(Value::as_str)
        .filter(|text| !text.is_empty() && !text.chars().any(char::is_control))
}

/// A name that fits on a page: one line of at most 120 characters.
pub(crate) fn line(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty() && text.chars().count() <= 120).then(|| text.to_owned())
}

/// BCP 47, as far as it matters here.
fn is_tag(tag: &str) -> bool {
    tag.len() <= 35
        && tag
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A `NumericDate` (RFC 7519 §2), which must be a number: text is refused, not read.
pub(super) fn moment(payload: &Payload, name: &str) -> Result<Option<DateTime<Utc>>, UpstreamError> {
    match payload.get(name) {
        None => Ok(None),
        Some(value) => match value.as_f64() {
            Some(seconds) if (0.0..1e11).contains(&seconds) => {
                #[expect(clippy::cast_possible_truncation, reason = "the range was just checked")]
                let millis = (seconds * 1000.0) as i64;
                Ok(Some(from_millis(millis)))
            }
            _ => Err(invalid(&format!("`{name}` is not a number of seconds"))),
        },
    }
}

#[cfg(test)]
mod tests;
