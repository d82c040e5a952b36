//! Where time comes from. Rules take `now` as an argument; only the edge asks a [`Clock`].

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

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

/// A moment as operators and programs read it: RFC 3339, UTC, whole seconds.
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The moment that lies `millis` milliseconds after the Unix epoch; the epoch itself when out of range.
pub fn from_millis(millis: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(millis).unwrap_or(DateTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_written_in_whole_seconds_of_utc() {
        assert_eq!(rfc3339(from_millis(1_803_891_600_999)), "2027-03-01T09:00:00Z");
    }
}
