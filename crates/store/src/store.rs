//! Opening the database: pools, migrations, the master key's binding.

use std::sync::{Arc, atomic::Ordering};

use chrono::{DateTime, Utc};
use domain::{entropy::Entropy, master_key::MasterKeys};
use sea_orm::DatabaseConnection;

use crate::{
    Backend, Reader, RecordedTime, StoreError, StoreSettings, Tx, connect,
    db::Shared,
    instance,
    reads::{Pool, unreachable_on_request},
    schema,
    sqlite::{Readers, Writer},
    transaction::Transaction,
};

/// How much a proof writes after a failure, in bytes: more than any request does.
const PROOF: usize = 64 * 1024;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    connections: Arc<Connections>,
    pub(crate) shared: Arc<Shared>,
}

enum Connections {
    Sqlite {
        url: Arc<str>,
        writer: Arc<Writer>,
        readers: Arc<Readers>,
    },
    Postgres(DatabaseConnection),
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.backend())
    }
}

impl Store {
    /// Opens the database. SQLite's file is made when it is missing; the schema is not: see [`Self::migrate`].
    pub async fn connect(
        settings: &StoreSettings,
        keys: MasterKeys,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        let connections = if settings.url.starts_with("sqlite:") {
            let (writer, readers) = connect::sqlite(settings).await?;
            Connections::Sqlite {
                url: settings.url.as_str().into(),
                writer: Arc::new(writer),
                readers: Arc::new(readers),
            }
        } else if settings.url.starts_with("postgres:") || settings.url.starts_with("postgresql:") {
            Connections::Postgres(connect::postgres(settings).await?)
        } else {
            return Err(StoreError::Url(
                "the database URL must begin with sqlite: or postgres://",
            ));
        };
        Ok(Self {
            connections: Arc::new(connections),
            shared: Arc::new(Shared::new(keys, entropy)),
        })
    }

    /// Applies the steps that are missing, all or none, and binds the database to the master key. Two processes
    /// that start together do not race: one waits for the other. Returns the names of the steps.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        match &*self.connections {
            Connections::Sqlite { url, .. } => {
                let connection = connect::sqlite_for_the_schema(url).await?;
                let done = self.migrate_over(&connection).await;
                connection.close_by_ref().await?;
                done
            }
            Connections::Postgres(pool) => self.migrate_over(pool).await,
        }
    }

    async fn migrate_over(&self, pool: &DatabaseConnection) -> Result<Vec<String>, StoreError> {
        let shared = Arc::clone(&self.shared);
        let tx = Tx {
            connection: Transaction::begin(pool, Arc::clone(&shared)).await?,
            shared,
        };
        let applied = schema::migrate(&tx).await?;
        instance::bind(&tx).await?;
        tx.commit().await?;
        Ok(applied)
    }

    /// The names of the steps that are missing. Refuses a schema newer than this binary, and another's master key.
    pub async fn pending_migrations(&self) -> Result<Vec<String>, StoreError> {
        let reader = self.reader();
        let pending = schema::pending(&reader).await?;
        if pending.is_empty() {
            instance::check(&reader).await?;
        }
        Ok(pending)
    }

    /// The newest step that is applied; `None` in a new database.
    pub async fn schema_version(&self) -> Result<Option<String>, StoreError> {
        Ok(schema::applied(&self.reader()).await?.pop())
    }

    /// Reads that need no consistency with a write.
    pub fn reader(&self) -> Reader {
        let connection = match &*self.connections {
            _ if self.is_unreachable() => Pool::Unreachable(self.backend()),
            Connections::Sqlite { readers, .. } => Pool::Sqlite(Arc::clone(readers)),
            Connections::Postgres(pool) => Pool::Sea(pool.clone()),
        };
        Reader {
            connection,
            shared: Arc::clone(&self.shared),
        }
    }

    /// Opens a write transaction. On SQLite there is one at a time: a second `begin` in the same request waits
    /// for the first until it fails.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let shared = Arc::clone(&self.shared);
        let connection = match &*self.connections {
            _ if self.is_unreachable() => return Err(unreachable_on_request()),
            Connections::Sqlite { writer, .. } => {
                Transaction::begin_sqlite(writer, Arc::clone(&shared)).await?
            }
            Connections::Postgres(pool) => Transaction::begin(pool, Arc::clone(&shared)).await?,
        };
        Ok(Tx { connection, shared })
    }

    /// Proves that the database stores what it is told, by writing what time it is (`now`, unless the database
    /// has a clock of its own). After a write that failed, the proof is as large as a request's writes are: on a full
    /// disk a small one may still fit.
    pub async fn prove_write(&self, now: DateTime<Utc>) -> Result<RecordedTime, StoreError> {
        if self.failed_to_write() {
            for filler in [PROOF, 0] {
                let tx = self.begin().await?;
                tx.fill(filler).await?;
                tx.commit().await?;
            }
            self.shared.write_failed.store(false, Ordering::Relaxed);
        }
        let tx = self.begin().await?;
        let recorded = tx.record_time(now).await?;
        tx.commit().await?;
        Ok(recorded)
    }

    /// Forgets a recorded time that lies after `now`: the machine's clock was wrong then.
    pub async fn reset_time(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let tx = self.begin().await?;
        tx.reset_time(now).await?;
        tx.commit().await
    }

    /// Whether a write has failed since [`Self::prove_write`] last succeeded.
    pub fn failed_to_write(&self) -> bool {
        self.shared.write_failed.load(Ordering::Relaxed)
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        match *self.connections {
            Connections::Sqlite { .. } => Backend::Sqlite,
            Connections::Postgres(_) => Backend::Postgres,
        }
    }

    /// Runs statements as they are, past every rule of this crate.
    #[cfg(feature = "testing")]
    pub async fn run_raw(&self, sql: &str) -> Result<(), StoreError> {
        match &*self.connections {
            Connections::Sqlite { writer, .. } => writer.run_raw(sql).await,
            Connections::Postgres(pool) => {
                sea_orm::ConnectionTrait::execute_unprepared(pool, sql).await?;
                Ok(())
            }
        }
    }

    /// The master keys.
    pub fn master_keys(&self) -> &MasterKeys {
        &self.shared.keys
    }

    /// Closes every connection; SQLite then folds its write-ahead log into the file. An error where a read goes on for longer than
    /// this waits: the log may still lie beside the file.
    pub async fn close(&self) -> Result<(), StoreError> {
        match &*self.connections {
            Connections::Sqlite { writer, readers, .. } => {
                let closed = readers.close().await;
                writer.close().await;
                closed?;
            }
            Connections::Postgres(pool) => pool.close_by_ref().await?,
        }
        Ok(())
    }
}
