//! A challenge as it is kept, and the event of an answer that was refused.

use domain::{
    audit::{Action, Actor, AuditEvent},
    passkey::{CEREMONY_FOR, Ceremony, CeremonyPurpose, PasskeyRefused},
    sign_in::SignIn,
};

use super::webauthn::Begun;
use crate::visit::Visit;

pub(crate) fn ceremony(visit: &Visit, purpose: CeremonyPurpose, begun: Begun) -> Ceremony {
    Ceremony {
        purpose,
        options: begun.options,
        state: begun.state,
        ends_at: visit.now + CEREMONY_FOR,
    }
}

/// The event of a passkey that was refused. Its actor is a visitor, since no guest is proven.
pub(crate) fn refused(sign_in: &SignIn, purpose: CeremonyPurpose, why: PasskeyRefused) -> AuditEvent {
    AuditEvent::new(Action::PasskeyRefused, Actor::Visitor)
        .app(sign_in.app)
        .sign_in(sign_in.id)
        .reason(why.name())
        .detail("purpose", purpose.name())
}
