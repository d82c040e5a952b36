//! Switching sign-in codes on again for an address.

use domain::{
    EmailAddress,
    audit::{Action, Actor, AuditEvent},
    limits::LimitName,
};
use sign_in::Core;
use store::{StoreError, Tx};

use super::ActionError;

/// Forgets the wrong codes that were typed in a row for an address: after `limits.wrong_in_a_row` of them it gets
/// no code until somebody who knows the guest says so. Whether anything was counted. A new invitation does the
/// same. The limits of an hour and of a day stay as they are.
pub async fn reset_codes(core: &Core, by: Actor, email: &EmailAddress) -> Result<bool, ActionError> {
    let tx = core.store.begin().await?;
    let changed = forget(core, &tx, by, email).await?;
    tx.commit().await?;
    Ok(changed)
}

/// The same, within another action.
pub(super) async fn forget(
    core: &Core,
    tx: &Tx,
    by: Actor,
    email: &EmailAddress,
) -> Result<bool, StoreError> {
    let counted = tx
        .reset_limit(LimitName::WrongInARow.name(), &email.counting_key())
        .await?;
    if counted {
        let mut event = AuditEvent::new(Action::CodesReset, by);
        if let Some(guest) = tx.guest_by_email(email).await? {
            event = event.guest(guest.id);
        }
        tx.record(event, core.now()).await?;
    }
    Ok(counted)
}
