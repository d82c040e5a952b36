//! A clock that stands still until it is told to move.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::time::{Clock, from_millis};

use crate::samples;

/// A clock that a test sets. Clones show the same time.
#[derive(Clone, Debug)]
pub struct FakeClock(Arc<AtomicI64>);

impl FakeClock {
    /// A clock at [`samples::now`].
    pub fn new() -> Self {
        Self::at(samples::now())
    }

    /// A clock at `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(AtomicI64::new(now.timestamp_millis())))
    }

    /// Sets it, forwards or backwards.
    pub fn set(&self, now: DateTime<Utc>) {
        self.0.store(now.timestamp_millis(), Ordering::SeqCst);
    }

    /// Moves it; backwards when `by` is negative.
    pub fn advance(&self, by: TimeDelta) {
        self.0.fetch_add(by.num_milliseconds(), Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for FakeClock {
    fn now(&self) -> DateTime<Utc> {
        from_millis(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_only_when_told() {
        let clock = FakeClock::new();
        let seen_elsewhere = clock.clone();
        clock.advance(TimeDelta::minutes(31));
        assert_eq!(seen_elsewhere.now(), samples::now() + TimeDelta::minutes(31));
        clock.set(samples::now());
        clock.advance(TimeDelta::days(-1));
        assert_eq!(seen_elsewhere.now(), samples::now() - TimeDelta::days(1));
    }
}
