//! Checkpoints of the write-ahead log (WAL), beside the transactions: SQLite by itself copies the log's pages into the file within a
//! COMMIT, and all who wait for that wait for the copy too.
//!
//! `Writer::checkpoint` makes a first pass while others write. What they added meanwhile is copied by a second one in a turn of its
//! own, which also waits for the disk; then the log begins anew. Without the second it would grow for ever under steady load.

use std::{
    cell::Cell,
    ffi::c_int,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::open_with;
use crate::StoreError;

/// 16 MB.
const PAGES: c_int = 4000;

thread_local! {
    /// How many pages the log had after this thread's last COMMIT.
    static LOG: Cell<c_int> = const { Cell::new(0) };
}

/// A connection that only makes checkpoints.
pub(super) struct Checkpoints {
    /// With so many pages in the log there is one.
    pub(super) pages: c_int,
    connection: Mutex<Option<Connection>>,
    is_running: AtomicBool,
    has_failed: AtomicBool,
    #[cfg(test)]
    passes: std::sync::atomic::AtomicUsize,
}

impl Checkpoints {
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let connection = open_with(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(Duration::ZERO)?;
        Ok(Self {
            pages: PAGES,
            connection: Mutex::new(Some(connection)),
            is_running: AtomicBool::new(false),
            has_failed: AtomicBool::new(false),
            #[cfg(test)]
            passes: std::sync::atomic::AtomicUsize::new(0),
        })
    }

    /// Has the connection that writes count the log's pages, in place of making checkpoints.
    pub(super) fn watch(writer: &Connection) {
        writer.wal_hook(Some(|_, pages| {
            LOG.set(pages);
            Ok(())
        }));
    }

    /// Begins a checkpoint where this thread's last COMMIT has made the log long, unless another thread makes one.
    pub(super) fn begin(&self) -> Option<Checkpoint<'_>> {
        let is_due = LOG.take() >= self.pages;
        (is_due && !self.is_running.swap(true, Ordering::AcqRel)).then_some(Checkpoint(self))
    }

    /// Waits for a pass that is running, and closes the connection.
    pub(super) fn close(&self) {
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Copies what no reader needs in the log any more. How many pages the log has, and how many of them are copied; `None` where
    /// nothing could be done.
    fn copy(&self) -> Option<(i64, i64)> {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let pass = connection
            .as_ref()?
            .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            });
        #[cfg(test)]
        self.passes.fetch_add(1, Ordering::Relaxed);
        // Each COMMIT tries again: the first of several failures says enough.
        let had_failed = self.has_failed.swap(pass.is_err(), Ordering::Relaxed);
        match pass {
            // Another process makes one.
            Ok((true, ..)) => None,
            Ok((false, pages, copied)) => Some((pages, copied)),
            Err(error) => {
                if !had_failed {
                    tracing::warn!(cause = %error, "SQLite cannot make a checkpoint: its log grows");
                }
                None
            }
        }
    }
}

/// A checkpoint that is being made; there is one at a time.
pub(super) struct Checkpoint<'a>(&'a Checkpoints);

impl Checkpoint<'_> {
    /// Copies beside those who write; says whether a second pass can finish it: not where a reader needs most of the log.
    pub(super) fn first_pass(&self) -> bool {
        self.0
            .copy()
            .is_some_and(|(pages, copied)| (pages - copied) * 2 <= pages)
    }

    /// Copies the rest, while nobody writes and no transaction is open.
    pub(super) fn second_pass(&self) {
        self.0.copy();
        // Of a COMMIT before it, which is copied by now.
        LOG.set(0);
    }
}

impl Drop for Checkpoint<'_> {
    fn drop(&mut self) {
        self.0.is_running.store(false, Ordering::Release);
    }
}

#[cfg(test)]
impl Checkpoints {
    /// One that is not due.
    pub(super) fn begin_now(&self) -> Checkpoint<'_> {
        self.is_running.store(true, Ordering::Release);
        Checkpoint(self)
    }

    pub(super) fn passes(&self) -> usize {
        self.passes.load(Ordering::Relaxed)
    }

    /// How many pages the log has.
    pub(super) fn log(&self) -> i64 {
        self.copy().unwrap().0
    }
}
