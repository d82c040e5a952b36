//! SQLite as fast as it durably goes: one thread writes and commits for all that wait, readers read where they are called.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError, mpsc},
    thread,
};

use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use tokio::sync::oneshot;

use super::{CLIENT, REDIRECT_URI, SESSIONS, hash};

/// So many transactions are committed as one at most.
const GROUP: usize = 128;

/// What a code or a refresh token stood for.
pub(super) struct TakenToken {
    pub(super) guest: i64,
    pub(super) nonce: String,
}

type SecretDigest = [u8; 32];
/// Runs on the writing thread; the second part answers once it is durable.
type Job = Box<dyn FnOnce(&Connection) -> Box<dyn FnOnce() + Send> + Send>;

pub(super) struct CeilingStorage {
    writer: mpsc::Sender<Job>,
    readers: [Mutex<Connection>; 2],
}

impl CeilingStorage {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let writer = Connection::open(path)?;
        writer.execute_batch(
            "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
             CREATE TABLE sessions (hash BLOB PRIMARY KEY, guest INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE clients (id TEXT PRIMARY KEY, redirect_uri TEXT NOT NULL) WITHOUT ROWID;
             CREATE TABLE codes (hash BLOB PRIMARY KEY, guest INTEGER NOT NULL, challenge TEXT NOT NULL, nonce TEXT NOT NULL)
                 WITHOUT ROWID;
             CREATE TABLE access (hash BLOB PRIMARY KEY, guest INTEGER NOT NULL) WITHOUT ROWID;
             CREATE TABLE refresh (hash BLOB PRIMARY KEY, guest INTEGER NOT NULL) WITHOUT ROWID;",
        )?;
        for session in 0..i64::from(SESSIONS) {
            let values = params![hash(&session.to_string()), session];
            writer.execute("INSERT INTO sessions VALUES (?, ?)", values)?;
        }
        writer.execute("INSERT INTO clients VALUES (?, ?)", [CLIENT, REDIRECT_URI])?;
        let reader = || -> Result<Mutex<Connection>> {
            Ok(Mutex::new(Connection::open_with_flags(
                path,
                OpenFlags::SQLITE_OPEN_READ_ONLY,
            )?))
        };
        let readers = [reader()?, reader()?];
        let (sender, jobs) = mpsc::channel();
        thread::spawn(move || write(&writer, &jobs));
        Ok(Self {
            writer: sender,
            readers,
        })
    }

    fn reader(&self) -> MutexGuard<'_, Connection> {
        let [first, second] = &self.readers;
        first
            .try_lock()
            .unwrap_or_else(|_| second.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn guest_of_session(&self, session: SecretDigest) -> Result<i64> {
        self.guest("SELECT guest FROM sessions WHERE hash = ?", session)
    }

    pub(super) fn guest_of_token(&self, token: SecretDigest) -> Result<i64> {
        self.guest("SELECT guest FROM access WHERE hash = ?", token)
    }

    fn guest(&self, sql: &str, of: SecretDigest) -> Result<i64> {
        let reader = self.reader();
        Ok(reader.prepare_cached(sql)?.query_row([of], |row| row.get(0))?)
    }

    pub(super) fn redirect_uri(&self, client: &str) -> Result<String> {
        let reader = self.reader();
        let mut statement = reader.prepare_cached("SELECT redirect_uri FROM clients WHERE id = ?")?;
        Ok(statement.query_row([client], |row| row.get(0))?)
    }

    pub(super) async fn keep_code(
        &self,
        code: SecretDigest,
        guest: i64,
        challenge: String,
        nonce: String,
    ) -> Result<()> {
        self.write(move |writer| {
            let mut statement = writer.prepare_cached("INSERT INTO codes VALUES (?, ?, ?, ?)")?;
            statement.execute(params![code, guest, challenge, nonce])?;
            Ok(())
        })
        .await
    }

    /// Takes a code and keeps the tokens that come of it.
    pub(super) async fn take_code(
        &self,
        code: SecretDigest,
        challenge: String,
        next: (SecretDigest, SecretDigest),
    ) -> Result<Option<TakenToken>> {
        self.write(move |writer| {
            let sql = "DELETE FROM codes WHERE hash = ? RETURNING guest, challenge, nonce";
            let mut statement = writer.prepare_cached(sql)?;
            let row = statement.query_row([code], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?, row.get(2)?))
            });
            let Some((guest, _, nonce)) = row.optional()?.filter(|(_, kept, _)| *kept == challenge) else {
                return Ok(None);
            };
            keep(writer, guest, next)?;
            Ok(Some(TakenToken { guest, nonce }))
        })
        .await
    }

    /// Takes a refresh token and keeps those that follow it.
    pub(super) async fn take_refresh(
        &self,
        token: SecretDigest,
        next: (SecretDigest, SecretDigest),
    ) -> Result<Option<TakenToken>> {
        self.write(move |writer| {
            let mut statement =
                writer.prepare_cached("DELETE FROM refresh WHERE hash = ? RETURNING guest")?;
            let Some(guest) = statement.query_row([token], |row| row.get(0)).optional()? else {
                return Ok(None);
            };
            keep(writer, guest, next)?;
            Ok(Some(TakenToken {
                guest,
                nonce: String::new(),
            }))
        })
        .await
    }

    /// Runs on the writing thread; answers once it is durable.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, answered) = oneshot::channel();
        let job: Job = Box::new(move |writer| {
            let done = work(writer);
            // Whoever asked may have gone.
            Box::new(move || drop(answer.send(done)))
        });
        self.writer.send(job).ok().context("the writer has ended")?;
        answered.await?
    }
}

fn keep(writer: &Connection, guest: i64, (access, refresh): (SecretDigest, SecretDigest)) -> Result<()> {
    writer
        .prepare_cached("INSERT INTO access VALUES (?, ?)")?
        .execute(params![access, guest])?;
    writer
        .prepare_cached("INSERT INTO refresh VALUES (?, ?)")?
        .execute(params![refresh, guest])?;
    Ok(())
}

/// One transaction for all that wait: they share one sync of the disk. Ends the process where the database fails.
fn write(writer: &Connection, jobs: &mpsc::Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let transaction = writer.unchecked_transaction();
        let Ok(transaction) = transaction else {
            std::process::abort()
        };
        let waiting = std::iter::once(first).chain(jobs.try_iter().take(GROUP - 1));
        let answers: Vec<_> = waiting.map(|job| job(writer)).collect();
        if transaction.commit().is_err() {
            std::process::abort();
        }
        for answer in answers {
            answer();
        }
    }
}
