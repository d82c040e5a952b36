//! Sponsors: the people answerable for guests' access and for apps. They have no account: their address is what is known of them.

use chrono::{DateTime, Utc};

/// Somebody who is named as answerable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sponsor {
    /// Their address, as addresses are compared: [`crate::EmailAddress::key`].
    pub address: String,
    /// For how many assignments they answer that are not over, to apps and to groups.
    pub assignments: u64,
    /// How many apps they own.
    pub apps: u64,
    /// Since when they are a sponsor no more. Nobody asks them, and what they were asked they cannot answer.
    pub removed_at: Option<DateTime<Utc>>,
}
