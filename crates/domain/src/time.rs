//! Where time comes from. Rules take `now` as an argument; only the edge asks a [`Clock`].

use chrono::{DateTime, Days, NaiveDate, NaiveTime, SecondsFormat, TimeDelta, Utc};

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

/// The moment at which a day is over in UTC, written as in `2027-03-01`: a last day counts to its end.
pub fn end_of_day(day: &str) -> Option<DateTime<Utc>> {
    // chrono reads years of any length, and days of one digit.
    let day = NaiveDate::parse_from_str(day, "%Y-%m-%d")
        .ok()
        .filter(|_| day.len() == 10)?;
    let next = day.checked_add_days(Days::new(1))?;
    Some(next.and_time(NaiveTime::MIN).and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_over_when_the_next_begins() {
        for (day, over) in [
            ("2027-03-01", Some("2027-03-02T00:00:00Z")),
            ("2026-12-31", Some("2027-01-01T00:00:00Z")),
            ("2028-02-29", Some("2028-03-01T00:00:00Z")),
            ("2027-02-29", None),
            ("01.03.2027", None),
            ("", None),
        ] {
            assert_eq!(end_of_day(day).map(rfc3339).as_deref(), over, "{day}");
        }
    }

    #[test]
    fn a_moment_is_written_in_whole_seconds_of_utc() {
        assert_eq!(rfc3339(from_millis(1_803_891_600_999)), "2027-03-01T09:00:00Z");
    }
}
