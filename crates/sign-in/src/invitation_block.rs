//! Guests who do not want to be invited to anything any more, and who think better of it.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
};
use store::{StoreError, Tx};

/// Notes that a guest does not want to be invited any more (`blocked`), or may be again. Invitations that wait stay, and so does
/// access. Whether that is new.
///
/// # Errors
///
/// When the database does not answer.
pub async fn set(
    tx: &Tx,
    by: Actor,
    guest: Id<Guest>,
    blocked: bool,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let (changed, action) = if blocked {
        (
            tx.block_invitations(guest, now).await?,
            Action::InvitationsBlocked,
        )
    } else {
        (tx.allow_invitations(guest).await?, Action::InvitationsAllowed)
    };
    if changed {
        tx.record(AuditEvent::new(action, by).guest(guest), now).await?;
    }
    Ok(changed)
}
