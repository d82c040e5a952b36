//! Assignments: the apps that a guest may use, and until when.

use chrono::{DateTime, Utc};

use crate::{Id, app::App, guest::Guest};

/// Which guest may use which app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The guest who may use the app.
    pub guest: Id<Guest>,
    /// The app that the guest may use.
    pub app: Id<App>,
    /// From when.
    pub starts_at: DateTime<Utc>,
    /// Until when; `None` is «until someone ends it».
    pub ends_at: Option<DateTime<Utc>>,
    /// Why the guest has access, as an operator or an inviter wrote it.
    pub reason: Option<String>,
    /// The person answerable; by default who invited.
    pub sponsor: Option<String>,
}

impl Assignment {
    /// Whether it counts now.
    pub fn is_active(&self, now: DateTime<Utc>) -> bool {
        self.starts_at <= now && self.ends_at.is_none_or(|end| now < end)
    }

    /// Whether it is over. It stays, so that an app which is for a domain or for any guest does not let the guest in again.
    pub fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }
}
