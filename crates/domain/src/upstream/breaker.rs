//! When an upstream counts as down: after a few failures in a row no guest waits for it, for a while.

use chrono::{DateTime, TimeDelta, Utc};

/// So many failures in a row, none further than [`FORGOTTEN_AFTER`] from the next, open the breaker.
const FAILURES: u32 = 3;
/// A failure that is older counts for nothing.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// For so long no guest is sent there; then one attempt decides.
const DOWN_FOR: TimeDelta = TimeDelta::seconds(60);
/// So long after the last failure codes may stand in, where the policy lets them: as long as a code lives, so that
/// one that was mailed can still be typed.
const OUT_FOR: TimeDelta = TimeDelta::minutes(30);

/// What is known of an upstream that has failed lately. One success forgets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UpstreamHealth {
    /// Failures in a row.
    pub failures: u32,
    /// When the last one was.
    pub failed_at: DateTime<Utc>,
    /// Until when no guest is sent there.
    pub down_until: Option<DateTime<Utc>>,
}

impl UpstreamHealth {
    /// Whether no guest is sent there now.
    pub fn is_down(&self, now: DateTime<Utc>) -> bool {
        self.down_until.is_some_and(|until| now < until)
    }

    /// Whether codes may stand in for it now: since the breaker opened no guest has come back from there.
    pub fn is_out(&self, now: DateTime<Utc>) -> bool {
        self.down_until.is_some() && now < self.failed_at + OUT_FOR
    }

    /// Whether this failure has just opened the breaker.
    pub fn has_opened(&self) -> bool {
        self.failures == FAILURES
    }
}

/// One more failure.
pub fn failed(before: Option<UpstreamHealth>, now: DateTime<Utc>) -> UpstreamHealth {
    let in_a_row = before.filter(|health| now - health.failed_at < FORGOTTEN_AFTER);
    let failures = in_a_row.map_or(0, |health| health.failures).saturating_add(1);
    UpstreamHealth {
        failures,
        failed_at: now,
        down_until: (failures >= FAILURES).then(|| now + DOWN_FOR),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::from_millis;

    fn at(seconds: i64) -> DateTime<Utc> {
        from_millis(seconds * 1000)
    }

    #[test]
    fn three_failures_open_it_for_a_minute_and_each_further_one_again() {
        let first = failed(None, at(0));
        let second = failed(Some(first), at(10));
        assert!(!first.is_down(at(0)) && !second.is_down(at(10)));
        let third = failed(Some(second), at(20));
        assert!(third.has_opened() && third.is_down(at(79)) && !third.is_down(at(80)));
        assert!(third.is_out(at(1_819)) && !third.is_out(at(1_820)) && !second.is_out(at(20)));
        let probe = failed(Some(third), at(80));
        assert!(
            !probe.has_opened() && probe.is_down(at(139)),
            "one attempt decides"
        );
    }

    #[test]
    fn failures_far_apart_are_not_in_a_row() {
        let mut health = None;
        for minute in 0..10 {
            let next = failed(health, at(minute * 300));
            assert!(!next.is_down(at(minute * 300)), "{next:?}");
            health = Some(next);
        }
    }
}
