//! The connections: who may read, who may write, and what a transaction is.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU16, AtomicU64, Ordering},
};

use domain::{entropy::Entropy, master_key::MasterKeys};
use sea_orm::Value;

use crate::{
    Backend, StoreError,
    app_cache::AppCache,
    columns::{AnyRow, FromRow},
    reads::{Pool, Reads},
    transaction::Transaction,
};

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
    /// Whether an outage on request holds; see `outage.rs`.
    pub(crate) is_unreachable: AtomicBool,
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
            is_unreachable: AtomicBool::new(false),
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
pub type Reader = Db<Pool>;

/// A write transaction: opened late, held shortly, never across the network. Dropping it rolls back.
pub type Tx = Db<Transaction>;

impl<C> std::fmt::Debug for Db<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Db")
    }
}

impl<C: Reads> Db<C> {
    /// The master keys, for what is derived from them.
    pub fn master_keys(&self) -> &MasterKeys {
        &self.shared.keys
    }

    pub(crate) fn is_postgres(&self) -> bool {
        self.connection.backend() == Backend::Postgres
    }

    /// At most one row of a statement. `$1` works on both databases. Columns are listed, never `*`: a replica
    /// that adds a column must not invalidate the plans of the others.
    pub(crate) async fn one<T: FromRow + Send>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Option<T>, StoreError> {
        self.row(sql, values, |row| T::from_row(row, "")).await
    }

    /// At most one row that several tables were joined to; see [`joined`](crate::row::joined).
    pub(crate) async fn row<T: Send>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + Sync,
    ) -> Result<Option<T>, StoreError> {
        self.shared.count(sql);
        let values = values.into_iter().collect();
        Ok(self.connection.query(sql, values, 1, read).await?.pop())
    }

    /// All rows of a statement.
    pub(crate) async fn all<T: FromRow + Send>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<T>, StoreError> {
        self.rows(sql, values, |row| T::from_row(row, "")).await
    }

    /// All rows that several tables were joined to; see [`joined`](crate::row::joined).
    pub(crate) async fn rows<T: Send>(
        &self,
        sql: &str,
        values: impl IntoIterator<Item = Value>,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + Sync,
    ) -> Result<Vec<T>, StoreError> {
        self.shared.count(sql);
        let values = values.into_iter().collect();
        self.connection.query(sql, values, usize::MAX, read).await
    }
}

impl Tx {
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
        self.connection.execute(sql, values.into_iter().collect()).await
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
