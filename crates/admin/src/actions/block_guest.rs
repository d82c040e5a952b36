//! Shutting a guest out, and letting them in again.

use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::{Guest, GuestStatus},
};
use sign_in::Core;
use store::Tx;

use super::{ActionError, check};

/// Shuts a guest out: the status changes, every session ends, every grant is revoked, in one transaction.
/// Whether anything changed.
pub async fn block_guest(
    core: &Core,
    by: Actor,
    guest: Id<Guest>,
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    let reason = check::reason(reason)?;
    let now = core.now();
    let tx = core.store.begin().await?;
    let mut guest = locked(&tx, guest).await?;
    if guest.status == GuestStatus::Blocked {
        return Ok(false);
    }
    guest.status = GuestStatus::Blocked;
    guest.updated_at = now;
    tx.save_guest(&guest).await?;
    let sessions = tx.end_sessions_of(guest.id, now).await?;
    tx.revoke_grants_of_guest(guest.id, now).await?;
    let mut event = AuditEvent::new(Action::GuestBlocked, by)
        .guest(guest.id)
        .detail("sessions_ended", sessions.len().to_string());
    if let Some(reason) = reason {
        event = event.reason(reason);
    }
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Lets a blocked guest in again. Sessions and grants stay ended: they prove themselves anew. Whether anything
/// changed.
pub async fn unblock_guest(core: &Core, by: Actor, guest: Id<Guest>) -> Result<bool, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let mut guest = locked(&tx, guest).await?;
    if guest.status != GuestStatus::Blocked {
        return Ok(false);
    }
    guest.status = if guest.redeemed_at.is_some() {
        GuestStatus::Active
    } else {
        GuestStatus::Invited
    };
    guest.updated_at = now;
    tx.save_guest(&guest).await?;
    let event = AuditEvent::new(Action::GuestUnblocked, by).guest(guest.id);
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(true)
}

pub(super) async fn locked(tx: &Tx, guest: Id<Guest>) -> Result<Guest, ActionError> {
    tx.lock_guest(guest).await?.ok_or_else(|| ActionError::NotFound {
        what: "guest",
        name: guest.to_string(),
    })
}
