//! Leases.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::TimeDelta;
use test_support::{databases, samples};

use crate::begin;

#[tokio::test]
async fn has_one_holder_until_it_ends_or_is_given_back() {
    for db in databases().await {
        let tx = begin(&db).await;
        let start = samples::now();
        let acquire = async |holder, seconds| {
            tx.acquire_lease(
                "rotate keys",
                holder,
                start + TimeDelta::seconds(seconds),
                TimeDelta::seconds(60),
            )
            .await
            .unwrap()
        };
        assert!(acquire("a", 0).await, "{}: free", db.name);
        assert!(!acquire("b", 59).await, "{}: held", db.name);
        assert!(acquire("a", 59).await, "{}: prolonged by its holder", db.name);
        assert!(!acquire("b", 118).await, "{}: prolonged", db.name);
        assert!(acquire("b", 119).await, "{}: ended", db.name);
        assert!(!acquire("a", 120).await, "{}: taken over", db.name);
        tx.release_lease("rotate keys", "a").await.unwrap();
        assert!(
            !acquire("a", 120).await,
            "{}: only the holder gives it back",
            db.name
        );
        tx.release_lease("rotate keys", "b").await.unwrap();
        assert!(acquire("a", 120).await, "{}: given back", db.name);
        let other = tx
            .acquire_lease("sweep", "b", start, TimeDelta::seconds(60))
            .await;
        assert!(other.unwrap(), "{}: another name", db.name);
    }
}

#[tokio::test]
async fn of_many_that_reach_for_it_one_gets_it() {
    for db in databases().await {
        let winners = AtomicU32::new(0);
        let reach = async |holder: String| {
            let tx = begin(&db).await;
            let won = tx
                .acquire_lease("sweep", &holder, samples::now(), TimeDelta::seconds(60))
                .await
                .unwrap();
            tx.commit().await.unwrap();
            winners.fetch_add(u32::from(won), Ordering::SeqCst);
        };
        tokio::join!(
            reach("a".to_owned()),
            reach("b".to_owned()),
            reach("c".to_owned()),
            reach("d".to_owned())
        );
        assert_eq!(winners.load(Ordering::SeqCst), 1, "{}", db.name);
    }
}
