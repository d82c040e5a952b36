//! Backups of SQLite: a consistent copy while the database is in use, with its SHA-256 beside it, and the way back.
//! PostgreSQL has tools of its own.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    str::FromStr as _,
    sync::Arc,
    time::Duration,
};

use data_encoding::HEXLOWER;
use domain::{entropy::Entropy, master_key::MasterKeys};
use sea_orm::{
    ConnectOptions, Database,
    sqlx::{
        self, ConnectOptions as _, Connection as _, Error as SqlxError,
        sqlite::{SqliteConnectOptions, SqliteConnection, SqliteJournalMode},
    },
};
use sha2::{Digest as _, Sha256};

use crate::{
    Backend, Db, Store, StoreError, StoreSettings,
    columns::row,
    connect::create_private,
    db::Shared,
    instance,
    reads::{Pool, sealed::Connection as _},
    schema,
};

/// How long a restore waits for the last other process to let go of the database.
const BUSY: Duration = Duration::from_secs(2);
/// How long it waits before it looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Why a backup was not made, or not put back. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no file to copy.
    #[error("the database is PostgreSQL, which is backed up by its own tools, such as pg_dump")]
    NotSqlite,
    /// The backup would replace something.
    #[error("{} is there already", .0.display())]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{}: {cause}", path.display())]
    File {
        /// The file's path.
        path: PathBuf,
        /// What the operating system said.
        cause: io::Error,
    },
    /// The file is not what was written.
    #[error("{} is damaged: {said}", path.display())]
    Damaged {
        /// The file's path.
        path: PathBuf,
        /// What is wrong.
        said: String,
    },
    /// A server, or another program, has the database open.
    #[error("another process has the database open: stop it first")]
    InUse,
    /// The database within it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A backup that is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// How long the file is, in bytes.
    pub bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal digits.
    pub sha256: String,
    /// How many guests it knows.
    pub guests: u64,
    /// The schema steps that it lacks: it was made by an older version.
    pub pending: Vec<String>,
}

impl Store {
    /// Copies the whole database, as it is at one moment, into a new file that only this user can read, and writes the file's
    /// SHA-256 beside it (`FILE.sha256`, as `sha256sum` does). Others go on reading and writing meanwhile.
    ///
    /// # Errors
    ///
    /// Not SQLite; a file of that name is there; the disk. What was written by then is removed.
    pub async fn back_up(&self, to: &Path) -> Result<Backup, BackupError> {
        if self.backend() != Backend::Sqlite {
            return Err(BackupError::NotSqlite);
        }
        let sum = beside(to, ".sha256");
        for path in [to, &sum] {
            if path.exists() {
                return Err(BackupError::Exists(path.to_owned()));
            }
        }
        let made = self.write_backup(to, &sum).await;
        if made.is_err() {
            let _ = fs::remove_file(to).and(fs::remove_file(&sum));
        }
        made
    }

    async fn write_backup(&self, to: &Path, sum: &Path) -> Result<Backup, BackupError> {
        create_private(to).map_err(at(to))?;
        let text = to.to_str().ok_or_else(|| BackupError::File {
            path: to.to_owned(),
            cause: io::Error::other("the name is not UTF-8"),
        })?;
        // SQLite lang_vacuum.html: within one read transaction, into a file that is empty.
        self.reader()
            .connection
            .query_apart("VACUUM INTO $1", vec![text.into()], |_| Ok(()))
            .await?;
        File::open(to).and_then(|file| file.sync_all()).map_err(at(to))?;
        let (_, sha256) = digest(to).map_err(at(to))?;
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        create_private(sum)
            .and_then(|()| File::create(sum))
            .and_then(|mut file| writeln!(file, "{sha256}  {name}").and_then(|()| file.sync_all()))
            .map_err(at(sum))?;
        verify_backup(to, self.master_keys().clone(), Arc::clone(&self.shared.entropy)).await
    }
}

/// Looks whether a backup is whole and belongs to these master keys: its SHA-256, SQLite's own checks, the schema.
///
/// # Errors
///
/// It is not, and why.
pub async fn verify_backup(
    path: &Path,
    keys: MasterKeys,
    entropy: Arc<dyn Entropy>,
) -> Result<Backup, BackupError> {
    let damaged = |said: &str| BackupError::Damaged {
        path: path.to_owned(),
        said: said.to_owned(),
    };
    let (bytes, sha256) = digest(path).map_err(at(path))?;
    let sum = beside(path, ".sha256");
    let noted = fs::read_to_string(&sum).map_err(at(&sum))?;
    if noted.split_whitespace().next() != Some(&*sha256) {
        return Err(damaged(&format!(
            "its SHA-256 is not the one in {}",
            sum.display()
        )));
    }
    let mut options = ConnectOptions::new(sqlite_url(path));
    options.max_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|options| options.read_only(true).immutable(true));
    let connection = Database::connect(options).await.map_err(StoreError::from)?;
    let reader = Db {
        connection: Pool::Sea(connection.clone()),
        shared: Arc::new(Shared::new(keys, entropy)),
    };
    let found = async {
        let checked = reader.all::<CheckRow>("PRAGMA integrity_check", []).await?;
        if checked.iter().any(|row| row.integrity_check != "ok") {
            return Err(damaged("SQLite finds faults in it"));
        }
        let pending = schema::pending(&reader).await?;
        instance::check(&reader).await?;
        let guests = reader
            .one::<GuestsRow>("SELECT COUNT(*) AS count FROM guests", [])
            .await?;
        Ok(Backup {
            bytes,
            sha256,
            guests: guests.map_or(0, |row| row.count.unsigned_abs()),
            pending,
        })
    }
    .await;
    connection.close_by_ref().await.map_err(StoreError::from)?;
    found
}

/// Where the file of a SQLite database is.
///
/// # Errors
///
/// Another database, or a URL that is none.
pub fn sqlite_file(settings: &StoreSettings) -> Result<PathBuf, BackupError> {
    if !settings.url.starts_with("sqlite:") {
        return Err(BackupError::NotSqlite);
    }
    let options = SqliteConnectOptions::from_str(&settings.url)
        .map_err(|_| StoreError::Url("the SQLite URL must look like sqlite:path/to/vestibule.db"))?;
    Ok(options.get_filename().to_owned())
}

/// Copies a backup to a new file beside the database, to be made ready there.
///
/// # Errors
///
/// The disk; a file of that name is there.
pub fn unpack(backup: &Path, to: &Path) -> Result<(), BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    // A log that an attempt before left behind is not this file's.
    remove_companions(to)?;
    // Its own permissions, and not those that the backup has by now.
    create_private(to).map_err(at(to))?;
    let mut from = File::open(backup).map_err(at(backup))?;
    File::options()
        .write(true)
        .open(to)
        .and_then(|mut file| io::copy(&mut from, &mut file).and_then(|_| file.sync_all()))
        .map_err(at(to))
}

/// The files that SQLite keeps beside a database: with another database's, it would read what is not its own.
const COMPANIONS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Removes a database that was being made ready, with its companions.
///
/// # Errors
///
/// The disk.
pub fn discard(path: &Path) -> Result<(), BackupError> {
    remove_companions(path)?;
    remove(path)
}

fn remove_companions(path: &Path) -> Result<(), BackupError> {
    COMPANIONS
        .iter()
        .try_for_each(|companion| remove(&beside(path, companion)))
}

fn remove(path: &Path) -> Result<(), BackupError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path)(error)),
        _ => Ok(()),
    }
}

/// The URL of a SQLite file.
pub fn sqlite_url(path: &Path) -> String {
    let mut url = String::from("sqlite:");
    for byte in path.as_os_str().as_encoded_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-~".contains(byte) {
            url.push(char::from(*byte));
        } else {
            url.push('%');
            for digit in [byte >> 4, byte & 15] {
                url.push(char::from(b"0123456789ABCDEF"[usize::from(digit)]));
            }
        }
    }
    url
}

/// Puts the database in `new` in the place of the one at `target`, which is kept as `aside`. Says whether there was one.
///
/// # Errors
///
/// Somebody has it open; the disk.
pub async fn swap_in(new: &Path, target: &Path, aside: &Path) -> Result<bool, BackupError> {
    let there = target.exists();
    // Held until the new one is in place, so that the old one is not opened.
    let held = if there { hold(target).await? } else { None };
    // Also where the database itself is gone: what is left of it would be read into the new one.
    for companion in COMPANIONS {
        let from = beside(target, companion);
        if from.exists() {
            fs::rename(&from, beside(aside, companion)).map_err(at(&from))?;
        }
    }
    if there {
        // A second name, so that there is a database at every moment; where the file system has none, it moves.
        fs::hard_link(target, aside)
            .or_else(|_| fs::rename(target, aside))
            .map_err(at(target))?;
    }
    if let Err(cause) = fs::rename(new, target) {
        // One database has one name.
        let back = if target.exists() {
            fs::remove_file(aside)
        } else {
            fs::rename(aside, target)
        };
        let left = back.err().map_or_else(String::new, |_| {
            format!("; the database is at {}", aside.display())
        });
        return Err(BackupError::File {
            path: target.to_owned(),
            cause: io::Error::other(format!("{cause}{left}")),
        });
    }
    // So that a loss of power leaves the one or the other.
    let folder = target.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or_else(|| Path::new("."));
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(at(folder))?;
    if let Some(held) = held {
        // The file that it names is aside now; an error on closing it does not matter.
        let _ = held.close().await;
    }
    Ok(there)
}

/// Locks a database against everybody; waits up to [`BUSY`] for the last other connection to close. `None` for a file that is no database
/// any more.
async fn hold(target: &Path) -> Result<Option<SqliteConnection>, BackupError> {
    let until = tokio::time::Instant::now() + BUSY;
    loop {
        match try_hold(target).await {
            // Leaving the WAL mode waits for nobody, whatever the timeout of the connection is.
            Err(BackupError::InUse) if tokio::time::Instant::now() < until => {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
            held => return held,
        }
    }
}

/// The same once. To leave the WAL mode there must be no other connection (sqlite.org/wal.html).
async fn try_hold(target: &Path) -> Result<Option<SqliteConnection>, BackupError> {
    let options = SqliteConnectOptions::new()
        .filename(target)
        .create_if_missing(false)
        .journal_mode(SqliteJournalMode::Delete)
        .busy_timeout(BUSY);
    let held = async {
        let mut connection = options.connect().await?;
        sqlx::query("BEGIN EXCLUSIVE").execute(&mut connection).await?;
        Ok(connection)
    };
    match held.await {
        Ok(connection) => Ok(Some(connection)),
        Err(error) if says(&error, &[5, 6]) => Err(BackupError::InUse),
        Err(error) if says(&error, &[11, 26]) => Ok(None),
        Err(error) => Err(BackupError::File {
            path: target.to_owned(),
            cause: io::Error::other(error),
        }),
    }
}

/// Whether SQLite says one of these, by the low byte (sqlite.org/rescode.html): 5 and 6 are busy and locked, 11 and 26 corrupt and
/// no database.
fn says(error: &SqlxError, codes: &[i32]) -> bool {
    let SqlxError::Database(error) = error else {
        return false;
    };
    let code = error.code().unwrap_or_default();
    codes.contains(&(code.parse::<i32>().unwrap_or(0) & 0xff))
}

/// How long a file is, and its SHA-256.
fn digest(path: &Path) -> io::Result<(u64, String)> {
    let (mut file, mut hash, mut bytes) = (File::open(path)?, Sha256::new(), 0);
    let mut part = vec![0; 1 << 16];
    loop {
        let read = file.read(&mut part)?;
        if read == 0 {
            return Ok((bytes, HEXLOWER.encode(&hash.finalize())));
        }
        bytes += read as u64;
        hash.update(&part[..read]);
    }
}

/// The file of that name with more at its end.
pub fn beside(path: &Path, more: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(more);
    name.into()
}

fn at(path: &Path) -> impl Fn(io::Error) -> BackupError {
    let path = path.to_owned();
    move |cause| BackupError::File {
        path: path.clone(),
        cause,
    }
}

row! {
    struct CheckRow {
        integrity_check: String,
    }
}

row! {
    struct GuestsRow {
        count: i64,
    }
}
