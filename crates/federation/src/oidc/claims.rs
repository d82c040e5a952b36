//! What the payload of a verified ID token says, and what must hold of it beyond what the library checks.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress,
    time::from_millis,
    upstream::{Account, Arrival, OidcConnection},
};
use serde_json::{Map, Value};

use crate::error::{UpstreamError, invalid, printable};

/// How far an upstream's clock may be off.
pub(super) const SKEW: TimeDelta = TimeDelta::seconds(60);

/// Claims by name.
pub(super) type Payload = Map<String, Value>;

/// So many names of claims are kept for operators.
const NAMES_MAX: usize = 64;

/// A claim that is used and is of another JSON type than it must be: its name, its type, what was wanted, and never its
/// value.
pub(super) fn of_another_type(name: &str, value: &Value, wanted: &str) -> UpstreamError {
    UpstreamError::Invalid(format!(
        "`{name}` is {}, and {wanted} was expected",
        type_of(value)
    ))
}

/// The JSON type of a value, in words.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(text) if text.is_empty() => "empty",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// A claim that must be there, as text.
pub(super) fn must<'a>(payload: &'a Payload, name: &str) -> Result<&'a str, UpstreamError> {
    match payload.get(name) {
        None => Err(UpstreamError::Invalid(format!("`{name}` is missing"))),
        Some(Value::String(text)) if !text.is_empty() => Ok(text),
        Some(other) => Err(of_another_type(name, other, "text")),
    }
}

/// `aud`: one audience as text, or a list of them (RFC 7519 §4.1.3).
pub(super) fn audiences(payload: &Payload) -> Result<Vec<&str>, UpstreamError> {
    match payload.get("aud") {
        None => Err(invalid("`aud` is missing")),
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(several)) => several
            .iter()
            .map(|one| one.as_str().ok_or_else(|| of_another_type("aud", one, "text")))
            .collect(),
        Some(other) => Err(of_another_type("aud", other, "text or a list")),
    }
}

/// Whether the upstream has verified the address, by the claim that speaks of the claim `email` and of no other (threat
/// R01): `None` where it does not say. Text counts where the tenant is set so; a denial counts however it is written.
fn email_verified(payload: &Payload, connection: &OidcConnection) -> Option<bool> {
    if connection.claims.email != "email" {
        return None;
    }
    let said = payload.get("email_verified")?;
    match said {
        Value::Bool(said) => Some(*said),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::String(text) if text == "true" && connection.email_verified_as_text => Some(true),
        other => {
            let setting = if other == "true" {
                "; the setting email_verified_as_text takes it"
            } else {
                ""
            };
            tracing::warn!(
                issuer = connection.issuer,
                "`email_verified` is {}, and a boolean was expected: it counts for nothing{setting}",
                type_of(other)
            );
            None
        }
    }
}

/// The claims as the connection names them.
pub(super) fn arrival(payload: &Payload, connection: &OidcConnection) -> Result<Arrival, UpstreamError> {
    let names = &connection.claims;
    let mut amr: Vec<String> = match payload.get("amr") {
        // Some write their only method without a list.
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several
            .iter()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .take(16)
            .collect(),
        _ => Vec::new(),
    };
    let acr = text(payload, "acr");
    if acr.is_some_and(|acr| connection.mfa_contexts.iter().any(|context| context == acr)) {
        amr.push("mfa".to_owned());
    }
    let mut said: Vec<String> = payload.keys().map(|name| printable(name)).collect();
    said.sort_unstable();
    said.truncate(NAMES_MAX);
    Ok(Arrival {
        account: account(payload, connection)?,
        email: text(payload, &names.email).and_then(|text| EmailAddress::parse_asserted(text).ok()),
        email_verified: email_verified(payload, connection),
        name: text(payload, &names.name).and_then(line),
        locale: text(payload, "locale")
            .filter(|tag| is_tag(tag))
            .map(str::to_owned),
        amr,
        auth_time: moment(payload, "auth_time")?,
        session: session(payload),
        said,
    })
}

/// Lays what UserInfo says beside what was signed, which goes first. The address and whether it is verified are said in one
/// place.
pub(super) fn add(payload: &mut Payload, more: Payload, email: &str) {
    payload.remove("email_verified");
    payload.remove(email);
    for (name, value) in more {
        payload.entry(name).or_insert(value);
    }
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
            let value = must(payload, name)?;
            if value.len() > 255 || value.trim().len() != value.len() || value.chars().any(char::is_control) {
                return Err(UpstreamError::Invalid(format!(
                    "the claim `{name}`, which names the account, is longer than 255 bytes, or has control characters, or \
                     white space at its ends"
                )));
            }
            Ok(value)
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
            None => Err(of_another_type(name, value, "a number of seconds")),
            Some(_) => Err(UpstreamError::Invalid(format!("`{name}` is no time that can be"))),
        },
    }
}

#[cfg(test)]
mod tests;
