//! The clock of `serve`: time that never goes back, so that an expired code or session stays expired (threat P07).

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::time::Clock;
use store::RecordedTime;

/// How far the machine's clock may be from the recorded time before the process is not ready.
pub const MAX_SKEW: TimeDelta = TimeDelta::seconds(60);

/// The database's clock, or the machine's where the database has none (`SQLite`): never behind the latest time that any
/// process has recorded. When that clock steps back, time goes on at its usual pace.
pub struct SteadyClock {
    machine: Arc<dyn Clock>,
    /// The time since some fixed moment, by a clock that cannot be set.
    elapsed: Box<dyn Fn() -> TimeDelta + Send + Sync>,
    state: Mutex<ClockState>,
}

struct ClockState {
    latest: DateTime<Utc>,
    /// What `elapsed` said at `latest`.
    at: TimeDelta,
    /// Whether the database has a clock: then the machine's does not count.
    by_database: bool,
}

impl SteadyClock {
    /// A clock that follows `machine`, until [`Clock::learn`] is called.
    pub fn new(machine: Arc<dyn Clock>) -> Self {
        let start = Instant::now();
        Self::with_elapsed(machine, move || {
            TimeDelta::from_std(start.elapsed()).unwrap_or(TimeDelta::MAX)
        })
    }

    fn with_elapsed(
        machine: Arc<dyn Clock>,
        elapsed: impl Fn() -> TimeDelta + Send + Sync + 'static,
    ) -> Self {
        let state = ClockState {
            latest: machine.now(),
            at: elapsed(),
            by_database: false,
        };
        Self {
            machine,
            elapsed: Box::new(elapsed),
            state: Mutex::new(state),
        }
    }

    fn state(&self) -> MutexGuard<'_, ClockState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn advance(&self, state: &mut ClockState) -> DateTime<Utc> {
        let elapsed = (self.elapsed)();
        state.latest += elapsed - state.at;
        state.at = elapsed;
        if !state.by_database {
            state.latest = state.latest.max(self.machine.now());
        }
        // Whole milliseconds, as the store keeps them. `latest` keeps the rest for the next call.
        domain::time::from_millis(state.latest.timestamp_millis())
    }
}

impl Clock for SteadyClock {
    fn now(&self) -> DateTime<Utc> {
        self.advance(&mut self.state())
    }

    fn learn(&self, latest: DateTime<Utc>, database: Option<DateTime<Utc>>) {
        let mut state = self.state();
        self.advance(&mut state);
        // Before the first time of a database only the machine's was known, which may be ahead; nothing was served by it.
        let first = database.is_some() && !state.by_database;
        state.by_database = database.is_some();
        state.latest = if first { latest } else { state.latest.max(latest) };
    }

    fn skew(&self) -> TimeDelta {
        (self.now() - self.machine.now()).abs()
    }
}

/// Lets a clock know what the database has recorded.
pub fn learn(clock: &dyn Clock, recorded: RecordedTime) {
    clock.learn(recorded.latest, recorded.database);
}

#[cfg(test)]
mod tests {
    use test_support::{FakeClock, databases, samples};

    use super::*;

    /// A steady clock over a machine's clock and a monotonic one, both moved by the test.
    fn steady() -> (SteadyClock, FakeClock, FakeClock) {
        let (machine, monotonic) = (FakeClock::new(), FakeClock::new());
        let elapsed = monotonic.clone();
        let clock =
            SteadyClock::with_elapsed(Arc::new(machine.clone()), move || elapsed.now() - samples::now());
        (clock, machine, monotonic)
    }

    #[test]
    fn time_goes_on_when_the_machines_clock_steps_back() {
        let (clock, machine, monotonic) = steady();
        machine.advance(TimeDelta::hours(25));
        assert_eq!(
            clock.now(),
            samples::now() + TimeDelta::hours(25),
            "it follows forwards"
        );
        machine.advance(TimeDelta::hours(-23));
        assert_eq!(clock.now(), samples::now() + TimeDelta::hours(25));
        monotonic.advance(TimeDelta::minutes(5));
        machine.advance(TimeDelta::minutes(5));
        let expected = samples::now() + TimeDelta::hours(25) + TimeDelta::minutes(5);
        assert_eq!(clock.now(), expected, "at its usual pace");
        assert_eq!(clock.skew(), TimeDelta::hours(23));
        machine.advance(TimeDelta::hours(23));
        assert_eq!(
            (clock.now(), clock.skew()),
            (expected, TimeDelta::zero()),
            "set right again"
        );
    }

    #[test]
    fn the_databases_clock_counts() {
        let (clock, machine, monotonic) = steady();
        let database = samples::now() + TimeDelta::seconds(40);
        clock.learn(database, Some(database));
        assert_eq!((clock.now(), clock.skew()), (database, TimeDelta::seconds(40)));
        machine.advance(TimeDelta::days(1));
        monotonic.advance(TimeDelta::seconds(10));
        assert_eq!(
            clock.now(),
            database + TimeDelta::seconds(10),
            "the machine's does not"
        );
        assert!(clock.skew() > MAX_SKEW);
        let behind = samples::now() - TimeDelta::seconds(90);
        clock.learn(database, Some(behind));
        assert_eq!(clock.now(), database + TimeDelta::seconds(10), "never back");
    }

    #[test]
    fn a_machine_that_is_ahead_at_the_start_does_not_set_the_time() {
        let (clock, machine, monotonic) = steady();
        let database = samples::now() - TimeDelta::hours(1);
        clock.learn(database, Some(database));
        assert_eq!(clock.now(), database);
        assert!(clock.skew() > MAX_SKEW, "and it is said");
        monotonic.advance(TimeDelta::seconds(10));
        let later = database + TimeDelta::seconds(10);
        clock.learn(later, Some(later));
        machine.set(later);
        assert_eq!(
            (clock.now(), clock.skew()),
            (later, TimeDelta::zero()),
            "set right"
        );
    }

    #[tokio::test]
    async fn a_restart_does_not_take_time_back() {
        for db in databases().await {
            // PostgreSQL's own clock counts, so another process records that it is later there.
            let later = "UPDATE instance SET last_seen = last_seen + 90000000";
            db.store.prove_write(samples::now()).await.unwrap();
            db.store.run_raw(later).await.unwrap();
            let before = db.store.prove_write(samples::now()).await.unwrap().latest;

            let (restarted, machine, _) = steady();
            machine.set(before - TimeDelta::hours(25));
            learn(&restarted, db.store.prove_write(restarted.now()).await.unwrap());
            assert!(restarted.now() >= before, "{}", db.name);
            assert!(
                restarted.skew() > MAX_SKEW,
                "{}: the machine's clock is behind",
                db.name
            );

            let right = db.store.prove_write(machine.now()).await.unwrap().database;
            db.store.reset_time(right.unwrap_or(machine.now())).await.unwrap();
            let recorded = db.store.prove_write(machine.now()).await.unwrap();
            match recorded.database {
                None => assert_eq!(recorded.latest, machine.now(), "forgotten"),
                Some(database) => assert_eq!(recorded.latest, database, "the database's clock counts"),
            }
        }
    }
}
