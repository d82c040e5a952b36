//! Groups: guests who may use the same apps.

use chrono::{DateTime, Utc};

use crate::{Id, app::App, guest::Guest};

/// Guests who may use the same apps. A guest who is assigned to it may use all of them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// Its row.
    pub id: Id<Group>,
    /// Its name, unique: a short one that an operator chose, such as `auditors`.
    pub name: String,
    /// The apps that its guests may use.
    pub apps: Vec<Id<App>>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// Which guest is in which group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupAssignment {
    /// The guest who is in the group.
    pub guest: Id<Guest>,
    /// The group that the guest is in.
    pub group: Id<Group>,
    /// Since when.
    pub starts_at: DateTime<Utc>,
    /// Until when; `None` is «until someone ends it».
    pub ends_at: Option<DateTime<Utc>>,
    /// Why the guest is in it, as an operator wrote it.
    pub reason: Option<String>,
    /// The person answerable.
    pub sponsor: Option<String>,
}

impl GroupAssignment {
    /// Whether it counts now.
    pub fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }
}
