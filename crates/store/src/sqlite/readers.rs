//! The connections that read. Each statement is a read transaction of its own.

use std::{
    path::PathBuf,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::Connection;
use sea_orm::Value;
use tokio::sync::Semaphore;

use super::{WAIT, open_to_read, statement, unavailable};
use crate::{StoreError, columns::AnyRow};

/// How often it is looked whether all have come back, when they are closed.
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// As many connections as were ever needed at once, up to `max`.
pub struct Readers {
    file: PathBuf,
    max: usize,
    idle: Mutex<Idle>,
    given_back: Condvar,
    /// How many statements that may take long run at once: a connection is left for the others.
    long: Arc<Semaphore>,
}

struct Idle {
    connections: Vec<Connection>,
    opened: usize,
    is_closed: bool,
}

impl Readers {
    /// Opens the first. The file is there by now.
    pub(super) fn open(file: PathBuf, max: u32) -> Result<Self, StoreError> {
        // One of them is for statements that do not take long.
        let max = usize::try_from(max).unwrap_or(usize::MAX).max(2);
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
            long: Arc::new(Semaphore::new((max - 1).min(Semaphore::MAX_PERMITS))),
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
        let waiting = tokio::time::timeout(WAIT, Arc::clone(&self.long).acquire_owned());
        let Ok(Ok(permit)) = waiting.await else {
            return Err(unavailable("too many long reads are under way"));
        };
        let (readers, sql) = (Arc::clone(self), sql.to_owned());
        let reading = move || {
            // A caller that goes away does not end the read.
            let _permit = permit;
            readers.query(&sql, &values, usize::MAX, read)
        };
        tokio::task::spawn_blocking(reading)
            .await
            .unwrap_or_else(|error| Err(StoreError::Unavailable(error.into())))
    }

    /// Closes all of them, and waits for those that are in use.
    ///
    /// # Errors
    ///
    /// One is in use for longer than five seconds.
    pub(crate) async fn close(&self) -> Result<(), StoreError> {
        {
            let mut idle = self.lock();
            idle.is_closed = true;
            idle.opened -= idle.connections.len();
            idle.connections.clear();
            self.given_back.notify_all();
        }
        let all_back = async {
            while self.lock().opened > 0 {
                tokio::time::sleep(LOOK_AGAIN).await;
            }
        };
        let waited = tokio::time::timeout(WAIT, all_back).await;
        waited.map_err(|_| unavailable("a read is still under way"))
    }

    fn take(&self) -> Result<Connection, StoreError> {
        let mut idle = self.lock();
        let none_yet =
            |idle: &mut Idle| idle.connections.is_empty() && idle.opened >= self.max && !idle.is_closed;
        if none_yet(&mut idle) {
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
        open_to_read(&self.file).inspect_err(|_| self.is_gone())
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.lock();
        if idle.is_closed {
            drop(connection);
            idle.opened -= 1;
        } else {
            idle.connections.push(connection);
            self.given_back.notify_one();
        }
    }

    /// Lets another be opened in the place of one that is no more.
    fn is_gone(&self) {
        self.lock().opened -= 1;
        self.given_back.notify_one();
    }

    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that a panic takes along.
struct LostByPanic<'a>(&'a Readers);

impl Drop for LostByPanic<'_> {
    fn drop(&mut self) {
        self.0.is_gone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readers(max: u32) -> (tempfile::TempDir, Arc<Readers>) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("test.db");
        std::fs::File::create(&file).unwrap();
        (directory, Arc::new(Readers::open(file, max).unwrap()))
    }

    fn number(row: &AnyRow<'_>) -> Result<i64, StoreError> {
        row.get("", "number")
    }

    const ONE: &str = "SELECT 1 AS number";
    /// Counts for some tenths of a second.
    const LONG: &str = "WITH RECURSIVE n (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM n WHERE number < 1000000) \
         SELECT COUNT(*) AS number FROM n";

    #[tokio::test]
    async fn long_reads_that_nobody_waits_for_leave_a_connection() {
        let (_directory, readers) = readers(1);
        for _ in 0..3 {
            let read = readers.query_apart(LONG, Vec::new(), number);
            assert!(
                tokio::time::timeout(Duration::from_millis(20), read)
                    .await
                    .is_err()
            );
        }
        assert_eq!(readers.long.available_permits(), 0);
        assert_eq!(readers.query(ONE, &[], 1, number).unwrap(), [1]);
        readers.close().await.unwrap();
        assert_eq!(readers.lock().opened, 0);
        let closed = readers.query(ONE, &[], 1, number);
        assert!(matches!(closed, Err(error) if error.is_unavailable()));
    }

    #[test]
    fn what_a_panic_takes_along_is_replaced() {
        let (_directory, readers) = readers(2);
        for _ in 0..5 {
            let panics = |_: &AnyRow<'_>| -> Result<i64, StoreError> { panic!("a defect") };
            let query = || readers.query(ONE, &[], 1, panics);
            assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(query)).is_err());
        }
        assert_eq!(readers.query(ONE, &[], 1, number).unwrap(), [1]);
    }
}
