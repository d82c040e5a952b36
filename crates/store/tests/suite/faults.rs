//! What a fault leaves behind: nothing that was acknowledged is lost, and the next transaction starts clean.

use std::{
    pin::{Pin, pin},
    task::{Context, Poll},
};

use domain::app::App;
use store::{Backend, Store, StoreError};
use test_support::{CommitFault, CuttingProxy, TestDatabase, databases, samples};

use crate::begin;

fn app(client_id: &str) -> App {
    App {
        client_id: client_id.to_owned(),
        ..samples::app()
    }
}

async fn add(store: &Store, client_id: &str) -> Result<(), StoreError> {
    let tx = store.begin().await?;
    tx.insert_app(&app(client_id)).await?;
    tx.commit().await
}

/// What another process sees: only what is committed.
async fn stored(db: &TestDatabase) -> Vec<String> {
    let other = db.reopen(samples::master_keys()).await.unwrap();
    let apps = other.reader().apps().await.unwrap();
    other.close().await.unwrap();
    apps.into_iter().map(|app| app.client_id).collect()
}

fn is_unavailable<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(error) if error.is_unavailable())
}

/// `RAISE(ROLLBACK)` ends the transaction inside the database, as a full disk does.
#[tokio::test]
async fn after_a_rollback_by_sqlite_itself_commits_are_stored() {
    for db in databases().await {
        if db.store.backend() == Backend::Postgres {
            continue;
        }
        let trigger = "CREATE TRIGGER fault BEFORE INSERT ON apps WHEN NEW.client_id = 'fault' \
                       BEGIN SELECT RAISE(ROLLBACK, 'as a full disk does'); END";
        db.store.run_raw(trigger).await.unwrap();
        for round in 0..3 {
            let tx = begin(&db).await;
            tx.insert_app(&app("before")).await.unwrap();
            assert!(tx.insert_app(&app("fault")).await.is_err());
            let after = tx.insert_app(&app("after")).await;
            assert!(is_unavailable(&after), "stored outside a transaction: {after:?}");
            assert!(is_unavailable(&tx.commit().await));
            // A dropped transaction in between, as every refused request leaves one.
            let dropped = begin(&db).await;
            dropped.insert_app(&app("dropped")).await.unwrap();
            drop(dropped);
            add(&db.store, &format!("app-{round}")).await.unwrap();
        }
        assert_eq!(stored(&db).await, ["app-0", "app-1", "app-2"]);
    }
}

/// On `PostgreSQL` the COMMIT would answer with success and roll back.
#[tokio::test]
async fn a_failed_statement_that_nobody_looked_at_fails_the_commit() {
    for db in databases().await {
        add(&db.store, "notes").await.unwrap();
        let tx = begin(&db).await;
        tx.insert_app(&app("other")).await.unwrap();
        let twice = tx.insert_app(&app("notes")).await;
        assert!(matches!(&twice, Err(error) if error.is_conflict()), "{twice:?}");
        assert!(is_unavailable(&tx.commit().await), "{}", db.name);
        assert_eq!(stored(&db).await, ["notes"], "{}", db.name);
        add(&db.store, "other").await.unwrap();
    }
}

#[tokio::test]
async fn a_begin_inside_an_open_transaction_is_an_error_and_never_a_nesting() {
    for db in databases().await {
        if db.store.backend() == Backend::Postgres {
            continue;
        }
        db.store.run_raw("BEGIN").await.unwrap();
        db.store.run_raw("DELETE FROM instance").await.unwrap();
        let nested = db.store.begin().await;
        assert!(nested.is_err(), "{nested:?}");
        add(&db.store, "notes").await.unwrap();
        assert_eq!(stored(&db).await, ["notes"]);
    }
}

/// A full file, and one that cannot be written: the database says no for a while.
#[tokio::test]
async fn a_database_that_cannot_grow_is_unavailable_until_it_can() {
    for db in databases().await {
        if db.store.backend() == Backend::Postgres {
            continue;
        }
        for (fault, mended) in [
            ("PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1073741823"),
            ("PRAGMA query_only = 1", "PRAGMA query_only = 0"),
        ] {
            let mut acknowledged = stored(&db).await;
            db.store.run_raw(fault).await.unwrap();
            let mut failures = 0;
            for index in 0..200 {
                let id = format!("{index}-{}", &fault[7..11]);
                match add(&db.store, &id).await {
                    Ok(()) => acknowledged.push(id),
                    Err(error) => {
                        assert!(error.is_unavailable(), "{fault}: {error:?}");
                        failures += 1;
                    }
                }
            }
            assert!(failures > 0, "{fault}");
            db.store.run_raw(mended).await.unwrap();
            add(&db.store, &fault[7..11]).await.unwrap();
            acknowledged.push(fault[7..11].to_owned());
            acknowledged.sort();
            let mut stored = stored(&db).await;
            stored.sort();
            assert_eq!(stored, acknowledged, "{fault}");
        }
    }
}

/// Polls a future until it has waited `waits` times, and drops it then.
struct DroppedAfter<F> {
    future: Pin<Box<F>>,
    waits: usize,
}

impl<F: Future> Future for DroppedAfter<F> {
    type Output = Option<F::Output>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match self.future.as_mut().poll(context) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending if self.waits == 0 => Poll::Ready(None),
            Poll::Pending => {
                self.waits -= 1;
                Poll::Pending
            }
        }
    }
}

#[tokio::test]
async fn a_transaction_dropped_at_any_await_is_stored_whole_or_not_at_all() {
    for db in databases().await {
        let (mut acknowledged, mut dropped) = (Vec::new(), 0);
        for round in 0..60 {
            let (one, two) = (format!("one-{round}"), format!("two-{round}"));
            let change = async {
                let tx = db.store.begin().await?;
                tokio::task::yield_now().await;
                tx.insert_app(&app(&one)).await?;
                tokio::task::yield_now().await;
                tx.app_by_client_id(&one).await?;
                tx.insert_app(&app(&two)).await?;
                tokio::task::yield_now().await;
                tx.commit().await
            };
            let (future, waits) = (Box::pin(change), round % 15);
            match pin!(DroppedAfter { future, waits }).await {
                Some(done) => {
                    done.unwrap();
                    acknowledged.push(one.clone());
                }
                None => dropped += 1,
            }
            let next = format!("next-{round}");
            add(&db.store, &next).await.unwrap();
            acknowledged.push(next);
            let stored = stored(&db).await;
            let has = |id: &String| stored.contains(id);
            let half = has(&one) != has(&two);
            assert!(!half, "{}: half a change, {waits} waits", db.name);
            assert!(acknowledged.iter().all(has), "{}: {waits} waits", db.name);
        }
        assert!(dropped >= 12, "{}: {dropped} of 60", db.name);
    }
}

/// A transaction that is left open unnoticed would keep its locks, and a statement that fails in it would spoil the connection for good.
#[tokio::test]
async fn a_transaction_dropped_while_it_begins_leaves_none_open() {
    for db in databases().await {
        if db.store.backend() == Backend::Sqlite {
            continue;
        }
        let entropy = std::sync::Arc::new(samples::entropy());
        let observer = Store::connect(db.settings(), samples::master_keys(), entropy)
            .await
            .unwrap();
        for waits in (0..4).cycle().take(12) {
            let future = Box::pin(db.store.begin());
            drop(pin!(DroppedAfter { future, waits }).await);
            // The end of a dropped transaction takes a moment; one that is left open stays.
            for tries in (0..100).rev() {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                let left = observer.idle_transactions().await.unwrap();
                assert!(left == 0 || tries > 0, "{left} are open after {waits} waits");
                if left == 0 {
                    break;
                }
            }
        }
    }
}

/// The outcome of a COMMIT whose answer is lost is unknown: it is an error, and what is stored is read again.
#[tokio::test]
async fn a_commit_whose_connection_is_cut_is_never_taken_for_done() {
    for db in databases().await {
        if db.store.backend() == Backend::Sqlite {
            continue;
        }
        for (fault, expected) in [(CommitFault::Before, false), (CommitFault::After, true)] {
            let proxy = CuttingProxy::start(&db.settings().url, fault).await;
            let mut settings = db.settings().clone();
            settings.url = proxy.url();
            let entropy = std::sync::Arc::new(samples::entropy());
            let store = Store::connect(&settings, samples::master_keys(), entropy)
                .await
                .unwrap();
            let id = format!("{fault:?}");
            proxy.arm();
            let cut = add(&store, &id).await;
            assert!(is_unavailable(&cut), "{fault:?}: {cut:?}");
            assert_eq!(stored(&db).await.contains(&id), expected, "{fault:?}");
            let again = add(&store, &id).await;
            assert_eq!(
                again.is_ok(),
                !expected,
                "{fault:?}: the same once more: {again:?}"
            );
            add(&store, &format!("{id} next")).await.unwrap();
        }
    }
}
