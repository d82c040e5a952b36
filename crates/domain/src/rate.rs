//! Limits: how many of something in how long. The store keeps the counters and applies the same rule in one
//! statement; this is the rule.

use chrono::{DateTime, TimeDelta, Utc};

/// At most `max` in a window of `per`, which opens with the first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// How many are allowed in one window.
    pub max: u32,
    /// The window's length.
    pub per: TimeDelta,
}

impl Limit {
    /// `max` in one hour.
    pub const fn per_hour(max: u32) -> Self {
        Self {
            max,
            per: TimeDelta::hours(1),
        }
    }

    /// `max` in one day.
    pub const fn per_day(max: u32) -> Self {
        Self {
            max,
            per: TimeDelta::days(1),
        }
    }
}

/// What has been counted so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counter {
    /// When the window opened.
    pub started_at: DateTime<Utc>,
    /// How many since, refused ones included.
    pub count: u32,
}

/// The answer of [`take`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Allowed, with so many left in this window.
    Allowed {
        /// How many more.
        left: u32,
    },
    /// Refused until then.
    Refused {
        /// When the window ends.
        until: DateTime<Utc>,
    },
}

impl Taken {
    /// Whether it was allowed.
    pub fn is_allowed(self) -> bool {
        matches!(self, Taken::Allowed { .. })
    }
}

/// Counts one more. A window that is over starts anew, and so does one in which everything was given back; a clock that ran backwards keeps the window it finds.
pub fn take(counter: Option<Counter>, limit: Limit, now: DateTime<Utc>) -> (Counter, Taken) {
    let counter = match counter {
        Some(Counter { started_at, count }) if count > 0 && started_at + limit.per > now => Counter {
            started_at,
            count: count.saturating_add(1),
        },
        _ => Counter {
            started_at: now,
            count: 1,
        },
    };
    (counter, judge(counter, limit))
}

/// What a counter that has just been raised means.
pub fn judge(counter: Counter, limit: Limit) -> Taken {
    if counter.count > limit.max {
        Taken::Refused {
            until: counter.started_at + limit.per,
        }
    } else {
        Taken::Allowed {
            left: limit.max - counter.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        crate::time::from_millis(seconds * 1000)
    }

    #[test]
    fn counts_refuses_and_starts_anew() {
        let limit = Limit {
            max: 2,
            per: TimeDelta::seconds(60),
        };
        let (counter, taken) = take(None, limit, at(0));
        assert_eq!(taken, Taken::Allowed { left: 1 });
        assert!(taken.is_allowed());
        let (counter, taken) = take(Some(counter), limit, at(10));
        assert_eq!(taken, Taken::Allowed { left: 0 });
        let (counter, taken) = take(Some(counter), limit, at(59));
        assert_eq!(taken, Taken::Refused { until: at(60) });
        let (counter, taken) = take(Some(counter), limit, at(60));
        assert_eq!((counter.started_at, taken), (at(60), Taken::Allowed { left: 1 }));
    }

    #[test]
    fn a_window_opens_with_what_counts() {
        let given_back = Counter {
            started_at: at(0),
            count: 0,
        };
        let (counter, _) = take(Some(given_back), Limit::per_hour(1), at(10));
        assert_eq!((counter.started_at, counter.count), (at(10), 1));
    }

    #[test]
    fn a_clock_that_runs_backwards_opens_no_new_window() {
        let limit = Limit::per_hour(1);
        let (counter, _) = take(None, limit, at(1000));
        assert!(!take(Some(counter), limit, at(1000 - 86_400)).1.is_allowed());
    }
}
