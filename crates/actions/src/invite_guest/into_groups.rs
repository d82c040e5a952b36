//! The groups into which an invitation brings its guest.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use domain::{group::Group, guest::Guest, invitation::Invitation};
use store::{Db, Reads, StoreError};

use crate::{ActionError, check::Faults};

/// The most groups of one invitation.
const MOST: usize = 50;

/// The groups of these names, each once.
pub(super) async fn groups_called<C: Reads>(db: &Db<C>, names: &[String]) -> Result<Vec<Group>, ActionError> {
    let mut faults = Faults::default();
    let names: BTreeSet<&str> = names.iter().map(|name| name.trim()).collect();
    if names.len() > MOST {
        faults.add("groups", format!("holds more than {MOST} names"));
        faults.finish()?;
        return Ok(Vec::new());
    }
    let mut groups = Vec::new();
    for name in names {
        match db.group_named(name).await? {
            Some(group) => groups.push(group),
            None => faults.add("groups", format!("holds \"{name}\", and there is no such group")),
        }
    }
    faults.finish_with(Some(groups))
}

/// Which of the groups a guest is not in, and would not come into by the invitation that waits for them.
pub(super) async fn lacking<'a, C: Reads>(
    db: &Db<C>,
    guest: &Guest,
    groups: &'a [Group],
    waiting: Option<&Invitation>,
    now: DateTime<Utc>,
) -> Result<Option<&'a Group>, StoreError> {
    let named = match waiting {
        Some(invitation) if !groups.is_empty() => db.groups_of_invitation(invitation.id).await?,
        _ => Vec::new(),
    };
    for group in groups {
        let held = db.group_assignment(guest.id, group.id).await?;
        let is_in = held.is_some_and(|held| held.is_active(now));
        if !is_in && !named.iter().any(|named| named.id == group.id) {
            return Ok(Some(group));
        }
    }
    Ok(None)
}
