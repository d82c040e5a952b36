//! Moves what was written to the log into the file, beside the transactions: SQLite by itself does it within a COMMIT, and all who
//! wait for that wait for it too.
//!
//! A first pass runs while others write. What they added meanwhile is moved by a second one in a turn of its own, so that the log is
//! empty for a moment and begins anew; under steady load it would grow for ever.

use std::{
    cell::Cell,
    ffi::c_int,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use super::{open_with, turns::Turns};
use crate::StoreError;

/// The log is moved once it has so many pages: 16 MB.
const PAGES: c_int = 4000;

thread_local! {
    /// How many pages the log had after this thread's last COMMIT.
    static LOG: Cell<c_int> = const { Cell::new(0) };
}

/// The connection that does it.
pub(super) struct Checkpoints {
    pub(super) pages: c_int,
    connection: Mutex<Option<Connection>>,
    is_running: AtomicBool,
}

impl Checkpoints {
    pub(super) fn open(file: &Path) -> Result<Self, StoreError> {
        let connection = open_with(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.busy_timeout(Duration::ZERO)?;
        Ok(Self {
            pages: PAGES,
            connection: Mutex::new(Some(connection)),
            is_running: AtomicBool::new(false),
        })
    }

    /// The connection that writes counts the log's pages, and no longer moves them itself.
    pub(super) fn watch(writer: &Connection) {
        writer.wal_hook(Some(|_, pages| {
            LOG.set(pages);
            Ok(())
        }));
    }

    /// After a COMMIT of this thread: moves the log where it has grown long, unless another thread does. Blocks.
    pub(super) fn after_commit(&self, turns: &Arc<Turns>, patience: Duration) {
        if LOG.take() < self.pages || self.is_running.swap(true, Ordering::AcqRel) {
            return;
        }
        if self.pass() {
            let _turn = turns.last(patience);
            self.pass();
        }
        self.is_running.store(false, Ordering::Release);
    }

    /// Waits for one that is running; there is none afterwards.
    pub(super) fn close(&self) {
        *self.connection.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Moves what no reader still needs where it is. What cannot be moved now is moved after another COMMIT.
    fn pass(&self) -> bool {
        let connection = self.connection.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(connection) = connection.as_ref() else {
            return false;
        };
        let moved = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        if let Err(error) = &moved {
            tracing::warn!(cause = %error, "the log of SQLite cannot be moved into its file");
        }
        moved.is_ok()
    }

    #[cfg(test)]
    pub(super) fn is_running(&self) -> bool {
        self.is_running.load(Ordering::Acquire)
    }
}
