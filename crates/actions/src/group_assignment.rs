//! Assigning a guest to a group, and taking them out of it.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    assignment_event::{assigned_to_group, unassigned_from_group},
    group::GroupAssignment,
    guest::Guest,
};
use sign_in::Core;

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
    let before = tx.group_assignment(new.guest, group.id).await?;
    let version = |held| group_assignment_version(held, &guest, now);
    by.check_maybe(before.as_ref().map(version))?;
    let before = before.filter(|before| before.is_active(now));
    // Who is in it already may have been sent away from one of its apps, and is not let in again by the way.
    if before.is_none() {
        tx.count_groups(new.guest, group.id).await?;
    }
    let assignment = GroupAssignment {
        guest: new.guest,
        group: group.id,
        starts_at: before.map_or(now, |before| before.starts_at),
        ends_at: new.ends_at,
        reason,
        sponsor,
    };
    tx.put_group_assignment(&assignment).await?;
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
    let held = tx.group_assignment(guest, group.id).await?;
    let version = |held| group_assignment_version(held, &who, now);
    by.check_maybe(held.as_ref().map(version))?;
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
