//! What can go wrong with the database, sorted by what a caller does about it.

use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxSqliteError, sqlx};

/// A failure of the database. None of its texts carries a value of a row.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Busy, unreachable, out of space or shutting down: the same request may succeed later.
    #[error("the database is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The change contradicts what is there: a unique value exists, or a referenced row does not.
    #[error("the change conflicts with what is stored: {0}")]
    Conflict(String),
    /// A row holds what the software never writes.
    #[error("table {table}, row {row}: column {column} holds an illegal value")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The row's key.
        row: String,
        /// The column.
        column: &'static str,
    },
    /// The database was set up with another master key, or one that is no longer configured.
    #[error(
        "the database belongs to master key {expected}; the one configured is {given}: put the right one back, or, \
         if it was replaced on purpose, name the former one in secrets.older_master_keys"
    )]
    WrongMasterKey {
        /// The name of the key it needs.
        expected: String,
        /// The name of the key in use.
        given: String,
    },
    /// A sealed value does not open: it was changed, or moved from another row.
    #[error("table {table}, row {row}: column {column} cannot be unsealed")]
    Sealed {
        /// The table.
        table: &'static str,
        /// The row's key.
        row: String,
        /// The column.
        column: &'static str,
    },
    /// A newer Vestibule has already changed the schema.
    #[error(
        "the database was migrated by a newer Vestibule (this one does not know: {}); run that version",
        unknown.join(", ")
    )]
    SchemaTooNew {
        /// The steps that this binary does not know.
        unknown: Vec<String>,
    },
    /// The URL names no database that is supported.
    #[error("{0}")]
    Url(&'static str),
    /// A connection pooler before PostgreSQL hands out connections in a way that prepared statements do not survive.
    #[error(
        "a connection pooler stands before PostgreSQL and is not set up for Vestibule; for PgBouncer write \
         ignore_startup_parameters = extra_float_digits,options and either pool_mode = session or, from PgBouncer 1.21 \
         on, max_prepared_statements = 200"
    )]
    Pooler(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else: a defect of ours, or of the database.
    #[error("the database refused a statement")]
    Database(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StoreError {
    /// Whether the same request may succeed later.
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }

    /// Whether a unique value was there already, or a referenced row was not.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict(_))
    }
}

impl StoreError {
    /// Whether another transaction at the same time was in the way, and the same work done again most likely is not:
    /// a conflict, a deadlock, or a serialization failure.
    pub fn is_crossed(&self) -> bool {
        let Self::Unavailable(cause) = self else {
            return self.is_conflict();
        };
        let of_driver = cause.downcast_ref().and_then(of_driver);
        let Some(sqlx::Error::Database(error)) = of_driver else {
            return false;
        };
        matches!(error.code().as_deref(), Some("40001" | "40P01"))
    }
}

/// What the driver said.
fn of_driver(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if let Some(SqlErr::UniqueConstraintViolation(what) | SqlErr::ForeignKeyConstraintViolation(what)) =
            error.sql_err()
        {
            return Self::Conflict(what);
        }
        let of_driver = of_driver(&error);
        if of_driver.is_some_and(comes_of_a_pooler) {
            Self::Pooler(Box::new(error))
        } else if matches!(error, DbErr::ConnectionAcquire(_)) || of_driver.is_some_and(passes) {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Database(Box::new(error))
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(code, said) = &error else {
            return Self::Database(Box::new(error));
        };
        // sqlite.org/rescode.html: FOREIGNKEY, PRIMARYKEY, UNIQUE.
        if matches!(code.extended_code, 787 | 1555 | 2067) {
            return Self::Conflict(said.clone().unwrap_or_default());
        }
        if passes_on_sqlite(code.extended_code) {
            Self::Unavailable(Box::new(error))
        } else {
            Self::Database(Box::new(error))
        }
    }
}

/// Whether SQLite's code is one of a failure that passes. The low byte is the primary code: BUSY, LOCKED, READONLY (a file system that
/// was remounted so), IOERR, FULL, CANTOPEN (sqlite.org/rescode.html).
fn passes_on_sqlite(code: i32) -> bool {
    matches!(code & 0xff, 5 | 6 | 8 | 10 | 13 | 14)
}

/// Whether only a pooler between us and PostgreSQL explains the failure: it refused what every connection says at its
/// start, or handed us a connection on which another one's statements are prepared, or ours are not.
fn comes_of_a_pooler(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(error) = error else {
        return false;
    };
    match error.code().as_deref() {
        // duplicate_prepared_statement, invalid_sql_statement_name (PostgreSQL, appendix A)
        Some("42P05" | "26000") => true,
        Some("08P01") => error.message().starts_with("unsupported startup parameter"),
        _ => false,
    }
}

/// Whether the failure is one that passes.
fn passes(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            // The steps of the schema run over sqlx on SQLite too.
            if error.try_downcast_ref::<SqlxSqliteError>().is_some() {
                return passes_on_sqlite(code.parse().unwrap_or(0));
            }
            // PostgreSQL, appendix A: connection, resources, operator intervention and read-only replicas by class;
            // serialization failure, deadlock, lock not available one by one.
            matches!(code.get(..2), Some("08" | "53" | "57"))
                || matches!(&*code, "40001" | "40P01" | "55P03" | "25006")
        }
        _ => false,
    }
}
