//! Assignments as programs see them: each with its guest, and whether it counts.

use chrono::{DateTime, Utc};
use domain::{Id, app::App, assignment::Assignment, group::GroupAssignment, guest::Guest};
use store::{Db, Reads, StoreError};

use super::Version;

/// A guest's own assignment to an app, also one that is over.
///
/// # Errors
///
/// When the database does not answer.
pub async fn own_assignment<C: Reads>(
    db: &Db<C>,
    guest: Id<Guest>,
    app: Id<App>,
) -> Result<Option<Assignment>, StoreError> {
    let mut held = db.assignments_of(guest).await?.into_iter();
    Ok(held.find(|held| held.app == app && held.group.is_none()))
}

/// What an assignment to an app is at that moment: of everything that is shown.
pub fn assignment_version(held: &Assignment, guest: &Guest, now: DateTime<Utc>) -> Version {
    Version::of(&(held, held.is_active(now), &guest.email))
}

/// What an assignment to a group is at that moment: of everything that is shown.
pub fn group_assignment_version(held: &GroupAssignment, guest: &Guest, now: DateTime<Utc>) -> Version {
    Version::of(&(held, held.is_active(now), &guest.email))
}
