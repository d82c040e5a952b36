//! A database transaction that remembers whether all of its statements succeeded.
//!
//! What a failed statement leaves behind differs: `PostgreSQL` refuses every later statement and answers COMMIT with
//! success although it rolls back; `SQLite` may have ended the transaction on its own (disk full, I/O error), so that
//! a later statement would be stored outside any transaction. A statement whose future was dropped may or may not
//! have run. After any of these, a [`Transaction`] runs nothing more and does not commit.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
    prelude::async_trait::async_trait, sqlx,
};

use crate::{StoreError, db::Shared, pending_event::PendingEvent};

/// How many events one statement writes: far below what a statement may have of values on either database.
const EVENTS_MAX: usize = 500;

/// See the module. Dropping it rolls back.
pub struct Transaction {
    inner: DatabaseTransaction,
    /// Set while a statement runs, and left set when it failed or its future was dropped.
    in_doubt: AtomicBool,
    shared: Arc<Shared>,
    /// The events that were recorded and are not written yet.
    events: Mutex<Vec<PendingEvent>>,
    /// Whether it changes an app or a secret of one.
    changes_apps: AtomicBool,
    /// Whether this process reads its apps again afterwards.
    forgets_apps: AtomicBool,
}

impl Transaction {
    /// Begins a transaction on one connection of `pool`. A connection that is inside a transaction already is
    /// closed, and the caller gets an error.
    pub(crate) async fn begin(pool: &DatabaseConnection, shared: Arc<Shared>) -> Result<Self, StoreError> {
        // A deferred SQLite transaction that reads before it writes fails with BUSY_SNAPSHOT when another process
        // has committed in between, and no timeout applies to that. PostgreSQL ignores the mode.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let begun = match pool.get_database_backend() {
            DbBackend::Postgres => begin_whole(pool.clone(), options).await,
            _ => pool.begin_with_options(options).await,
        };
        match begun {
            Ok(inner) => Ok(Self {
                inner,
                in_doubt: AtomicBool::new(false),
                shared,
                events: Mutex::default(),
                changes_apps: AtomicBool::new(false),
                forgets_apps: AtomicBool::new(false),
            }),
            Err(error) => {
                let error = StoreError::from(error);
                if !error.is_unavailable() && pool.get_database_backend() == DbBackend::Sqlite {
                    discard_writer(pool).await;
                }
                Err(error)
            }
        }
    }

    /// Makes the changes durable, unless a statement failed or was abandoned.
    pub(crate) async fn commit(self) -> Result<(), DbErr> {
        self.refuse_in_doubt()?;
        // After an error as well, and where the request was dropped meanwhile: the database may have committed.
        let forgets = self.forgets_apps.load(Ordering::Relaxed);
        let _forgetting = forgets.then(|| Forgetting(Arc::clone(&self.shared)));
        let done = self.inner.commit().await;
        if done.is_err() {
            self.shared.write_failed.store(true, Ordering::Relaxed);
        }
        done
    }

    /// Keeps an event until the transaction ends; says whether there are so many that they should be written.
    pub(crate) fn keep_event(&self, event: PendingEvent) -> bool {
        let mut events = self.events.lock().unwrap_or_else(PoisonError::into_inner);
        events.push(event);
        events.len() >= EVENTS_MAX
    }

    /// The events that were kept, which are kept no longer.
    pub(crate) fn take_events(&self) -> Vec<PendingEvent> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes that an app or a secret of one changes here.
    pub(crate) fn change_apps(&self) {
        self.changes_apps.store(true, Ordering::Relaxed);
        self.forget_apps();
    }

    /// Notes that this process must read its apps again, and others need not.
    pub(crate) fn forget_apps(&self) {
        self.forgets_apps.store(true, Ordering::Relaxed);
    }

    /// Whether [`Self::change_apps`] was called.
    pub(crate) fn changes_apps(&self) -> bool {
        self.changes_apps.load(Ordering::Relaxed)
    }

    /// Applies the missing steps of the schema.
    pub(crate) async fn migrate(&self) -> Result<(), DbErr> {
        self.watch(migrations::up(&self.inner)).await
    }

    async fn watch<T>(&self, statement: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        self.refuse_in_doubt()?;
        self.in_doubt.store(true, Ordering::Relaxed);
        let done = statement.await;
        match done {
            Ok(_) => self.in_doubt.store(false, Ordering::Relaxed),
            Err(_) => self.shared.write_failed.store(true, Ordering::Relaxed),
        }
        done
    }

    fn refuse_in_doubt(&self) -> Result<(), DbErr> {
        if self.in_doubt.load(Ordering::Relaxed) {
            let cause = "a statement of this transaction failed or was abandoned; nothing of it is stored";
            let cause = sqlx::Error::Io(std::io::Error::other(cause));
            return Err(DbErr::Exec(RuntimeErr::SqlxError(cause.into())));
        }
        Ok(())
    }
}

/// Makes this process forget its apps when it is dropped.
struct Forgetting(Arc<Shared>);

impl Drop for Forgetting {
    fn drop(&mut self) {
        self.0.apps.forget();
    }
}

#[async_trait]
impl ConnectionTrait for Transaction {
    fn get_database_backend(&self) -> DbBackend {
        self.inner.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.watch(self.inner.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.watch(self.inner.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.watch(self.inner.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.watch(self.inner.query_all_raw(statement)).await
    }
}

/// Begins on a task of its own. sqlx counts a transaction of `PostgreSQL` when the BEGIN is answered: a request that is dropped
/// before would leave one open unnoticed, on a connection that others use next.
async fn begin_whole(
    pool: DatabaseConnection,
    options: TransactionOptions,
) -> Result<DatabaseTransaction, DbErr> {
    let begun = tokio::task::spawn(async move { pool.begin_with_options(options).await });
    begun
        .await
        .unwrap_or_else(|error| Err(DbErr::Conn(RuntimeErr::Internal(error.to_string()))))
}

/// Whether a connection that comes back to its pool is outside any transaction. sqlx keeps its own count of open
/// transactions: when `SQLite` has ended one by itself, the ROLLBACK that follows fails and the count stays at one.
/// Every later transaction would then be a savepoint inside a transaction that is never committed.
pub(crate) async fn is_settled<C: sqlx::Connection>(connection: &mut C) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The rollback of a dropped transaction is only queued; a ping waits for it.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}

/// Closes the one connection that writes; the next transaction opens another.
async fn discard_writer(pool: &DatabaseConnection) {
    // Waiting or closing may fail too: then the pool has dropped the connection by itself.
    if let Ok(connection) = pool.get_sqlite_connection_pool().acquire().await {
        tracing::error!("the connection that writes was inside a transaction; it is replaced");
        let _ = connection.close().await;
    }
}
