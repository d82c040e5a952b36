//! The connections that read. Each statement is a read transaction of its own.

use std::{
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use rusqlite::Connection;
use sea_orm::Value;
use tokio::sync::Semaphore;

use super::{WAIT, open_to_read, statement, unavailable};
use crate::{StoreError, columns::AnyRow};

/// As many connections as were ever needed at once, up to `max`.
pub struct Readers {
    file: PathBuf,
    max: usize,
    idle: Mutex<Idle>,
    given_back: Condvar,
    /// How many statements that may take long run at once: at least one connection is left for the others.
    long: Semaphore,
}

struct Idle {
    connections: Vec<Connection>,
    opened: usize,
    is_closed: bool,
}

impl Readers {
    /// Opens the first. The file is there by now.
    pub(super) fn open(file: PathBuf, max: u32) -> Result<Self, StoreError> {
        let max = usize::try_from(max).unwrap_or(usize::MAX).max(1);
        let first = open_to_read(&file)?;
        Ok(Self {
            file,
            max,
            idle: Mutex::new(Idle {
                connections: vec![first],
                opened: 1,
                is_closed: false,
            }),
            given_back: Condvar::new(),
            long: Semaphore::new(max.saturating_sub(1).clamp(1, Semaphore::MAX_PERMITS)),
        })
    }

    /// Runs a statement here and now, and reads at most `max` of its rows.
    pub(crate) fn query<T>(
        &self,
        sql: &str,
        values: &[Value],
        max: usize,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let connection = self.take()?;
        let lost = LostByPanic(self);
        let done = statement::query(&connection, sql, values, max, read);
        std::mem::forget(lost);
        self.give_back(connection);
        done
    }

    /// The same on a blocking thread, for what may take long.
    pub(crate) async fn query_apart<T: Send + 'static>(
        self: &Arc<Self>,
        sql: &str,
        values: Vec<Value>,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Vec<T>, StoreError> {
        let waiting = tokio::time::timeout(WAIT, self.long.acquire());
        let Ok(Ok(_permit)) = waiting.await else {
            return Err(unavailable("too many long reads are under way"));
        };
        let (readers, sql) = (Arc::clone(self), sql.to_owned());
        let reading = move || readers.query(&sql, &values, usize::MAX, read);
        tokio::task::spawn_blocking(reading)
            .await
            .unwrap_or_else(|error| Err(StoreError::Unavailable(error.into())))
    }

    /// Closes those that nobody uses, and the others when they are given back.
    pub(crate) fn close(&self) {
        let mut idle = self.lock();
        idle.is_closed = true;
        idle.connections.clear();
        self.given_back.notify_all();
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let mut idle = self.lock();
        if idle.connections.is_empty() && idle.opened >= self.max && !idle.is_closed {
            let none_yet = |idle: &mut Idle| idle.connections.is_empty() && !idle.is_closed;
            let waited = self.given_back.wait_timeout_while(idle, WAIT, none_yet);
            idle = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        if idle.is_closed {
            return Err(unavailable("the database is closed"));
        }
        if let Some(connection) = idle.connections.pop() {
            return Ok(connection);
        }
        if idle.opened >= self.max {
            return Err(unavailable("no connection came free"));
        }
        idle.opened += 1;
        drop(idle);
        open_to_read(&self.file).inspect_err(|_| self.lock().opened -= 1)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.lock();
        if !idle.is_closed {
            idle.connections.push(connection);
            self.given_back.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets another connection be opened in the place of one that is gone.
struct LostByPanic<'a>(&'a Readers);

impl Drop for LostByPanic<'_> {
    fn drop(&mut self) {
        self.0.lock().opened -= 1;
    }
}
