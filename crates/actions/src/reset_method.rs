//! Forgetting how guests signed in, so that the next time decides anew.

use domain::{
    EmailAddress, Id,
    audit::{Action, AuditEvent},
    guest::Guest,
    life::{GuestAct, NextStatus, next_status},
    method::Method,
};
use sign_in::{Core, guest_life::forget_method};
use store::{GuestFilter, MailKind, MethodChange, OutboxMail, StoreError, Tx};

use super::{
    ActionError, By,
    check::DOMAIN_REFUSED,
    guest_life::{locked_as_seen, not_for},
    pin_method::may_hold,
};

/// How long the mail about it is worth sending.
const MAIL_FOR: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// How many guests are listed, and reset, at most in one go.
pub const AT_ONCE: u64 = 100_000;

/// The guests that match and have a method to forget: who would be reset.
pub async fn guests_with_method(core: &Core, filter: &GuestFilter) -> Result<Vec<Guest>, ActionError> {
    let filter = GuestFilter {
        redeemed: true,
        limit: AT_ONCE,
        ..filter.clone()
    };
    let mut guests = core.store.reader().guests(&filter).await?;
    guests.retain(|guest| may_forget(guest).is_ok());
    Ok(guests)
}

/// Forgets a guest's method. `sub`, assignments and consents stay; accounts at upstreams, passkeys, sessions and tokens
/// end, and the guest is told by mail. Whether there was anything to forget.
pub async fn reset_method(core: &Core, by: impl Into<By>, guest: Id<Guest>) -> Result<bool, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let by = by.into();
    let mut guest = locked_as_seen(&tx, guest, &by).await?;
    let by = by.actor;
    may_forget(&guest)?;
    let Some(event) = forget_method(&tx, &mut guest, Action::MethodReset, by, now).await? else {
        return Ok(false);
    };
    tx.save_guest(&guest).await?;
    tell(core, &tx, &guest, MethodChange::Reset, None).await?;
    tx.record(event, now).await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(true)
}

/// Gives a guest another address and forgets their method: the new mailbox has proven nothing yet. `sub`, assignments,
/// consents and open invitations stay; both addresses are told by mail. A method that an operator pinned is let go where
/// it cannot speak for the new address. An address that another guest has is a conflict.
pub async fn change_address(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    email: &EmailAddress,
) -> Result<(), ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let by = by.into();
    let mut guest = locked_as_seen(&tx, guest, &by).await?;
    let by = by.actor;
    may_forget(&guest)?;
    if let Some(other) = tx.guest_by_email(email).await? {
        return Err(ActionError::Conflict(if other.id == guest.id {
            "the guest has this address already".into()
        } else {
            format!(
                "another guest has this address ({}); where they are one person, merge the two: vestibule merge ask",
                other.id
            )
        }));
    }
    if core.settings.resolution.refuses(email) {
        return Err(ActionError::Conflict(DOMAIN_REFUSED.into()));
    }
    let former = std::mem::replace(&mut guest.email, email.clone());
    guest.email_proven_at = None;
    let unpinned = match guest.pinned_method {
        Some(Method::Upstream(_, id)) => {
            let upstream = tx.upstream(id).await?;
            !upstream.is_some_and(|upstream| may_hold(&upstream, email))
        }
        Some(Method::Passcode) | None => false,
    };
    if unpinned {
        guest.pinned_method = None;
    }
    let event = forget_method(&tx, &mut guest, Action::AddressChanged, by.clone(), now).await?;
    let mut event = event.unwrap_or_else(|| AuditEvent::new(Action::AddressChanged, by).guest(guest.id));
    if unpinned {
        event = event.detail("unpinned", "true");
    }
    guest.updated_at = now;
    // Two operators at once: the database lets one of them.
    tx.save_guest(&guest)
        .await
        .map_err(|error| ActionError::taken(error, || "another guest has this address by now".into()))?;
    tell(core, &tx, &guest, MethodChange::FormerAddress, Some(former)).await?;
    tell(core, &tx, &guest, MethodChange::NewAddress, None).await?;
    tx.record(event, now).await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(())
}

/// Whether there is a way of signing in that could matter: not of one who is out.
fn may_forget(guest: &Guest) -> Result<(), ActionError> {
    match next_status(guest, GuestAct::ResetMethod) {
        NextStatus::No => Err(not_for(guest)),
        NextStatus::To(_) | NextStatus::Gone | NextStatus::Already => Ok(()),
    }
}

/// Puts the mail about it into the outbox: to the guest's address, or to `recipient`.
async fn tell(
    core: &Core,
    tx: &Tx,
    guest: &Guest,
    change: MethodChange,
    recipient: Option<EmailAddress>,
) -> Result<(), StoreError> {
    let now = core.now();
    let kind = MailKind::MethodChanged {
        guest: guest.id,
        change,
    };
    let id = Id::new(now, &*core.entropy);
    let mail = OutboxMail {
        recipient,
        ..OutboxMail::new(id, kind, guest.language.clone(), now, now + MAIL_FOR)
    };
    tx.enqueue(&mail).await?;
    Ok(())
}
