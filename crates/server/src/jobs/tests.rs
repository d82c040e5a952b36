//! The loops: they wake, they survive, they end.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::audit::{Action, Actor, AuditEvent};
use test_support::{FakeClock, databases};

use super::*;

#[tokio::test]
async fn a_loop_survives_errors_and_panics_and_ends_when_told() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    let end = CancellationToken::new();
    let job = || async {
        match RUNS.fetch_add(1, Ordering::SeqCst) {
            0 => panic!("a defect"),
            1 => Err(StoreError::Conflict("a test".into())),
            _ => Ok(()),
        }
    };
    let rhythm = Rhythm {
        every: Duration::from_millis(5),
        after_failure: Duration::from_millis(10),
    };
    let running = tokio::spawn(repeat("test", rhythm, None, end.clone(), job));
    while RUNS.load(Ordering::SeqCst) < 5 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    end.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_ring_wakes_it_at_once_and_is_not_lost() {
    let (end, wake) = (CancellationToken::new(), Outgoing::default());
    let runs = Arc::new(AtomicUsize::new(0));
    let job = {
        let (runs, wake) = (Arc::clone(&runs), wake.clone());
        move || {
            let (runs, wake) = (Arc::clone(&runs), wake.clone());
            async move {
                // Somebody rings while the job is running.
                if runs.fetch_add(1, Ordering::SeqCst) == 0 {
                    wake.wake();
                }
                Ok::<(), StoreError>(())
            }
        }
    };
    let never = Rhythm {
        every: Duration::from_hours(1),
        after_failure: Duration::from_hours(1),
    };
    let running = tokio::spawn(repeat("test", never, Some(wake.clone()), end.clone(), job));
    let reaches = async |count| {
        for _ in 0..1_000 {
            if runs.load(Ordering::SeqCst) == count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        panic!("{} runs instead of {count}", runs.load(Ordering::SeqCst));
    };
    reaches(2).await;
    wake.wake();
    reaches(3).await;
    end.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn one_process_sweeps_at_a_time() {
    for database in databases().await {
        let clock = FakeClock::new();
        let core = test_support::core(database.store.clone(), clock.clone());
        let end = CancellationToken::new();
        assert_eq!(
            sweep::run(&core, "one", &end).await.unwrap(),
            0,
            "{}",
            database.name
        );
        let before = core.store.write_transactions();
        sweep::run(&core, "two", &end).await.unwrap();
        assert_eq!(
            core.store.write_transactions(),
            before,
            "the other one has the lease"
        );
        clock.advance(chrono::TimeDelta::minutes(5));
        sweep::run(&core, "two", &end).await.unwrap();
        assert_eq!(
            core.store.write_transactions(),
            before + 1,
            "a lease ends with its time"
        );
    }
}

#[tokio::test]
async fn events_go_when_their_time_is_over_and_that_is_an_event() {
    for database in databases().await {
        for (kept_for, left) in [
            (None, vec!["key.created", "key.created"]),
            (
                Some(chrono::TimeDelta::days(400)),
                vec!["audit.removed", "key.created"],
            ),
        ] {
            let clock = FakeClock::new();
            let mut settings = test_support::settings("https://login.acme.example");
            settings.audit_kept_for = kept_for;
            let core = test_support::core_with(database.store.clone(), clock.clone(), settings);
            core.store.run_raw("DELETE FROM audit").await.unwrap();
            let record = async || {
                let event = AuditEvent::new(Action::KeyCreated, Actor::System);
                let tx = core.store.begin().await.unwrap();
                tx.record(event, core.now()).await.unwrap();
                tx.commit().await.unwrap();
            };
            record().await;
            clock.advance(chrono::TimeDelta::days(399));
            record().await;
            clock.advance(chrono::TimeDelta::days(2));
            sweep::run(&core, "one", &CancellationToken::new()).await.unwrap();
            let query = store::AuditQuery {
                limit: 10,
                ..store::AuditQuery::default()
            };
            let events = core.store.reader().audit_search(&query).await.unwrap();
            let actions: Vec<_> = events.iter().map(|event| event.action.as_str()).collect();
            assert_eq!(actions, left, "{}: {kept_for:?}", database.name);
        }
    }
}
