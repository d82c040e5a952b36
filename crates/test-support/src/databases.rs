//! Fresh databases: a SQLite file always, and one on PostgreSQL when `TEST_DATABASE_URL` names a server.

use std::{
    process,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

use domain::master_key::MasterKeys;
use store::{Store, StoreError, StoreSettings, Synchronous};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use crate::samples;

/// A migrated, empty database of one test. It is removed with the value.
#[derive(Debug)]
pub struct TestDatabase {
    /// `SQLite` or `PostgreSQL`, for the messages of assertions.
    pub name: &'static str,
    /// The store over it.
    pub store: Store,
    settings: StoreSettings,
    _place: Place,
}

#[derive(Debug)]
enum Place {
    Directory { _directory: TempDir },
    Database { _database: PostgresDatabase },
}

impl TestDatabase {
    async fn connect(name: &'static str, url: String, place: Place) -> Self {
        let settings = StoreSettings {
            url,
            readers: 4,
            // A test's database need not survive a power cut, and syncing would take most of its time.
            synchronous: Synchronous::Normal,
        };
        let store = Store::connect(&settings, samples::master_keys(), Arc::new(samples::entropy()))
            .await
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        Self {
            name,
            store,
            settings,
            _place: place,
        }
    }

    async fn migrate(&self) {
        if let Err(error) = self.store.migrate().await {
            panic!("{}: {error:?}", self.name);
        }
    }

    /// How it was opened.
    pub fn settings(&self) -> &StoreSettings {
        &self.settings
    }

    /// Another process's view of the same database: pools of its own.
    pub async fn reopen(&self, keys: MasterKeys) -> Result<Store, StoreError> {
        Store::connect(&self.settings, keys, Arc::new(samples::entropy())).await
    }
}

/// One fresh database of every kind that this run tests.
///
/// # Panics
///
/// When a database cannot be made, and when `REQUIRE_PG=1` is set without `TEST_DATABASE_URL`.
pub async fn databases() -> Vec<TestDatabase> {
    let mut databases = vec![sqlite().await];
    match (variable("TEST_DATABASE_URL"), variable("REQUIRE_PG")) {
        (Some(url), _) => databases.push(postgres(&url).await),
        (None, Some(required)) if required == "1" => {
            panic!("REQUIRE_PG=1, but TEST_DATABASE_URL does not name a PostgreSQL server")
        }
        (None, _) => {}
    }
    databases
}

/// A fresh SQLite database alone, for what no database can change.
///
/// # Panics
///
/// When it cannot be made.
pub async fn sqlite() -> TestDatabase {
    // The schema is made once; its file is what each test begins with.
    static MIGRATED: OnceCell<Vec<u8>> = OnceCell::const_new();
    let file = MIGRATED.get_or_init(migrated_file).await;
    let (directory, url) = directory();
    std::fs::write(directory.path().join(FILE), file)
        .unwrap_or_else(|error| panic!("the temporary directory: {error}"));
    let place = Place::Directory {
        _directory: directory,
    };
    TestDatabase::connect("SQLite", url, place).await
}

const FILE: &str = "vestibule.db";

fn directory() -> (TempDir, String) {
    let directory = tempfile::tempdir().unwrap_or_else(|error| panic!("no temporary directory: {error}"));
    let url = format!("sqlite:{}/{FILE}", directory.path().display());
    (directory, url)
}

async fn migrated_file() -> Vec<u8> {
    let (directory, url) = directory();
    let file = directory.path().join(FILE);
    let place = Place::Directory {
        _directory: directory,
    };
    let database = TestDatabase::connect("SQLite", url, place).await;
    database.migrate().await;
    // Closing brings what is beside the file into it.
    let _ = database.store.close().await;
    std::fs::read(file).unwrap_or_else(|error| panic!("the migrated file: {error}"))
}

async fn postgres(server: &str) -> TestDatabase {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let database = PostgresDatabase {
        server: server.to_owned(),
        name: format!(
            "vestibule_test_{}_{}",
            process::id(),
            COUNT.fetch_add(1, Ordering::SeqCst)
        ),
    };
    database.administer("CREATE DATABASE").await;
    let mut url = url::Url::parse(server).unwrap_or_else(|error| panic!("TEST_DATABASE_URL: {error}"));
    url.set_path(&database.name);
    let place = Place::Database { _database: database };
    let database = TestDatabase::connect("PostgreSQL", url.into(), place).await;
    database.migrate().await;
    database
}

/// A database on a server, dropped with the value.
#[derive(Debug)]
struct PostgresDatabase {
    server: String,
    name: String,
}

impl PostgresDatabase {
    async fn administer(&self, statement: &str) {
        let settings = StoreSettings {
            url: self.server.clone(),
            readers: 1,
            synchronous: Synchronous::Normal,
        };
        let server = Store::connect(&settings, samples::master_keys(), Arc::new(samples::entropy()))
            .await
            .unwrap_or_else(|error| panic!("TEST_DATABASE_URL: {error:?}"));
        let force = if statement.starts_with("DROP") {
            " WITH (FORCE)"
        } else {
            ""
        };
        let sql = format!("{statement} {}{force}", self.name);
        if let Err(error) = server.run_raw(&sql).await {
            panic!("{sql}: {error:?}");
        }
        let _ = server.close().await;
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        // Dropping is not async, and the test's runtime may be going down: a thread with a runtime of its own.
        thread::scope(|scope| {
            let _ = scope
                .spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                    if let Ok(runtime) = runtime {
                        runtime.block_on(self.administer("DROP DATABASE"));
                    }
                })
                .join();
        });
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the edge of the tests: nothing else reads their environment"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
