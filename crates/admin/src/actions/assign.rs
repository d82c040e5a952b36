//! Assigning a guest to an app without an invitation.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    app::App,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    invitation::Assignment,
};
use sign_in::Core;

use super::{ActionError, check::Faults};

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
    let sponsor = faults.maybe_line("sponsor", new.sponsor.as_deref(), 200);
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
    };

    let tx = core.store.begin().await?;
    if tx.guest(new.guest).await?.is_none() {
        return Err(ActionError::NotFound {
            what: "guest",
            name: new.guest.to_string(),
        });
    }
    if tx.app(new.app).await?.is_none() {
        return Err(ActionError::NotFound {
            what: "app",
            name: new.app.to_string(),
        });
    }
    tx.put_assignment(&assignment).await?;
    let event = AuditEvent::new(Action::AssignmentAdded, by)
        .guest(new.guest)
        .app(new.app);
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(assignment)
}
