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
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, Value, sqlx,
};
use tokio::task::coop::consume_budget;

use crate::{
    Backend, StoreError,
    columns::AnyRow,
    db::Shared,
    pending_event::PendingEvent,
    reads::{self, sealed},
    sqlite::{WriteTransaction, Writer},
};

/// How many events one statement writes: far below what a statement may have of values on either database.
const EVENTS_MAX: usize = 500;

/// See the module. Dropping it rolls back.
pub struct Transaction {
    inner: Inner,
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

enum Inner {
    Sqlite(WriteTransaction),
    /// On PostgreSQL, and on a SQLite file whose schema is being made.
    Sea(DatabaseTransaction),
}

impl Transaction {
    /// Begins a transaction on SQLite.
    pub(crate) async fn begin_sqlite(writer: &Arc<Writer>, shared: Arc<Shared>) -> Result<Self, StoreError> {
        let inner = WriteTransaction::begin(writer).await?;
        Ok(Self::over(Inner::Sqlite(inner), shared))
    }

    /// Begins a transaction on one connection of `pool`.
    pub(crate) async fn begin(pool: &DatabaseConnection, shared: Arc<Shared>) -> Result<Self, StoreError> {
        // A deferred SQLite transaction that reads before it writes fails with BUSY_SNAPSHOT when another process
        // has committed in between, and no timeout applies to that. PostgreSQL ignores the mode.
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let inner = match pool.get_database_backend() {
            DbBackend::Postgres => begin_whole(pool.clone(), options).await?,
            _ => pool.begin_with_options(options).await?,
        };
        Ok(Self::over(Inner::Sea(inner), shared))
    }

    fn over(inner: Inner, shared: Arc<Shared>) -> Self {
        Self {
            inner,
            in_doubt: AtomicBool::new(false),
            shared,
            events: Mutex::default(),
            changes_apps: AtomicBool::new(false),
            forgets_apps: AtomicBool::new(false),
        }
    }

    /// Makes the changes durable, unless a statement failed or was abandoned.
    pub(crate) async fn commit(self) -> Result<(), StoreError> {
        self.refuse_in_doubt()?;
        // After an error as well, and where the request was dropped meanwhile: the database may have committed.
        let forgets = self.forgets_apps.load(Ordering::Relaxed);
        let forgetting = forgets.then(|| Forgetting(Arc::clone(&self.shared)));
        let done = match self.inner {
            Inner::Sqlite(inner) => inner.commit(Box::new(forgetting)).await,
            Inner::Sea(inner) => {
                let done = inner.commit().await;
                drop(forgetting);
                done.map_err(StoreError::from)
            }
        };
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
    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        self.watch(async {
            match &self.inner {
                Inner::Sea(inner) => Ok(migrations::up(inner).await?),
                Inner::Sqlite(_) => Err(StoreError::Database("a schema is made over sea-orm".into())),
            }
        })
        .await
    }

    /// Runs a statement and says how many rows it changed.
    pub(crate) async fn execute(&self, sql: &str, values: Vec<Value>) -> Result<u64, StoreError> {
        self.watch(async {
            match &self.inner {
                Inner::Sqlite(inner) => {
                    consume_budget().await;
                    inner.execute(sql, &values)
                }
                Inner::Sea(inner) => {
                    let statement = Statement::from_sql_and_values(inner.get_database_backend(), sql, values);
                    Ok(inner.execute_raw(statement).await?.rows_affected())
                }
            }
        })
        .await
    }

    async fn watch<T>(
        &self,
        statement: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.refuse_in_doubt()?;
        self.in_doubt.store(true, Ordering::Relaxed);
        let done = statement.await;
        match done {
            // An illegal value says nothing against the statement. One of another type is a defect.
            Ok(_) | Err(StoreError::Corrupt { .. } | StoreError::Sealed { .. }) => {
                self.in_doubt.store(false, Ordering::Relaxed);
            }
            Err(_) => self.shared.write_failed.store(true, Ordering::Relaxed),
        }
        done
    }

    fn refuse_in_doubt(&self) -> Result<(), StoreError> {
        if self.in_doubt.load(Ordering::Relaxed) {
            let cause = "a statement of this transaction failed or was abandoned; nothing of it is stored";
            return Err(StoreError::Unavailable(cause.into()));
        }
        Ok(())
    }
}

impl sealed::Connection for Transaction {
    fn backend(&self) -> Backend {
        match &self.inner {
            Inner::Sqlite(_) => Backend::Sqlite,
            Inner::Sea(inner) => reads::backend_of(inner),
        }
    }

    async fn query<T: Send>(
        &self,
        sql: &str,
        values: Vec<Value>,
        max: usize,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + Sync,
    ) -> Result<Vec<T>, StoreError> {
        self.watch(async {
            match &self.inner {
                Inner::Sqlite(inner) => {
                    consume_budget().await;
                    inner.query(sql, &values, max, read)
                }
                Inner::Sea(inner) => reads::query(inner, sql, values, max, read).await,
            }
        })
        .await
    }
}

/// Makes this process forget its apps when it is dropped.
struct Forgetting(Arc<Shared>);

impl Drop for Forgetting {
    fn drop(&mut self) {
        self.0.apps.forget();
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

/// Whether a connection that comes back to its pool is outside any transaction, by sqlx's own count.
pub(crate) async fn is_settled<C: sqlx::Connection>(connection: &mut C) -> Result<bool, sqlx::Error> {
    if connection.is_in_transaction() {
        // The rollback of a dropped transaction is only queued; a ping waits for it.
        connection.ping().await?;
    }
    Ok(!connection.is_in_transaction())
}
