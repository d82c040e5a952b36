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
                let peeked = tx.peek(&kind, &name, limit, now).await.unwrap();
                let (next, expected) = take(*counter, limit, now);
                *counter = Some(next);
                assert_eq!(peeked, expected, "{}: peek", db.name);
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
        tx.give_back("a", "b").await.unwrap();
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
