//! Where time comes from. Rules take `now` as an argument; only the edge asks a [`Clock`].

use chrono::{DateTime, Utc};

/// A source of the present moment, in whole milliseconds (the store's resolution).
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;
}

/// The moment that lies `millis` milliseconds after the Unix epoch; the epoch itself when out of range.
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH)
}
