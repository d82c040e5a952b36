//! Counters of limits: the statement means what `domain::rate::take` means.

use chrono::TimeDelta;
use domain::rate::{Limit, Taken, take};
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use test_support::{databases, samples};

use crate::{begin, sign_ins::race};

#[tokio::test]
async fn the_database_counts_as_the_rule_does() {
    let mut runner = TestRunner::deterministic();
    let sequences = prop::collection::vec((-400i64..4_000, 0u8..3), 1..60);
    for db in databases().await {
        for round in 0..20 {
            let steps = sequences.new_tree(&mut runner).unwrap().current();
            let limit = Limit {
                max: 3,
                per: TimeDelta::seconds(3_600),
            };
            let (kind, mut now) = (format!("kind {round}"), samples::now());
            let mut counters = [None; 3];
            let tx = begin(&db).await;
            for (seconds, subject) in steps {
                now += TimeDelta::seconds(seconds);
                let name = format!("subject {subject}");
                let counter = &mut counters[usize::from(subject)];
                let peeked = tx.peek_all(&[(&kind, &name, limit)], now).await.unwrap();
                let (next, expected) = take(*counter, limit, now);
                *counter = Some(next);
                assert_eq!(peeked, [expected], "{}: peek", db.name);
                assert_eq!(
                    tx.take(&kind, &name, limit, now).await.unwrap(),
                    expected,
                    "{}: take",
                    db.name
                );
            }
        }
    }
}

#[tokio::test]
async fn eight_racers_share_one_counter() {
    for db in databases().await {
        let limit = Limit::per_hour(5);
        let taken = race(&db, async |tx| {
            tx.take("race", "x", limit, samples::now()).await.unwrap()
        })
        .await;
        assert_eq!(
            taken.iter().filter(|taken| taken.is_allowed()).count(),
            5,
            "{}",
            db.name
        );
    }
}

#[tokio::test]
async fn counts_are_given_back_and_forgotten() {
    for db in databases().await {
        let limit = Limit::per_hour(2);
        let tx = begin(&db).await;
        let count = async || tx.take("a", "b", limit, samples::now()).await.unwrap();
        assert_eq!(count().await, Taken::Allowed { left: 1 });
        tx.give_back(&[("a", "b")]).await.unwrap();
        assert_eq!(count().await, Taken::Allowed { left: 1 }, "{}", db.name);
        assert_eq!(count().await, Taken::Allowed { left: 0 });
        assert!(!count().await.is_allowed());
        // Names do not run into one another.
        assert!(
            tx.take("ab", "", limit, samples::now())
                .await
                .unwrap()
                .is_allowed()
        );
        assert!(tx.reset_limit("a", "b").await.unwrap());
        assert!(!tx.reset_limit("a", "b").await.unwrap());
        assert_eq!(count().await, Taken::Allowed { left: 1 });
    }
}

/// All that one request is charged is counted at once, each by its own limit; and given back at once.
#[tokio::test]
async fn several_are_counted_by_one_statement() {
    for db in databases().await {
        let (hour, day, now) = (Limit::per_hour(1), Limit::per_day(2), samples::now());
        let tx = begin(&db).await;
        assert_eq!(tx.take_all(&[], now).await.unwrap(), [], "{}", db.name);
        let rows = [("z", "anna", hour), ("a", "anna", day), ("a", "bob", day)];
        let taken = async |now| tx.take_all(&rows, now).await.unwrap();
        let left = |left| Taken::Allowed { left };
        assert_eq!(taken(now).await, [left(0), left(1), left(1)], "{}", db.name);
        let until = now + TimeDelta::hours(1);
        let refused = Taken::Refused { until };
        assert_eq!(taken(now).await, [refused, left(0), left(0)], "{}", db.name);
        tx.give_back(&[("z", "anna"), ("a", "bob"), ("never", "counted")])
            .await
            .unwrap();
        tx.give_back(&[]).await.unwrap();
        // The hour is over, the day is not.
        let counts = taken(until).await;
        let day_is_over = Taken::Refused {
            until: now + TimeDelta::days(1),
        };
        assert_eq!(counts, [left(0), day_is_over, left(0)], "{}", db.name);
        // Where everything was given back no window is open: the next one opens it.
        let half = now + TimeDelta::minutes(30);
        let once = async |at| tx.take("given", "back", hour, at).await.unwrap();
        assert_eq!(once(now).await, left(0));
        tx.give_back(&[("given", "back")]).await.unwrap();
        assert_eq!(once(half).await, left(0), "{}", db.name);
        let opened_late = Taken::Refused {
            until: half + TimeDelta::hours(1),
        };
        assert_eq!(once(until).await, opened_late, "{}", db.name);
    }
}
