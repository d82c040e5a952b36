//! Opening the database: pools, migrations, the master key's binding.

use std::sync::{Arc, atomic::Ordering};

use chrono::{DateTime, Utc};
use domain::{entropy::Entropy, master_key::MasterKeys};
use sea_orm::DatabaseConnection;

use crate::{Backend, Reader, RecordedTime, StoreError, Tx, connect, db::Shared, instance, schema};

/// Where the database is and how it is used.
#[derive(Clone)]
pub struct StoreSettings {
    /// `sqlite:path/to/vestibule.db` or `postgres://user@host/database?sslmode=verify-full`.
    pub url: String,
    /// SQLite: connections that read, beside the one that writes. PostgreSQL: connections.
    pub readers: u32,
    /// When SQLite waits for the disk.
    pub synchronous: Synchronous,
}

impl std::fmt::Debug for StoreSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The URL may hold a password.
        let scheme = self.url.split(':').next().unwrap_or_default();
        write!(f, "StoreSettings({scheme}:…, {} readers)", self.readers)
    }
}

/// When SQLite waits for the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Synchronous {
    /// At every commit: a commit survives the loss of power.
    #[default]
    Full,
    /// At checkpoints: the last commits before a loss of power may be missing; the file stays sound.
    Normal,
}

/// How much a proof writes after a failure, in bytes: more than any request does.
const PROOF: usize = 64 * 1024;

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    backend: Backend,
    pub(crate) shared: Arc<Shared>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Store({:?})", self.backend)
    }
}

impl Store {
    /// Opens the database. SQLite's file is made when it is missing; the schema is not: see [`Self::migrate`].
    pub async fn connect(
        settings: &StoreSettings,
        keys: MasterKeys,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StoreError> {
        let shared = Arc::new(Shared::new(keys, entropy));
        if settings.url.starts_with("sqlite:") {
            let (writer, reader) = connect::sqlite(settings).await?;
            return Ok(Self {
                writer,
                reader,
                backend: Backend::Sqlite,
                shared,
            });
        }
        if settings.url.starts_with("postgres:") || settings.url.starts_with("postgresql:") {
            let pool = connect::postgres(settings).await?;
            return Ok(Self {
                writer: pool.clone(),
                reader: pool,
                backend: Backend::Postgres,
                shared,
            });
        }
        Err(StoreError::Url(
            "the database URL must begin with sqlite: or postgres://",
        ))
    }

    /// Applies the steps that are missing, all or none, and binds the database to the master key. Two processes
    /// that start together do not race: one waits for the other. Returns the names of the steps.
    pub async fn migrate(&self) -> Result<Vec<String>, StoreError> {
        let tx = self.begin().await?;
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
        Reader {
            connection: self.outage().unwrap_or_else(|| self.reader.clone()),
            shared: Arc::clone(&self.shared),
        }
    }

    /// Opens a write transaction. On SQLite there is one at a time: a second `begin` in the same request waits
    /// for the first until it fails.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let outage = self.outage();
        let writer = outage.as_ref().unwrap_or(&self.writer);
        Tx::open(writer, Arc::clone(&self.shared)).await
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

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.reader().connection.ping().await?)
    }

    /// Which database it is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    #[cfg(feature = "testing")]
    pub(crate) fn writer(&self) -> &DatabaseConnection {
        &self.writer
    }

    /// The master keys.
    pub fn master_keys(&self) -> &MasterKeys {
        &self.shared.keys
    }

    /// Closes every connection; SQLite then folds its write-ahead log into the file.
    pub async fn close(&self) -> Result<(), StoreError> {
        self.reader.close_by_ref().await?;
        Ok(self.writer.close_by_ref().await?)
    }
}
