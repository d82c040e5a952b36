//! G2e: what is wrong with a code, with its words and its status.

use chrono::{DateTime, TimeDelta, Utc};
use domain::passcode::Alphabet;
use http::{HeaderValue, StatusCode};
use sign_in::passcode::trouble::CodeTrouble;
use web::{
    Frame,
    texts::{Markup, Part, duration, fill},
};

/// How a page tells it.
pub(crate) trait Told {
    /// The answer's status. What was typed cannot be used: 422; a limit: 429.
    fn status(&self) -> StatusCode;
    /// `Retry-After` (RFC 9110 §10.2.3), for a limit that passes.
    fn retry_after(&self, now: DateTime<Utc>) -> Option<HeaderValue>;
    /// Whether the field is to blame, and the message stands at it too.
    fn is_at_field(&self) -> bool;
    /// In words, where codes of that alphabet are asked for.
    fn message(&self, frame: &Frame, alphabet: Alphabet, now: DateTime<Utc>) -> Markup;
}

impl Told for CodeTrouble {
    fn status(&self) -> StatusCode {
        match self {
            Self::Empty
            | Self::Length(_)
            | Self::OtherCharacters
            | Self::Wrong { .. }
            | Self::ExpiredSent
            | Self::ExpiredNewer { .. }
            | Self::ExpiredLater { .. }
            | Self::OtherTab { .. }
            | Self::Used => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Locked { .. }
            | Self::TooSoon { .. }
            | Self::TooManyMails { .. }
            | Self::BusyNetwork { .. }
            | Self::TooManyWrong { .. }
            | Self::Busy { .. }
            | Self::CodesOff => StatusCode::TOO_MANY_REQUESTS,
        }
    }

    fn retry_after(&self, now: DateTime<Utc>) -> Option<HeaderValue> {
        let until = until(self).filter(|_| self.status() == StatusCode::TOO_MANY_REQUESTS)?;
        let millis = (until - now).num_milliseconds().max(0);
        Some(HeaderValue::from((millis + 999) / 1000))
    }

    fn is_at_field(&self) -> bool {
        matches!(
            self,
            Self::Empty
                | Self::Length(_)
                | Self::OtherCharacters
                | Self::Wrong { .. }
                | Self::ExpiredSent
                | Self::ExpiredNewer { .. }
                | Self::ExpiredLater { .. }
                | Self::OtherTab { .. }
                | Self::Used
        )
    }

    fn message(&self, frame: &Frame, alphabet: Alphabet, now: DateTime<Utc>) -> Markup {
        let t = &frame.t.passcode;
        let words = frame.t.of_alphabet(alphabet);
        let plain = |text: &str| frame.mark(text, &[]);
        let later = |text: &str, until: DateTime<Utc>| {
            let minutes = duration(frame.t, until - now);
            frame.mark(
                text,
                &[
                    ("time", Part::ClockFrom(until)),
                    ("minutes", Part::Plain(minutes)),
                    ("contact", frame.contact()),
                ],
            )
        };
        match self {
            Self::Empty => plain(words.empty),
            Self::Length(found) => plain(&fill(words.length, &[("n", &found.to_string())])),
            Self::OtherCharacters => plain(words.other_characters),
            Self::Wrong { left } => {
                let wrong = fill(t.wrong, &[("organisation", &frame.organisation)]);
                plain(&match tries_left(frame, *left) {
                    Some(tries) => format!("{wrong}. {tries}"),
                    None => wrong,
                })
            }
            Self::ExpiredSent => plain(t.expired_sent),
            Self::ExpiredNewer { sent_at } => frame.mark(t.expired_newer, &[("time", Part::Clock(*sent_at))]),
            Self::ExpiredLater { until } => later(t.expired_later, *until),
            Self::OtherTab { started_at, .. } => {
                frame.mark(t.other_tab, &[("time", Part::Clock(*started_at))])
            }
            Self::Used => frame.mark(t.used, &[("contact", frame.contact())]),
            Self::Locked { until } => later(t.locked, *until),
            // Half a minute matters here: to the second.
            Self::TooSoon { until } if *until - now <= TimeDelta::minutes(2) => {
                frame.mark(t.too_soon, &[("time", Part::ClockFromSecond(*until))])
            }
            Self::TooSoon { until } | Self::TooManyMails { until } => later(t.too_many_mails, *until),
            Self::BusyNetwork { until } => later(t.busy_network, *until),
            Self::TooManyWrong { until } => later(t.too_many_wrong, *until),
            Self::Busy { until } => later(t.busy, *until),
            Self::CodesOff => frame.mark(t.codes_off, &[("contact", frame.contact())]),
        }
    }
}

/// When trying again makes sense.
fn until(trouble: &CodeTrouble) -> Option<DateTime<Utc>> {
    match trouble {
        CodeTrouble::ExpiredLater { until }
        | CodeTrouble::Locked { until }
        | CodeTrouble::TooSoon { until }
        | CodeTrouble::TooManyMails { until }
        | CodeTrouble::BusyNetwork { until }
        | CodeTrouble::TooManyWrong { until }
        | CodeTrouble::Busy { until } => Some(*until),
        _ => None,
    }
}

/// «3 tries left»: said once they run short.
fn tries_left(frame: &Frame, left: u32) -> Option<String> {
    let t = &frame.t.passcode;
    let text = match left {
        0 | 4.. => return None,
        1 => t.tries_left_one,
        _ => t.tries_left_other,
    };
    Some(fill(text, &[("n", &left.to_string())]))
}
