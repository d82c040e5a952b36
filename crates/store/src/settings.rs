//! Which database there is, where it is and how it is used.

/// Which database is behind the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// One file.
    Sqlite,
    /// A server, shared by any number of replicas.
    Postgres,
}

/// Where the database is and how it is used.
#[derive(Clone)]
pub struct StoreSettings {
    /// `sqlite:path/to/vestibule.db` or `postgres://user@host/database?sslmode=verify-full`.
    pub url: String,
    /// SQLite: connections that read, beside the one that writes. PostgreSQL: connections. At least two.
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
