//! Where time comes from. Rules take `now` as an argument; only the edge asks a [`Clock`].

use chrono::{DateTime, TimeDelta, Utc};

/// A source of the present moment, in whole milliseconds (the store's resolution).
pub trait Clock: Send + Sync + 'static {
    /// The present moment.
    fn now(&self) -> DateTime<Utc>;

    /// Learns the latest time that any process has recorded in the database, and what the database's own clock says,
    /// where it has one. A clock that is moved on purpose does not care.
    fn learn(&self, _latest: DateTime<Utc>, _database: Option<DateTime<Utc>>) {}

    /// How far the machine's clock is from the time in use; zero for a clock that learns nothing.
    fn skew(&self) -> TimeDelta {
        TimeDelta::zero()
    }
}

/// The moment that lies `millis` milliseconds after the Unix epoch; the epoch itself when out of range.
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH)
}
