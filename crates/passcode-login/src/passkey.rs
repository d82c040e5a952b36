//! Passkeys: registered after a code, and the way back in wherever a code would be. What may be is decided in
//! `domain::passkey`; what an authenticator answers is verified in `passkey/webauthn.rs`, the only file that names
//! webauthn-rs.

mod enter;
mod make;
mod page;
mod webauthn;

use chrono::{DateTime, Utc};
use domain::{
    audit::{Action, Actor, AuditEvent},
    passkey::{Ceremony, Purpose, Refused},
    sign_in::SignIn,
};
use http::{HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use sign_in::Core;
use web::{
    Frame, routes,
    texts::{Markup, Part, duration},
};

pub(crate) use self::make::offer;
#[cfg(test)]
pub(crate) use self::page::PasskeyPage;
use self::webauthn::RelyingParty;
use crate::{again::moment, visit::PageVisit};

/// `GET` and `POST /signin/{sign_in}/passkey`: sign in with one.
pub(crate) mod entering {
    pub(crate) use super::enter::{show, submit};
}

/// `GET` and `POST /signin/{sign_in}/new-passkey`: register one.
pub(crate) mod making {
    pub(crate) use super::make::{show, submit};
}

/// What is wrong, as the guest is told: one thing for every reason why a passkey is refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Trouble {
    /// It was refused.
    Refused,
    /// The page had waited too long.
    Late,
    /// The guest has as many as one may have.
    TooMany,
    /// Too many tries.
    Limited {
        /// Until when.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
}

impl From<Refused> for Trouble {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoChallenge | Refused::Late => Self::Late,
            Refused::TooMany => Self::TooMany,
            _ => Self::Refused,
        }
    }
}

impl Trouble {
    fn status(&self) -> StatusCode {
        match self {
            Self::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    /// `Retry-After` (RFC 9110 §10.2.3), for a limit that passes.
    fn retry_after(&self, now: DateTime<Utc>) -> Option<HeaderValue> {
        let Self::Limited { until } = self else {
            return None;
        };
        let millis = (*until - now).num_milliseconds().max(0);
        Some(HeaderValue::from((millis + 999) / 1000))
    }

    fn message(&self, frame: &Frame, purpose: Purpose, now: DateTime<Utc>) -> Markup {
        let t = &frame.t.passkey;
        match self {
            Self::Refused if purpose == Purpose::Make => frame.mark(t.make_refused, &[]),
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

/// The same on the first page, and only in a browser where somebody has signed in before: nobody else's has a passkey
/// that was made in it, and the first visit of all loads no script for it.
pub(crate) fn way_in_of_a_known_browser(visit: &PageVisit) -> Option<String> {
    let known = visit.browser.device.is_some();
    way_in(&visit.core, &visit.sign_in).filter(|_| known)
}

/// Whether guests may register passkeys and sign in with them: it is switched on, and our host can be an RP ID.
pub(crate) fn is_possible(core: &Core) -> bool {
    RelyingParty::of(core).is_some()
}

fn ceremony(visit: &PageVisit, purpose: Purpose, begun: webauthn::Begun) -> Ceremony {
    Ceremony {
        purpose,
        options: begun.options,
        state: begun.state,
        ends_at: visit.now + domain::passkey::CEREMONY_FOR,
    }
}

/// The event of a passkey that was refused. Nobody is proven, so it is a visitor's.
fn refused(sign_in: &SignIn, purpose: Purpose, why: Refused) -> AuditEvent {
    AuditEvent::new(Action::PasskeyRefused, Actor::Visitor)
        .app(sign_in.app)
        .sign_in(sign_in.id)
        .reason(why.name())
        .detail("purpose", purpose.name())
}
