//! What reads run over: the connections for reads, or a transaction.

use std::sync::Arc;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, Value};
use tokio::task::coop::consume_budget;

use crate::{Backend, StoreError, columns::AnyRow, sqlite::Readers};

/// What a [`Db`](crate::Db) reads over: the connections of a [`Reader`](crate::Reader), or the transaction of a
/// [`Tx`](crate::Tx). A function that only reads takes a `Db` of either.
pub trait Reads: sealed::Connection {}

impl<C: sealed::Connection> Reads for C {}

pub(crate) mod sealed {
    use super::{AnyRow, Backend, StoreError, Value};

    /// Other crates cannot add a connection.
    pub trait Connection: Send + Sync {
        /// Which database it is.
        fn backend(&self) -> Backend;

        /// Runs a statement and reads at most `max` of its rows.
        fn query<T: Send>(
            &self,
            sql: &str,
            values: Vec<Value>,
            max: usize,
            read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + Sync,
        ) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send;

        /// Runs a statement that may take long, and reads its rows.
        fn query_apart<T: Send + 'static>(
            &self,
            sql: &str,
            values: Vec<Value>,
            read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
        ) -> impl Future<Output = Result<Vec<T>, StoreError>> + Send {
            self.query(sql, values, usize::MAX, read)
        }
    }
}

/// The connections for reads.
#[derive(Clone)]
pub enum Pool {
    /// SQLite's file.
    Sqlite(Arc<Readers>),
    /// PostgreSQL, or a copy of a file that is looked at once.
    Sea(DatabaseConnection),
    /// None, during an outage on request.
    Unreachable(Backend),
}

impl sealed::Connection for Pool {
    fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Sea(pool) => backend_of(pool),
            Self::Unreachable(backend) => *backend,
        }
    }

    async fn query<T: Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
        max: usize,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + Sync,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(readers) => {
                consume_budget().await;
                readers.query(sql, &values, max, read)
            }
            Self::Sea(pool) => query(pool, sql, values, max, read).await,
            Self::Unreachable(_) => Err(unreachable_on_request()),
        }
    }

    async fn query_apart<T: Send + 'static>(
        &self,
        sql: &str,
        values: Vec<Value>,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + Sync + 'static,
    ) -> Result<Vec<T>, StoreError> {
        match self {
            Self::Sqlite(readers) => readers.query_apart(sql, values, read).await,
            others => others.query(sql, values, usize::MAX, read).await,
        }
    }
}

pub(crate) fn backend_of(connection: &impl ConnectionTrait) -> Backend {
    match connection.get_database_backend() {
        DbBackend::Postgres => Backend::Postgres,
        _ => Backend::Sqlite,
    }
}

pub(crate) fn unreachable_on_request() -> StoreError {
    StoreError::Unavailable("an outage on request holds".into())
}

/// Runs a statement over sea-orm and reads at most `max` of its rows.
pub(crate) async fn query<T>(
    connection: &impl ConnectionTrait,
    sql: &str,
    values: Vec<Value>,
    max: usize,
    read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    if max == 1 {
        let row = connection.query_one_raw(statement).await?;
        return row.iter().map(|row| read(&AnyRow::Sea(row))).collect();
    }
    let rows = connection.query_all_raw(statement).await?;
    rows.iter().take(max).map(|row| read(&AnyRow::Sea(row))).collect()
}
