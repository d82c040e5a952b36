//! Assigning a guest to an app without an invitation, and ending their access to it.

use chrono::{DateTime, Utc};
use domain::{Id, app::App, assignment::Assignment, assignment_event::assigned, audit::Actor, guest::Guest};
use sign_in::{
    Core,
    guest_life::{Because, end_access},
};

use super::{
    ActionError,
    check::{self, Faults},
    guest_life::locked,
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
pub async fn assign(core: &Core, by: Actor, new: NewAssignment) -> Result<Assignment, ActionError> {
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
    may_answer_for(&tx, &guest, assignment.sponsor.as_deref()).await?;
    if tx.app(new.app).await?.is_none() {
        return Err(ActionError::NotFound {
            what: "app",
            name: new.app.to_string(),
        });
    }
    tx.put_assignment(&assignment).await?;
    tx.record(assigned(by, &assignment), now).await?;
    tx.commit().await?;
    Ok(assignment)
}

/// Ends a guest's access to one app, in one transaction: their assignment is over, invitations to it are revoked, and so are the
/// codes and tokens that it holds. Their session goes on, for other apps. Whether anything changed.
///
/// # Errors
///
/// No such guest; a reason that is too long.
pub async fn unassign(
    core: &Core,
    by: Actor,
    guest: Id<Guest>,
    app: Id<App>,
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    let reason = check::reason(reason)?;
    let tx = core.store.begin().await?;
    let guest = locked(&tx, guest).await?;
    let because = Because {
        by: &by,
        reason: reason.as_deref(),
    };
    if !end_access(&tx, because, &guest, app, core.now()).await? {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}
