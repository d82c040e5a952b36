//! A guest's life: shutting them out, taking them out of the directory, and the ways back. `domain::life` says what may follow what,
//! and what each act cuts off.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    life::{GuestAct, NextStatus},
    time::rfc3339,
};
use sign_in::{
    Core,
    guest_life::{Because, undergo},
};
use store::{StoreError, Tx};

use super::{ActionError, By, check, merge::is_part_of_another};

/// How many removed guests are erased in one go of the job.
const AT_ONCE: u64 = 50;

/// Shuts a guest out: every session ends, every grant is revoked. Whether anything changed.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such guest; one who was removed or converted; a reason that is too long.
pub async fn block_guest(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    act(
        core,
        by.into(),
        guest,
        (GuestAct::Block, Action::GuestBlocked),
        reason,
    )
    .await
}

/// Lets a blocked guest in again. Sessions and grants stay ended: they prove themselves anew. Whether anything
/// changed.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such guest; one who was removed or converted.
pub async fn unblock_guest(core: &Core, by: impl Into<By>, guest: Id<Guest>) -> Result<bool, ActionError> {
    act(
        core,
        by.into(),
        guest,
        (GuestAct::Unblock, Action::GuestUnblocked),
        None,
    )
    .await
}

/// Takes a guest out of the directory: sessions end, grants and invitations that wait are revoked. They can be restored, as they
/// were, until they are erased. Whether anything changed.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such guest; a reason that is too long.
pub async fn remove_guest(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    act(
        core,
        by.into(),
        guest,
        (GuestAct::Remove, Action::GuestRemoved),
        reason,
    )
    .await
}

/// Notes that a guest works for the organisation by now: no app lets them in as a guest any more. Whether anything changed.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such guest; one who is blocked or was removed; a reason that is too long.
pub async fn convert_guest(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    act(
        core,
        by.into(),
        guest,
        (GuestAct::Convert, Action::GuestConverted),
        reason,
    )
    .await
}

/// Makes a removed or converted guest one again, as they were; who was blocked is blocked. They sign in anew. Whether anything
/// changed.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such guest, or they are erased; one who is blocked; one who was merged into another.
pub async fn restore_guest(core: &Core, by: impl Into<By>, guest: Id<Guest>) -> Result<bool, ActionError> {
    let by = by.into();
    let tx = core.store.begin().await?;
    let guest = locked_as_seen(&tx, guest, &by).await?;
    is_part_of_another(&tx, guest.id).await?;
    let restoring = (GuestAct::Restore, Action::GuestRestored);
    act_in(core, tx, by.actor, guest, restoring, None).await
}

/// Erases a removed guest, for ever: their row and everything about them. Their `sub` is kept and never given to anybody, and the
/// audit log keeps its events, without what says who it was.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such guest; one who was not removed before; a reason that is too long.
pub async fn erase_guest(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    reason: Option<&str>,
) -> Result<(), ActionError> {
    act(
        core,
        by.into(),
        guest,
        (GuestAct::Erase, Action::GuestErased),
        reason,
    )
    .await?;
    Ok(())
}

/// Sets when a guest's access ends, to every app; `None`: never by itself. A moment that has come ends sessions and grants at
/// once. Whether anything changed.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such guest; one who was removed or converted.
pub async fn set_expiry(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    until: Option<DateTime<Utc>>,
) -> Result<bool, ActionError> {
    let now = core.now();
    let by = by.into();
    let tx = core.store.begin().await?;
    let mut guest = locked_as_seen(&tx, guest, &by).await?;
    if guest.undergo(GuestAct::Expire, now) == NextStatus::No {
        return Err(not_for(&guest));
    }
    if guest.valid_until == until {
        return Ok(false);
    }
    let said = |until: Option<DateTime<Utc>>| until.map_or_else(|| "never".to_owned(), rfc3339);
    let mut event = AuditEvent::new(Action::GuestExpirySet, by.actor)
        .guest(guest.id)
        .detail("was", said(guest.valid_until))
        .detail("until", said(until));
    guest.valid_until = until;
    guest.updated_at = now;
    tx.save_guest(&guest).await?;
    if guest.is_expired(now) {
        let went = tx.cut_off(guest.id, GuestAct::Expire.cuts_off(), now).await?;
        event = event.detail("sessions_ended", went.sessions.to_string());
    }
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Erases guests who were removed longer ago than they are kept, some at a time; says how many.
///
/// # Errors
///
/// When the database does not answer.
pub async fn erase_removed(core: &Core) -> Result<usize, StoreError> {
    let due = core.now() - core.settings.removed_kept_for;
    let mut erased = 0;
    for id in core.store.reader().removed_before(due, AT_ONCE).await? {
        let tx = core.store.begin().await?;
        // Restored, or erased, since it was read: another replica does the same.
        let Some(mut guest) = tx.lock_guest(id).await?.filter(|guest| guest.status_since <= due) else {
            continue;
        };
        let because = Because {
            by: &Actor::System,
            reason: Some("removed_long_ago"),
        };
        let what = (GuestAct::Erase, Action::GuestErased);
        if undergo(&tx, because, &mut guest, what, core.now()).await? != NextStatus::Gone {
            continue;
        }
        tx.commit().await?;
        erased += 1;
    }
    Ok(erased)
}

/// One act, with all that it cuts off, and its event, in one transaction.
async fn act(
    core: &Core,
    by: By,
    guest: Id<Guest>,
    what: (GuestAct, Action),
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    let reason = check::reason(reason)?;
    let tx = core.store.begin().await?;
    let guest = locked_as_seen(&tx, guest, &by).await?;
    act_in(core, tx, by.actor, guest, what, reason.as_deref()).await
}

/// The same in a transaction that has locked the guest; it ends with it.
pub(super) async fn act_in(
    core: &Core,
    tx: Tx,
    by: Actor,
    mut guest: Guest,
    what: (GuestAct, Action),
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    let because = Because { by: &by, reason };
    let next = undergo(&tx, because, &mut guest, what, core.now()).await?;
    match next {
        NextStatus::Already => return Ok(false),
        NextStatus::No => return Err(not_for(&guest)),
        NextStatus::To(_) | NextStatus::Gone => {}
    }
    tx.commit().await?;
    Ok(true)
}

/// Why an act is not for a guest of that status, and what would have to be done before.
pub(super) fn not_for(guest: &Guest) -> ActionError {
    use domain::guest::GuestStatus::{Active, Blocked, Converted, Invited, Removed};
    let advice = match guest.status {
        Invited | Active => "remove them first",
        Blocked => "unblock them first",
        Converted | Removed => "restore them first",
    };
    let status = match guest.status {
        Invited | Active => "in the directory",
        Blocked | Converted | Removed => guest.status.name(),
    };
    ActionError::Conflict(format!("the guest is {status}: {advice}"))
}

/// The guest of that row, locked until the transaction ends.
pub(super) async fn locked(tx: &Tx, guest: Id<Guest>) -> Result<Guest, ActionError> {
    tx.lock_guest(guest).await?.ok_or_else(|| ActionError::NotFound {
        what: "guest",
        name: guest.to_string(),
    })
}

/// The same, where it is what they have seen who say so.
pub(super) async fn locked_as_seen(tx: &Tx, guest: Id<Guest>, by: &By) -> Result<Guest, ActionError> {
    let guest = locked(tx, guest).await?;
    by.check(&guest)?;
    Ok(guest)
}
