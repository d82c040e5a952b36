//! Taking a passkey from a guest: of a device that was lost, or that nobody knows.

use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    passkey::Passkey,
};
use web::Core;

use super::ActionError;

/// Removes a guest's passkey: it signs nobody in any more. Sessions and the method stay; the guest signs in by a code.
/// Whether it was there.
pub async fn remove_passkey(
    core: &Core,
    by: Actor,
    guest: Id<Guest>,
    passkey: Id<Passkey>,
) -> Result<bool, ActionError> {
    let tx = core.store.begin().await?;
    let removed = tx.remove_passkey(guest, passkey).await?;
    if removed {
        let event = AuditEvent::new(Action::PasskeyRemoved, by)
            .guest(guest)
            .detail("passkey", passkey.to_string());
        tx.record(event, core.now()).await?;
        tx.commit().await?;
    }
    Ok(removed)
}
