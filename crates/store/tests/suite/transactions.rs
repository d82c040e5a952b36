//! What a transaction promises.

use std::time::Duration;

use test_support::{databases, samples};

use crate::begin;

#[tokio::test]
async fn a_commit_is_seen_and_counted_and_a_drop_leaves_nothing() {
    for db in databases().await {
        let before = db.store.write_transactions();
        let tx = begin(&db).await;
        tx.insert_app(&samples::app()).await.unwrap();
        let seen = db.store.reader().app_by_client_id("notes").await.unwrap();
        assert_eq!(seen, None, "{}: not committed", db.name);
        drop(tx);
        assert_eq!(db.store.reader().apps().await.unwrap(), [], "{}", db.name);
        assert_eq!(db.store.write_transactions(), before, "{}", db.name);

        let tx = begin(&db).await;
        tx.insert_app(&samples::app()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(db.store.reader().apps().await.unwrap().len(), 1, "{}", db.name);
        assert_eq!(db.store.write_transactions(), before + 1, "{}", db.name);
    }
}

/// A deferred transaction would fail here with `BUSY_SNAPSHOT` on SQLite.
#[tokio::test]
async fn a_transaction_may_read_before_it_writes_while_another_process_commits() {
    for db in databases().await {
        let other = db.reopen(samples::master_keys()).await.unwrap();
        let read_then_write = async |store: &store::Store, client_id: &str| {
            let tx = store.begin().await.unwrap();
            assert_eq!(tx.app_by_client_id(client_id).await.unwrap(), None);
            tokio::task::yield_now().await;
            let app = domain::app::App {
                client_id: client_id.to_owned(),
                ..samples::app()
            };
            tx.insert_app(&app).await.unwrap();
            tx.commit().await.unwrap();
        };
        for i in 0..20 {
            let (one, two) = (format!("a{i}"), format!("b{i}"));
            tokio::join!(read_then_write(&db.store, &one), read_then_write(&other, &two));
        }
        assert_eq!(db.store.reader().apps().await.unwrap().len(), 40, "{}", db.name);
        other.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_second_transaction_of_the_same_request_is_told_to_come_back() {
    for db in databases().await {
        if db.store.backend() == store::Backend::Postgres {
            continue;
        }
        let first = begin(&db).await;
        let second = db.store.begin().await;
        assert!(
            matches!(&second, Err(error) if error.is_unavailable()),
            "{second:?}"
        );
        drop(first);
    }
}

#[tokio::test]
async fn a_locked_guest_waits_for_its_holder() {
    for db in databases().await {
        let mut guest = samples::guest("anna@contoso.test");
        let tx = begin(&db).await;
        tx.insert_guest(&guest).await.unwrap();
        tx.commit().await.unwrap();

        let first = begin(&db).await;
        first.lock_guest(guest.id).await.unwrap();
        let id = guest.id;
        let second = async {
            let tx = begin(&db).await;
            tx.lock_guest(id).await.unwrap()
        };
        tokio::pin!(second);
        let waiting = tokio::time::timeout(Duration::from_millis(200), &mut second).await;
        assert!(waiting.is_err(), "{}: {waiting:?}", db.name);
        guest.name = Some("Anna Meier".to_owned());
        first.save_guest(&guest).await.unwrap();
        first.commit().await.unwrap();
        assert_eq!(second.await, Some(guest), "{}: no update is lost", db.name);
    }
}

#[tokio::test]
async fn a_reader_cannot_write_on_sqlite() {
    for db in databases().await {
        db.store.reader().apps().await.unwrap();
        let written = db.store.write_over_reader().await;
        assert_eq!(
            written.is_ok(),
            db.store.backend() == store::Backend::Postgres,
            "{written:?}"
        );
    }
}

/// Two processes, one file: the other holds the lock for longer than anybody waits.
#[tokio::test]
async fn a_file_that_another_process_locks_is_unavailable() {
    for db in databases().await {
        if db.store.backend() == store::Backend::Postgres {
            continue;
        }
        let other = db.reopen(samples::master_keys()).await.unwrap();
        let tx = begin(&db).await;
        let waiting = other.begin().await;
        assert!(
            matches!(&waiting, Err(error) if error.is_unavailable()),
            "{waiting:?}"
        );
        let migrated = other.migrate().await;
        assert!(
            matches!(&migrated, Err(error) if error.is_unavailable()),
            "{migrated:?}"
        );
        assert!(other.reader().apps().await.is_ok(), "readers do not wait");
        drop(tx);
        other.begin().await.unwrap();
        other.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_deadlock_is_unavailable_for_one_and_fine_for_the_other() {
    for db in databases().await {
        if db.store.backend() == store::Backend::Sqlite {
            continue;
        }
        let (anna, bea) = (
            samples::guest("anna@contoso.test"),
            samples::guest("bea@contoso.test"),
        );
        let tx = begin(&db).await;
        tx.insert_guest(&anna).await.unwrap();
        tx.insert_guest(&bea).await.unwrap();
        tx.commit().await.unwrap();
        let (one, two) = (begin(&db).await, begin(&db).await);
        one.lock_guest(anna.id).await.unwrap();
        two.lock_guest(bea.id).await.unwrap();
        let crossing = async |tx: store::Tx, id| {
            let locked = tx.lock_guest(id).await;
            drop(tx);
            locked
        };
        let results = tokio::join!(crossing(one, bea.id), crossing(two, anna.id));
        let (lost, won): (Vec<_>, Vec<_>) = [results.0, results.1].into_iter().partition(Result::is_err);
        assert_eq!((lost.len(), won.len()), (1, 1));
        assert!(
            lost.iter()
                .filter_map(|result| result.as_ref().err())
                .all(store::StoreError::is_unavailable)
        );
    }
}

#[tokio::test]
async fn a_connection_that_is_cut_is_unavailable_and_then_replaced() {
    for db in databases().await {
        if db.store.backend() == store::Backend::Sqlite {
            continue;
        }
        let cut = db
            .store
            .run_raw("SELECT pg_terminate_backend(pg_backend_pid())")
            .await;
        assert!(matches!(&cut, Err(error) if error.is_unavailable()), "{cut:?}");
        db.store.reader().apps().await.unwrap();
        assert_eq!(db.store.reader().apps().await.unwrap(), []);
    }
}
