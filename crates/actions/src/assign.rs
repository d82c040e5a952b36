//! Assigning a guest to an app without an invitation, and ending their access to it.

use chrono::{DateTime, Utc};
use domain::{Id, app::App, assignment::Assignment, assignment_event::assigned, guest::Guest};
use sign_in::{
    Core,
    guest_life::{Because, end_access},
};
use store::Tx;

use super::{
    ActionError, By,
    check::{self, Faults},
    guest_life::locked,
    shown_assignment::{assignment_version, own_assignment},
    sponsors::may_answer_for,
};

/// What an operator says of a new assignment.
#[derive(Clone, Debug)]
pub struct NewAssignment {
    /// The guest who gets access.
    pub guest: Id<Guest>,
    /// The app that the guest may use.
    pub app: Id<App>,
    /// From when; `None` is now.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until when.
    pub ends_at: Option<DateTime<Utc>>,
    /// Why the guest gets access, as the operator wrote it.
    pub reason: Option<String>,
    /// The person answerable.
    pub sponsor: Option<String>,
}

/// Assigns a guest to an app, or changes the assignment that is there.
///
/// # Errors
///
/// Every field that is wrong; no such guest or app; what is there is not what they have seen who say so.
pub async fn assign(core: &Core, by: impl Into<By>, new: NewAssignment) -> Result<Assignment, ActionError> {
    let by = by.into();
    let now = core.now();
    let starts_at = new.starts_at.unwrap_or(now);
    let mut faults = Faults::default();
    let reason = faults.maybe_line("reason", new.reason.as_deref(), 200);
    let sponsor = faults.maybe_sponsor(new.sponsor.as_deref());
    if new.ends_at.is_some_and(|end| end <= starts_at || end <= now) {
        faults.add("ends_at", "must lie ahead, and after the start");
    }
    faults.finish()?;
    let assignment = Assignment {
        guest: new.guest,
        app: new.app,
        starts_at,
        ends_at: new.ends_at,
        reason,
        sponsor,
        stands_alone: false,
        group: None,
    };

    let tx = core.store.begin().await?;
    // Locked, so that an answer of the sponsor at the same moment does not undo it.
    let guest = locked(&tx, new.guest).await?;
    is_as_seen(&tx, &by, &guest, new.app, now).await?;
    may_answer_for(&tx, &guest, assignment.sponsor.as_deref(), now).await?;
    if tx.app(new.app).await?.is_none() {
        return Err(ActionError::NotFound {
            what: "app",
            name: new.app.to_string(),
        });
    }
    tx.put_assignment(&assignment).await?;
    tx.record(assigned(by.actor, &assignment), now).await?;
    tx.commit().await?;
    Ok(assignment)
}

/// Ends a guest's access to one app, in one transaction: their assignment is over, invitations to it are revoked, and so are the
/// codes and tokens that it holds. Their session goes on, for other apps. Whether anything changed.
///
/// # Errors
///
/// No such guest; a reason that is too long; their own assignment is not what they have seen who say so.
pub async fn unassign(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    app: Id<App>,
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    let by = by.into();
    let now = core.now();
    let reason = check::reason(reason)?;
    let tx = core.store.begin().await?;
    let guest = locked(&tx, guest).await?;
    is_as_seen(&tx, &by, &guest, app, now).await?;
    let because = Because {
        by: &by.actor,
        reason: reason.as_deref(),
    };
    if !end_access(&tx, because, &guest, app, now).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// Refuses a guest's own assignment that is not as they have seen it who say so. The guest is locked.
async fn is_as_seen(
    tx: &Tx,
    by: &By,
    guest: &Guest,
    app: Id<App>,
    now: DateTime<Utc>,
) -> Result<(), ActionError> {
    if !by.has_seen() {
        return Ok(());
    }
    let held = own_assignment(tx, guest.id, app).await?;
    by.check_maybe(held.map(|held| assignment_version(&held, guest, now)))
}
