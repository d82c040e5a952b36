//! Keeping a sign-in that begins.

use domain::{
    access::AccessRefusal,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    limits::LimitName,
    sign_in::SignIn,
};
use store::{StoreError, Tx};

use crate::core::Core;

/// Keeps a sign-in, and that its guest is `refused` at once, in the caller's transaction. One network begins only so many in an
/// hour: rows are for guests, not for floods. Whether it was kept.
///
/// # Errors
///
/// When the database does not answer.
pub async fn keep(
    core: &Core,
    tx: &Tx,
    sign_in: &SignIn,
    network: &str,
    refused: Option<(AccessRefusal, &Guest)>,
) -> Result<bool, StoreError> {
    let now = sign_in.started_at;
    let name = LimitName::SignInsPerNetworkHour;
    let limit = core.settings.limits[name];
    let taken = tx.take(name.name(), network, limit, now).await?;
    if !taken.is_allowed() {
        return Ok(false);
    }
    tx.insert_sign_in(sign_in).await?;
    if let Some(invitation) = sign_in.invitation
        && let Some(guest) = tx.open_invitation(invitation, now).await?
    {
        let event = AuditEvent::new(Action::InvitationOpened, Actor::Visitor)
            .guest(guest)
            .app(sign_in.app)
            .sign_in(sign_in.id)
            .detail("invitation", invitation.to_string());
        tx.record(event, now).await?;
    }
    if let Some((refusal, guest)) = refused {
        let event = AuditEvent::new(Action::AccessRefused, Actor::Guest(guest.id))
            .guest(guest.id)
            .app(sign_in.app)
            .sign_in(sign_in.id)
            .reason(refusal.name());
        tx.record(event, now).await?;
    }
    Ok(true)
}
