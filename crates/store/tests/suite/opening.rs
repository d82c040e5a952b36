//! Opening a database: migrations, the master key, URLs that name none.

use std::sync::Arc;

use domain::master_key::{MasterKey, MasterKeys};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DbBackend, Statement};
use store::{Store, StoreError, StoreSettings, Synchronous};
use test_support::{databases, samples};

fn keys(byte: u8, older: &[u8]) -> MasterKeys {
    let key = |byte| MasterKey::new([byte; 32]);
    MasterKeys::new(key(byte), older.iter().map(|&byte| key(byte)).collect())
}

async fn connect(url: &str) -> Result<Store, StoreError> {
    let settings = StoreSettings {
        url: url.to_owned(),
        readers: 1,
        synchronous: Synchronous::Full,
    };
    Store::connect(&settings, keys(7, &[]), Arc::new(samples::entropy())).await
}

#[tokio::test]
async fn migrating_twice_does_nothing_the_second_time() {
    for db in databases().await {
        assert_eq!(db.store.migrate().await.unwrap(), [""; 0], "{}", db.name);
        assert_eq!(
            db.store.pending_migrations().await.unwrap(),
            [""; 0],
            "{}",
            db.name
        );
    }
}

#[tokio::test]
async fn a_new_database_names_what_is_missing_and_then_what_was_done() {
    let directory = tempfile::tempdir().unwrap();
    let store = connect(&format!("sqlite:{}/new.db", directory.path().display()))
        .await
        .unwrap();
    let missing = store.pending_migrations().await.unwrap();
    assert_eq!(missing.first().map(String::as_str), Some("m0001_schema"));
    assert!(
        missing.is_sorted(),
        "steps are applied in the order of their names: {missing:?}"
    );
    assert_eq!(store.migrate().await.unwrap(), missing);
    assert_eq!(store.pending_migrations().await.unwrap(), [""; 0]);
}

#[tokio::test]
async fn two_processes_migrate_at_once() {
    for db in databases().await {
        // Back to an empty database: forget the steps and what they made.
        forget_everything(&db.store).await;
        let other = db.reopen(samples::master_keys()).await.unwrap();
        let (one, two) = tokio::join!(db.store.migrate(), other.migrate());
        let (one, two) = (one.unwrap(), two.unwrap());
        assert!(one.is_empty() != two.is_empty(), "{}: {one:?} {two:?}", db.name);
        other.close().await.unwrap();
    }
}

async fn forget_everything(store: &Store) {
    match store.backend() {
        store::Backend::Postgres => {
            store
                .run_raw("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                .await
                .unwrap();
        }
        store::Backend::Sqlite => {
            let tables = store.tables().await.unwrap();
            store.run_raw("PRAGMA foreign_keys = OFF").await.unwrap();
            store.run_raw("DROP VIEW held_assignments").await.unwrap();
            for table in tables {
                store.run_raw(&format!("DROP TABLE {table}")).await.unwrap();
            }
            store.run_raw("PRAGMA foreign_keys = ON").await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_newer_schema_is_refused() {
    for db in databases().await {
        db.store
            .run_raw("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_telepathy', 1)")
            .await
            .unwrap();
        for result in [db.store.migrate().await, db.store.pending_migrations().await] {
            match result {
                Err(StoreError::SchemaTooNew { unknown }) => assert_eq!(unknown, ["m9999_telepathy"]),
                other => panic!("{}: {other:?}", db.name),
            }
        }
    }
}

#[tokio::test]
async fn a_database_belongs_to_its_master_key() {
    for db in databases().await {
        let stranger = db.reopen(keys(8, &[])).await.unwrap();
        for result in [stranger.migrate().await, stranger.pending_migrations().await] {
            match result {
                Err(StoreError::WrongMasterKey { expected, given }) => {
                    assert_eq!(expected, keys(7, &[]).current().id(), "{}", db.name);
                    assert_eq!(given, keys(8, &[]).current().id(), "{}", db.name);
                }
                other => panic!("{}: {other:?}", db.name),
            }
        }
        stranger.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_successor_of_the_master_key_takes_over() {
    for db in databases().await {
        let successor = db.reopen(keys(8, &[7])).await.unwrap();
        successor.migrate().await.unwrap();
        successor.close().await.unwrap();
        assert!(
            matches!(db.store.migrate().await, Err(StoreError::WrongMasterKey { .. })),
            "{}: the old key alone is not enough any more",
            db.name
        );
        let alone = db.reopen(keys(8, &[])).await.unwrap();
        alone.migrate().await.unwrap();
        alone.close().await.unwrap();
    }
}

#[tokio::test]
async fn urls_that_name_no_database_are_refused() {
    for url in [
        "",
        "vestibule.db",
        "mysql://root@localhost/vestibule",
        "sqlite::memory:",
        "sqlite:x.db?mode=memory",
        "sqlite:x.db?mode=nonsense",
    ] {
        let result = connect(url).await;
        assert!(matches!(result, Err(StoreError::Url(_))), "{url}: {result:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    for url in [
        "postgres://postgres@127.0.0.1:1/postgres",
        "sqlite:/nowhere/at/all/vestibule.db",
    ] {
        let error = connect(url).await.unwrap_err();
        assert!(error.is_unavailable(), "{url}: {error:?}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("new.db");
    let store = connect(&format!("sqlite:{}", path.display())).await.unwrap();
    store.migrate().await.unwrap();
    for entry in std::fs::read_dir(directory.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", entry.path().display());
    }
}

/// What a pooler does that lends one connection to many, done by hand: PostgreSQL forgets what was prepared.
#[tokio::test]
async fn a_pooler_that_loses_prepared_statements_is_named_with_its_settings() {
    for db in databases().await.into_iter().filter(|db| db.name == "PostgreSQL") {
        let mut options = ConnectOptions::new(&db.settings().url);
        options.max_connections(1);
        let connection = Database::connect(options).await.unwrap();
        let ask = || connection.query_one_raw(Statement::from_string(DbBackend::Postgres, "SELECT 1"));
        ask().await.unwrap();
        connection.execute_unprepared("DEALLOCATE ALL").await.unwrap();
        let error = StoreError::from(ask().await.unwrap_err());
        assert!(matches!(error, StoreError::Pooler(_)), "{error:?}");
        let text = error.to_string();
        for setting in [
            "ignore_startup_parameters",
            "pool_mode = session",
            "max_prepared_statements",
        ] {
            assert!(text.contains(setting), "{text}");
        }
    }
}
