//! A clock that can be moved.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::time::Clock;

/// How far from the truth it lets itself be moved, either way.
const FURTHEST: TimeDelta = TimeDelta::days(3_650);

/// Another clock, and a shift.
pub struct ShiftedClock {
    base: Arc<dyn Clock>,
    shift: AtomicI64,
}

impl ShiftedClock {
    /// A clock that shows what `base` does, as yet.
    pub fn new(base: Arc<dyn Clock>) -> Self {
        Self {
            base,
            shift: AtomicI64::new(0),
        }
    }

    /// How far it was moved.
    pub fn shift(&self) -> TimeDelta {
        TimeDelta::milliseconds(self.shift.load(Ordering::SeqCst))
    }

    /// Moves it on, or back when `by` is negative. `false`: it would be moved too far, and was not.
    pub fn advance(&self, by: TimeDelta) -> bool {
        let moved = self
            .shift
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |shift| {
                let shift = shift.checked_add(by.num_milliseconds())?;
                (shift.abs() <= FURTHEST.num_milliseconds()).then_some(shift)
            });
        moved.is_ok()
    }

    /// Shows what its base does again.
    pub fn reset(&self) {
        self.shift.store(0, Ordering::SeqCst);
    }
}

impl Clock for ShiftedClock {
    fn now(&self) -> DateTime<Utc> {
        self.base.now() + self.shift()
    }
}

#[cfg(test)]
mod tests {
    use test_support::{FakeClock, samples};

    use super::*;

    #[test]
    fn moves_and_comes_back() {
        let base = FakeClock::new();
        let clock = ShiftedClock::new(Arc::new(base.clone()));
        assert!(clock.advance(TimeDelta::minutes(31)) && clock.advance(TimeDelta::hours(-1)));
        assert_eq!(clock.now(), samples::now() - TimeDelta::minutes(29));
        base.advance(TimeDelta::minutes(1));
        assert_eq!(clock.now(), samples::now() - TimeDelta::minutes(28), "it goes on");
        assert!(
            !clock.advance(TimeDelta::days(4_000)),
            "nowhere near the end of time"
        );
        assert_eq!(clock.shift(), TimeDelta::minutes(-29));
        clock.reset();
        assert_eq!(clock.now(), base.now());
    }
}
