//! What a form was answered with, carried over the redirect to the page that says so: in a cookie of a minute,
//! for the one sign-in it belongs to. Every page thus stands at a GET, and no reload and no back button asks the
//! guest to send a form twice.

use axum::response::{IntoResponse, Response};
use chrono::{DateTime, TimeDelta};
use data_encoding::BASE64URL_NOPAD;
use domain::{Id, sign_in::SignIn};
use http::{HeaderMap, header};
use serde::{Deserialize, Serialize};
use sign_in::{Core, passcode::trouble::CodeTrouble, passkey};
use web::{cookies, see_other};

use crate::visit::PageVisit;

/// How long it is good for: the redirect, on the slowest of lines.
const LIFETIME: TimeDelta = TimeDelta::seconds(60);
/// The most bytes of what was typed, as JSON writes it: a cookie holds 4 kB (RFC 6265 §6.1), base64 included.
const TYPED_MAX: usize = 1_500;

/// What the page shows besides itself. Holds what was typed, so it has no `Debug`.
#[derive(Clone, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Flash {
    /// The address page: what was typed, and why no mail went there. What is wrong with the text itself, the page
    /// finds again.
    Address {
        typed: String,
        trouble: Option<CodeTrouble>,
    },
    /// The page that confirms an address.
    Send { trouble: CodeTrouble },
    /// The page of a passkey.
    Passkey {
        trouble: passkey::trouble::PasskeyTrouble,
    },
    /// The code page.
    Code {
        code: String,
        shared: bool,
        /// Whether a passkey is wanted.
        #[serde(default)]
        passkey: bool,
        trouble: Option<CodeTrouble>,
    },
}

#[derive(Deserialize, Serialize)]
struct Carried {
    sign_in: String,
    /// When, in milliseconds.
    at: i64,
    again: Flash,
}

/// 303 to `page`, a page of the visit's sign-in, with what it shall say.
pub(crate) fn go(visit: &PageVisit, page: &str, again: Flash) -> Response {
    let carried = Carried {
        sign_in: visit.sign_in.id.to_string(),
        at: visit.now.timestamp_millis(),
        again: again.shortened(),
    };
    let mut response = see_other(page);
    // Text, numbers and names of variants: JSON holds them all.
    if let Ok(json) = serde_json::to_vec(&carried) {
        let value = BASE64URL_NOPAD.encode(&json);
        let cookie = cookies::carry(&visit.core.settings.issuer, &value, LIFETIME);
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// What was carried here, for this sign-in. Anything else in the cookie is passed over.
pub(super) fn read(headers: &HeaderMap, core: &Core, sign_in: Id<SignIn>) -> Option<Flash> {
    let value = cookies::carried(headers, &core.settings.issuer)?;
    let json = BASE64URL_NOPAD.decode(value.as_bytes()).ok()?;
    let carried: Carried = serde_json::from_slice(&json).ok()?;
    let age = core.now() - DateTime::from_timestamp_millis(carried.at)?;
    // The clock may be another replica's: a little ahead of ours.
    let fresh = age.abs() < LIFETIME;
    (fresh && carried.sign_in == sign_in.to_string()).then_some(carried.again)
}

/// The page that has said it: once is enough.
pub(crate) fn said(visit: &PageVisit, page: impl IntoResponse) -> Response {
    let mut response = page.into_response();
    if visit.flash.is_some() {
        let cleared = cookies::drop_carried(&visit.core.settings.issuer);
        response.headers_mut().append(header::SET_COOKIE, cleared);
    }
    response
}

impl Flash {
    fn shortened(mut self) -> Self {
        if let Self::Address { typed: text, .. } | Self::Code { code: text, .. } = &mut self {
            let mut length = 0;
            let end = text.char_indices().find_map(|(at, char)| {
                length += written(char);
                (length > TYPED_MAX).then_some(at)
            });
            text.truncate(end.unwrap_or(text.len()));
        }
        self
    }
}

/// How many bytes JSON takes for a character (RFC 8259 §7).
fn written(char: char) -> usize {
    match char {
        '"' | '\\' => 2,
        char if char.is_control() => 6,
        char => char.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trouble_survives_the_way() {
        let at = DateTime::from_timestamp_millis(1_800_000_000_123).unwrap();
        let sign_in = test_support::samples::id();
        let troubles = [
            CodeTrouble::Empty,
            CodeTrouble::Length(5),
            CodeTrouble::OtherCharacters,
            CodeTrouble::Wrong { left: 2 },
            CodeTrouble::ExpiredSent,
            CodeTrouble::ExpiredNewer { sent_at: at },
            CodeTrouble::ExpiredLater { until: at },
            CodeTrouble::OtherTab {
                sign_in,
                started_at: at,
            },
            CodeTrouble::Used,
            CodeTrouble::Locked { until: at },
            CodeTrouble::TooSoon { until: at },
            CodeTrouble::TooManyMails { until: at },
            CodeTrouble::BusyNetwork { until: at },
            CodeTrouble::TooManyWrong { until: at },
            CodeTrouble::Busy { until: at },
            CodeTrouble::CodesOff,
        ];
        for trouble in troubles {
            let json = serde_json::to_string(&trouble).unwrap();
            assert_eq!(
                serde_json::from_str::<CodeTrouble>(&json).unwrap(),
                trouble,
                "{json}"
            );
        }
    }

    #[test]
    fn every_trouble_of_a_passkey_survives_the_way() {
        let until = DateTime::from_timestamp_millis(1_800_000_000_123).unwrap();
        for trouble in [
            passkey::trouble::PasskeyTrouble::Refused,
            passkey::trouble::PasskeyTrouble::Late,
            passkey::trouble::PasskeyTrouble::TooMany,
            passkey::trouble::PasskeyTrouble::Limited { until },
        ] {
            let json = serde_json::to_string(&trouble).unwrap();
            let back: passkey::trouble::PasskeyTrouble = serde_json::from_str(&json).unwrap();
            assert_eq!(back, trouble, "{json}");
        }
    }

    #[test]
    fn what_was_typed_fits_into_a_cookie() {
        for text in [
            "ä".repeat(5_000),
            "\"".repeat(5_000),
            "\u{1}".repeat(5_000),
            "a".repeat(1_114),
        ] {
            let again = Flash::Address {
                typed: text.clone(),
                trouble: None,
            }
            .shortened();
            let Flash::Address { typed, .. } = &again else {
                unreachable!()
            };
            assert!(text.starts_with(typed.as_str()));
            let length: usize = typed.chars().map(written).sum();
            assert!(typed.len() == text.len() || length >= TYPED_MAX - 6);
            let json = serde_json::to_vec(&again).unwrap();
            assert!(BASE64URL_NOPAD.encode(&json).len() < 3_000);
        }
    }
}
