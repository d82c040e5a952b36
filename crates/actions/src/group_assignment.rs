//! Assigning a guest to a group, and taking them out of it.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    assignment_event::{assigned_to_group, unassigned_from_group},
    group::{Group, GroupAssignment},
    guest::Guest,
};
use sign_in::{Core, guest_life::enter_group};
use store::Tx;

use super::{
    ActionError, By,
    check::{self, Faults},
    groups::{found, revoke_lost},
    guest_life::locked,
    shown_assignment::group_assignment_version,
    sponsors::may_answer_for,
};

/// What an operator says of a guest who comes into a group.
#[derive(Clone, Debug)]
pub struct NewGroupAssignment {
    /// The guest.
    pub guest: Id<Guest>,
    /// The group's name.
    pub group: String,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
    /// Why, as the operator wrote it.
    pub reason: Option<String>,
    /// The person answerable.
    pub sponsor: Option<String>,
}

/// Assigns a guest to a group from now on, or changes the assignment that is there. Where they were not in it, they may use those of its
/// apps as well from which they were sent away before.
///
/// # Errors
///
/// Every field that is wrong; no such guest or group; what is there is not what they have seen who say so.
pub async fn assign_to_group(
    core: &Core,
    by: impl Into<By>,
    new: NewGroupAssignment,
) -> Result<GroupAssignment, ActionError> {
    let by = by.into();
    let now = core.now();
    let mut faults = Faults::default();
    let reason = faults.maybe_line("reason", new.reason.as_deref(), 200);
    let sponsor = faults.maybe_sponsor(new.sponsor.as_deref());
    if new.ends_at.is_some_and(|end| end <= now) {
        faults.add("ends_at", "must lie ahead");
    }
    faults.finish()?;
    let tx = core.store.begin().await?;
    let guest = locked(&tx, new.guest).await?;
    may_answer_for(&tx, &guest, sponsor.as_deref(), now).await?;
    let group = found(&tx, &new.group).await?;
    is_as_seen(&tx, &by, &guest, group.id, now).await?;
    let assignment = GroupAssignment {
        guest: new.guest,
        group: group.id,
        starts_at: now,
        ends_at: new.ends_at,
        reason,
        sponsor,
    };
    let assignment = enter_group(&tx, assignment, now).await?;
    tx.record(assigned_to_group(by.actor, &assignment, &group.name), now)
        .await?;
    tx.commit().await?;
    Ok(assignment)
}

/// Takes a guest out of a group: what its apps hold of them is revoked, unless they have access by other means. Whether anything
/// changed.
///
/// # Errors
///
/// No such guest or group; a reason that is too long; the assignment is not what they have seen who say so.
pub async fn unassign_from_group(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    group: &str,
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    let by = by.into();
    let now = core.now();
    let reason = check::reason(reason)?;
    let tx = core.store.begin().await?;
    let who = locked(&tx, guest).await?;
    let group = found(&tx, group).await?;
    is_as_seen(&tx, &by, &who, group.id, now).await?;
    let held = tx.group_assignment(guest, group.id).await?;
    if !held.is_some_and(|held| held.is_active(now)) {
        return Ok(false);
    }
    tx.end_group_assignment(guest, group.id, now).await?;
    let apps = group.apps.iter().map(|app| (guest, *app)).collect();
    let revoked = revoke_lost(&tx, apps, now).await?;
    let mut event = unassigned_from_group(by.actor, guest, &group.name, revoked);
    if let Some(reason) = reason {
        event = event.reason(reason);
    }
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Refuses an assignment that is not as they have seen it who say so. The guest is locked.
async fn is_as_seen(
    tx: &Tx,
    by: &By,
    guest: &Guest,
    group: Id<Group>,
    now: DateTime<Utc>,
) -> Result<(), ActionError> {
    if !by.has_seen() {
        return Ok(());
    }
    let held = tx.group_assignment(guest.id, group).await?;
    by.check_maybe(held.map(|held| group_assignment_version(&held, guest, now)))
}
