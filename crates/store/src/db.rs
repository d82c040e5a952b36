//! The connections: who may read, who may write, and what a transaction is.

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering},
};

use domain::{entropy::Entropy, master_key::MasterKeys};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, FromQueryResult, QueryResult, Statement, Value,
};

use crate::{StoreError, app_cache::AppCache, transaction::Transaction};

/// Which database is behind the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One file.
    Sqlite,
    /// A server, shared by any number of replicas.
    Postgres,
}

/// What every connection needs besides itself.
pub(crate) struct Shared {
    pub(crate) keys: MasterKeys,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) committed: AtomicU64,
    /// Whether a statement or a COMMIT failed since [`Store::prove_write`](crate::Store::prove_write) last wrote a lot.
    pub(crate) write_failed: AtomicBool,
    /// How many audit records this process has written; see `audit.rs`.
    pub(crate) audited: AtomicU16,
    pub(crate) apps: AppCache,
    /// Stands in for the connections during an outage on request; see `outage.rs`.
    pub(crate) outage: RwLock<Option<DatabaseConnection>>,
    /// What ran since a test asked to be told; see `testing.rs`.
    #[cfg(feature = "testing")]
    pub(crate) ran: std::sync::Mutex<Vec<String>>,
}

impl Shared {
    pub(crate) fn new(keys: MasterKeys, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            keys,
            entropy,
            committed: AtomicU64::new(0),
            write_failed: AtomicBool::new(false),
            audited: AtomicU16::new(0),
            apps: AppCache::default(),
            outage: RwLock::default(),
            #[cfg(feature = "testing")]
            ran: std::sync::Mutex::default(),
        }
    }

    /// Counts a statement, for the tests that hold how many an operation may run.
    #[cfg_attr(
        not(feature = "testing"),
        expect(clippy::unused_self, reason = "only tests count")
    )]
    pub(crate) fn count(&self, sql: &str) {
        #[cfg(feature = "testing")]
        self.ran
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .push(sql.to_owned());
        #[cfg(not(feature = "testing"))]
        let _ = sql;
    }
}

/// Access to the rows over a connection of type `C`. Reads are on every `Db`, writes only on a [`Tx`].
pub struct Db<C> {
    pub(crate) connection: C,
    pub(crate) shared: Arc<Shared>,
}

/// Reads that need no consistency with a write.
pub type Reader = Db<DatabaseConnection>;

/// A write transaction: opened late, held shortly, never across the network. Dropping it rolls back.
pub type Tx = Db<Transaction>;

/// What a [`Db`] reads over: the connections of a [`Reader`], or the transaction of a [`Tx`]. A function that only reads takes
/// a `Db` of either.
pub trait Reads: ConnectionTrait + sealed::Sealing {}

impl Reads for DatabaseConnection {}
impl Reads for Transaction {}

mod sealed {
    /// Other crates cannot add a connection.
    pub trait Sealing {}

    impl Sealing for super::DatabaseConnection {}
    impl Sealing for super::Transaction {}
}

impl<C> std::fmt::Debug for Db<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Db")
    }
}

impl<C: ConnectionTrait> Db<C> {
    /// The master keys, for what is derived from them.
    pub fn master_keys(&self) -> &MasterKeys {
        &self.shared.keys
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Postgres
    }

    /// At most one row of a statement. `$1` works on both databases. Columns are listed, never `*`: a replica
    /// that adds a column must not invalidate the plans of the others.
    pub(crate) async fn one<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, StoreError> {
        let row = self.row(sql, values).await?;
        Ok(row.map(|row| T::from_query_result(&row, "")).transpose()?)
    }

    /// At most one row that several tables were joined to; see [`joined`](crate::row::joined).
    pub(crate) async fn row(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<QueryResult>, StoreError> {
        self.shared.count(sql);
        Ok(self.connection.query_one_raw(self.statement(sql, values)).await?)
    }

    /// All rows of a statement.
    pub(crate) async fn all<T: FromQueryResult>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = self.rows(sql, values).await?;
        Ok(rows
            .iter()
            .map(|row| T::from_query_result(row, ""))
            .collect::<Result<_, _>>()?)
    }

    /// All rows that several tables were joined to; see [`joined`](crate::row::joined).
    pub(crate) async fn rows(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<QueryResult>, StoreError> {
        self.shared.count(sql);
        Ok(self.connection.query_all_raw(self.statement(sql, values)).await?)
    }

    fn statement(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
        Statement::from_sql_and_values(self.connection.get_database_backend(), sql, values)
    }
}

impl Tx {
    pub(crate) async fn open(writer: &DatabaseConnection, shared: Arc<Shared>) -> Result<Self, StoreError> {
        Ok(Self {
            connection: Transaction::begin(writer, Arc::clone(&shared)).await?,
            shared,
        })
    }

    /// What a SELECT ends with to keep the row for this transaction. SQLite has one writer, which this is.
    pub(crate) fn for_update(&self) -> &'static str {
        if self.is_postgres() { " FOR UPDATE" } else { "" }
    }

    /// Runs a statement and says how many rows it changed.
    pub(crate) async fn run(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<u64, StoreError> {
        self.shared.count(sql);
        let done = self.connection.execute_raw(self.statement(sql, values)).await?;
        Ok(done.rows_affected())
    }

    /// Makes the changes durable. When this returns `Ok` they survive a crash. An error says nothing about whether
    /// they are stored: a connection may be cut after the database has committed. Load again before deciding anew.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.write_events().await?;
        if self.connection.changes_apps() {
            self.raise_app_version().await?;
        }
        self.connection.commit().await?;
        self.shared.committed.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}
