//! The page of a passkey, in its two uses. What happens is in `sign_in::passkey`.

pub(crate) mod enter;
pub(crate) mod make;
mod page;

use chrono::{DateTime, Utc};
use domain::{passkey::CeremonyPurpose, sign_in::SignIn};
use http::{HeaderValue, StatusCode};
use sign_in::{
    Core,
    passkey::{trouble::PasskeyTrouble, webauthn::RelyingParty},
};
use web::{
    Frame, routes,
    texts::{Markup, Part, duration},
};

#[cfg(test)]
pub(crate) use self::page::PasskeyPage;
use crate::visit::PageVisit;

/// How a page tells it.
trait PasskeyTold {
    fn status(&self) -> StatusCode;
    /// `Retry-After` (RFC 9110 §10.2.3), for a limit that passes.
    fn retry_after(&self, now: DateTime<Utc>) -> Option<HeaderValue>;
    fn message(&self, frame: &Frame, purpose: CeremonyPurpose, now: DateTime<Utc>) -> Markup;
}

impl PasskeyTold for PasskeyTrouble {
    fn status(&self) -> StatusCode {
        match self {
            Self::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn retry_after(&self, now: DateTime<Utc>) -> Option<HeaderValue> {
        let Self::Limited { until } = self else {
            return None;
        };
        let millis = (*until - now).num_milliseconds().max(0);
        Some(HeaderValue::from((millis + 999) / 1000))
    }

    fn message(&self, frame: &Frame, purpose: CeremonyPurpose, now: DateTime<Utc>) -> Markup {
        let t = &frame.t.passkey;
        match self {
            Self::Refused if purpose == CeremonyPurpose::Make => frame.mark(t.make_refused, &[]),
            Self::Refused => frame.mark(t.use_refused, &[]),
            Self::Late => frame.mark(t.late, &[]),
            Self::TooMany => frame.mark(t.too_many, &[]),
            Self::Limited { until } => {
                let minutes = Part::Plain(duration(frame.t, *until - now));
                frame.mark(
                    t.limited,
                    &[("time", Part::ClockFrom(*until)), ("minutes", minutes)],
                )
            }
        }
    }
}

/// Where a page leads to sign in with a passkey, if that is possible here.
pub(crate) fn way_in(core: &Core, sign_in: &SignIn) -> Option<String> {
    is_possible(core).then(|| routes::passkey(sign_in.id))
}

/// The same on the first page, and only in a browser where a guest has signed in before: another browser has no passkey
/// that was made in it, and the first visit of all loads no script for it.
pub(crate) fn way_in_of_a_known_browser(visit: &PageVisit) -> Option<String> {
    let known = visit.browser.device.is_some();
    way_in(&visit.core, &visit.sign_in).filter(|_| known)
}

/// Whether guests may register passkeys and sign in with them: it is switched on, and our host can be an RP ID.
pub(crate) fn is_possible(core: &Core) -> bool {
    RelyingParty::of(core).is_some()
}
