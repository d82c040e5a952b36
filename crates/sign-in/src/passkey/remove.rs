//! Removing a passkey: of a device that was lost, or that nobody wants to sign in with any more.

use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    passkey::Passkey,
};
use store::StoreError;

use crate::core::Core;

/// Removes a guest's passkey: it no longer signs in. Their sessions that began by a passkey end, with what came of
/// them: which one it was is not kept, and the device may be in other hands. The method stays; the guest signs in by a
/// code. Whether it was there.
///
/// # Errors
///
/// When the database does not answer.
pub async fn remove_passkey(
    core: &Core,
    by: Actor,
    guest: Id<Guest>,
    passkey: Id<Passkey>,
) -> Result<bool, StoreError> {
    let tx = core.store.begin().await?;
    // Locked, so that no sign-in with it is under way.
    tx.lock_guest(guest).await?;
    let removed = tx.remove_passkey(guest, passkey).await?;
    if removed {
        let now = core.now();
        let sessions = tx.end_passkey_sessions_of(guest, now).await?;
        for session in &sessions {
            tx.revoke_grants_of_session(*session, now, true).await?;
        }
        let event = AuditEvent::new(Action::PasskeyRemoved, by)
            .guest(guest)
            .detail("passkey", passkey.to_string())
            .detail("sessions_ended", sessions.len().to_string());
        tx.record(event, now).await?;
        tx.commit().await?;
    }
    Ok(removed)
}
