//! The connection pools: how each database is opened.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr,
    sqlx::{
        ConnectOptions as _, Connection as _, Error as SqlxError, postgres::PgConnectOptions,
        sqlite::SqliteConnectOptions,
    },
};

use crate::{
    StoreError, StoreSettings,
    sqlite::{self, Readers, Writer},
    transaction::is_settled,
};

/// How long a request waits for a connection before it is told that the database is not available.
const ACQUIRE: Duration = Duration::from_secs(5);
/// How long PostgreSQL may work on one statement. The slowest of ours takes milliseconds.
const STATEMENT: Duration = Duration::from_secs(10);

/// Which file a URL of SQLite names.
fn file_of(url: &str) -> Result<PathBuf, StoreError> {
    if url.contains(":memory:") || url.contains("mode=memory") {
        // Every connection would get a database of its own.
        return Err(StoreError::Url(
            "SQLite must be a file; each connection to :memory: is another database",
        ));
    }
    let options = SqliteConnectOptions::from_str(url)
        .map_err(|_| StoreError::Url("the SQLite URL must look like sqlite:path/to/vestibule.db"))?;
    Ok(options.get_filename().to_owned())
}

/// The one connection that writes, and those that read.
pub(crate) async fn sqlite(settings: &StoreSettings) -> Result<(Writer, Readers), StoreError> {
    let file = file_of(&settings.url)?;
    create_private(&file).map_err(unavailable)?;
    let (synchronous, readers) = (settings.synchronous, settings.readers);
    // It may have to wait for other processes, and to read back a long log.
    tokio::task::spawn_blocking(move || sqlite::open(&file, synchronous, readers))
        .await
        .unwrap_or_else(|error| Err(StoreError::Unavailable(error.into())))
}

/// A connection of sea-orm's, which the steps of the schema need.
pub(crate) async fn sqlite_for_the_schema(url: &str) -> Result<DatabaseConnection, StoreError> {
    let mut options = pool(url, 1);
    options.map_sqlx_sqlite_opts(|options| options.busy_timeout(ACQUIRE).foreign_keys(true));
    Ok(Database::connect(options).await?)
}

/// One pool for both: every connection reads and writes.
pub(crate) async fn postgres(settings: &StoreSettings) -> Result<DatabaseConnection, StoreError> {
    // A pool says only that it waited; one connection says why.
    let once = PgConnectOptions::from_str(&settings.url)
        .map_err(|_| StoreError::Url("the PostgreSQL URL must look like postgres://user@host/database"))?;
    let tried = tokio::time::timeout(ACQUIRE, once.connect()).await;
    let connection = tried.map_err(|_| unavailable(std::io::ErrorKind::TimedOut.into()))?;
    let connection = connection.map_err(|error| DbErr::Conn(RuntimeErr::SqlxError(error.into())))?;
    // Closing it politely may fail as well, and means nothing.
    let _ = connection.close().await;
    let mut options = pool(&settings.url, settings.readers.max(2));
    options
        .statement_timeout(STATEMENT)
        .set_application_name("vestibule")
        // A connection that idled may have been cut by a firewall or a restart of the server.
        .test_before_acquire_if_idle_for(Duration::from_secs(30));
    options.map_sqlx_postgres_pool_opts(|pool| {
        pool.after_release(|connection, _| Box::pin(is_settled(connection)))
    });
    Ok(Database::connect(options).await?)
}

fn pool(url: &str, size: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(size)
        .acquire_timeout(ACQUIRE)
        .connect_timeout(ACQUIRE)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        // Statements carry addresses and hashes; what is worth logging is logged by those who know what it means.
        .sqlx_logging(false)
        .record_stmt_in_spans(false);
    options
}

/// Makes the file readable by its owner alone, when it does not exist yet. SQLite gives its companions (-wal, -shm)
/// the same permissions.
pub(crate) fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn unavailable(error: std::io::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(SqlxError::Io(error).into()))
}
