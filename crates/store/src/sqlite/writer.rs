//! The connection that writes, and the transactions that take turns on it.
//!
//! COMMIT waits for the disk, so those that wait for their turn meanwhile share one: a transaction that comes while another's COMMIT is
//! still to come is a savepoint in the same transaction of SQLite. The first to finish waits a moment for a turn behind those who wait, and
//! commits for all that have finished by then. None is told before.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, ErrorCode};
use sea_orm::Value;
use tokio::{sync::oneshot, time::Instant};

use super::{
    WAIT,
    checkpoint::{Checkpoint, Checkpoints},
    open_to_write, statement,
    turns::{Turn, Turns},
    unavailable,
};
use crate::{StoreError, Synchronous, columns::AnyRow};

/// How often a lock of another process is tried again.
const RETRY: Duration = Duration::from_millis(2);
/// How long COMMIT lets others go first: about as long as a disk takes for one.
const PATIENCE: Duration = Duration::from_millis(2);

/// The one connection that writes.
pub(crate) struct Writer {
    turns: Arc<Turns>,
    patience: Duration,
    checkpoints: Checkpoints,
    /// Used by the one whose turn it is, so that nobody waits for this lock.
    state: Mutex<WriterState>,
}

struct WriterState {
    connection: Option<Connection>,
    /// Those who have finished and wait for COMMIT. While there are any, a transaction is open.
    finished: Vec<Finished>,
}

struct Finished {
    tell: oneshot::Sender<Result<(), StoreError>>,
    /// Dropped after COMMIT, also where nobody waits for the answer any more.
    after: Box<dyn Send>,
}

impl Writer {
    pub(super) fn open(file: &Path, synchronous: Synchronous) -> Result<Self, StoreError> {
        Ok(Self {
            turns: Arc::default(),
            patience: PATIENCE,
            state: Mutex::new(WriterState {
                // First, since it makes the file what it is.
                connection: Some(open_to_write(file, synchronous)?),
                finished: Vec::new(),
            }),
            checkpoints: Checkpoints::open(file)?,
        })
    }

    /// Waits for those who have finished, and for the pass of a checkpoint, and closes.
    pub(crate) async fn close(&self) {
        let _turn = self.turns.next().await;
        let mut state = self.lock();
        state.commit();
        state.connection = None;
        self.checkpoints.close();
    }

    /// Runs statements as they are, outside any transaction of ours.
    #[cfg(feature = "testing")]
    pub(crate) async fn run_raw(&self, sql: &str) -> Result<(), StoreError> {
        let _turn = self.turns.next().await;
        let mut state = self.lock();
        state.commit();
        Ok(state.connection()?.execute_batch(sql)?)
    }

    fn lock(&self) -> MutexGuard<'_, WriterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// COMMIT for all that have finished when it is this call's turn. Blocks.
    fn commit_in_turn(&self) {
        let turn = self.turns.last(self.patience);
        self.lock().commit();
        drop(turn);
        self.checkpoint();
    }

    /// Copies the log into the file where it has grown long. Blocks.
    fn checkpoint(&self) {
        if let Some(checkpoint) = self.checkpoints.begin() {
            self.finish(&checkpoint);
        }
    }

    /// Both passes of a checkpoint that has begun.
    fn finish(&self, checkpoint: &Checkpoint<'_>) {
        if checkpoint.first_pass() {
            let _turn = self.turns.last(self.patience);
            // A transaction that is open goes on in the same log, however much of it is copied.
            self.lock().commit();
            checkpoint.second_pass();
        }
    }
}

impl WriterState {
    fn connection(&self) -> Result<&Connection, StoreError> {
        let connection = self.connection.as_ref();
        connection.ok_or_else(|| unavailable("the database is closed"))
    }

    /// Begins a transaction, or a savepoint in the one whose COMMIT is still to come; says whether it is a savepoint.
    fn begin(&mut self) -> Result<bool, StoreError> {
        self.tell_what_is_lost();
        if !self.finished.is_empty() {
            let begun = run(self.connection()?, "SAVEPOINT one");
            self.tell_what_is_lost();
            return begun.map(|()| true);
        }
        let connection = self.connection()?;
        if !connection.is_autocommit() {
            tracing::error!("the connection that writes was inside a transaction, which is rolled back");
            run(connection, "ROLLBACK")?;
            return Err(StoreError::Database("a transaction was open already".into()));
        }
        // A deferred transaction that reads before it writes fails with BUSY_SNAPSHOT when another process has committed in
        // between, and no waiting helps.
        run(connection, "BEGIN IMMEDIATE")?;
        Ok(false)
    }

    /// Commits for all that have finished, and tells them.
    fn commit(&mut self) {
        let finished = std::mem::take(&mut self.finished);
        if finished.is_empty() {
            return;
        }
        let done = self.connection().and_then(|connection| {
            let done = run(connection, "COMMIT");
            if !connection.is_autocommit() {
                // It failed and may be tried again; but those who wait are told that it did not happen.
                run(connection, "ROLLBACK")?;
            }
            done
        });
        tell(finished, &done);
    }

    /// Ends a transaction that is not to be stored.
    fn roll_back(&mut self, is_savepoint: bool) {
        if let Ok(connection) = self.connection()
            && !connection.is_autocommit()
        {
            let back = if is_savepoint {
                run(connection, "ROLLBACK TO one").and_then(|()| run(connection, "RELEASE one"))
            } else {
                run(connection, "ROLLBACK")
            };
            if back.is_err() {
                // Whatever is left of it must not be stored with the next.
                let _ = run(connection, "ROLLBACK");
            }
        }
        self.tell_what_is_lost();
    }

    /// Tells those who have finished when their transaction is gone: SQLite ends the whole by itself when the disk is full or
    /// fails, or memory is out. What came after would not be in any transaction.
    fn tell_what_is_lost(&mut self) {
        if self.connection().is_ok_and(Connection::is_autocommit) {
            let lost = Err(unavailable("the transaction was rolled back"));
            tell(std::mem::take(&mut self.finished), &lost);
        }
    }
}

fn run(connection: &Connection, sql: &str) -> Result<(), StoreError> {
    statement::execute(connection, sql, &[]).map(drop)
}

fn tell(finished: Vec<Finished>, done: &Result<(), StoreError>) {
    for Finished { tell, after } in finished {
        // An error of one COMMIT is everybody's. The disk's and the lock's pass; others are a defect.
        let told = match done {
            Ok(()) => Ok(()),
            Err(StoreError::Unavailable(cause)) => Err(StoreError::Unavailable(cause.to_string().into())),
            Err(StoreError::Database(cause)) => Err(StoreError::Database(cause.to_string().into())),
            Err(error) => Err(StoreError::Database(error.to_string().into())),
        };
        drop(after);
        // Whoever has gone away needs no answer.
        let _ = tell.send(told);
    }
}

/// A transaction in its turn. Dropping it rolls back.
pub(crate) struct WriteTransaction {
    writer: Arc<Writer>,
    is_savepoint: bool,
    /// `None` once it has ended.
    turn: Option<Turn>,
}

impl WriteTransaction {
    /// Waits for its turn, and for other processes, five seconds each.
    pub(crate) async fn begin(writer: &Arc<Writer>) -> Result<Self, StoreError> {
        let turn = tokio::time::timeout(WAIT, writer.turns.next());
        let turn = turn
            .await
            .map_err(|_| unavailable("other transactions take too long"))?;
        let deadline = Instant::now() + WAIT;
        loop {
            let begun = writer.lock().begin();
            match begun {
                Ok(is_savepoint) => {
                    return Ok(Self {
                        writer: Arc::clone(writer),
                        is_savepoint,
                        turn: Some(turn),
                    });
                }
                Err(error) if is_busy(&error) && Instant::now() < deadline => tokio::time::sleep(RETRY).await,
                Err(error) => return Err(error),
            }
        }
    }

    pub(crate) fn query<T>(
        &self,
        sql: &str,
        values: &[Value],
        max: usize,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        statement::query(self.writer.lock().connection()?, sql, values, max, read)
    }

    pub(crate) fn execute(&self, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
        statement::execute(self.writer.lock().connection()?, sql, values)
    }

    /// Makes the changes durable; `after` is dropped when that is done or has failed. Once this has begun, a caller that goes away
    /// does not stop it.
    pub(crate) async fn commit(mut self, after: Box<dyn Send>) -> Result<(), StoreError> {
        let (tell, told) = oneshot::channel();
        {
            let mut state = self.writer.lock();
            let connection = state.connection()?;
            if connection.is_autocommit() {
                return Err(unavailable("the transaction was rolled back"));
            }
            if self.is_savepoint {
                run(connection, "RELEASE one")?;
            }
            if state.finished.is_empty() {
                // Before it is among them: when there is no thread to be had, this panics, and it is rolled back.
                let writer = Arc::clone(&self.writer);
                tokio::task::spawn_blocking(move || writer.commit_in_turn());
            }
            state.finished.push(Finished { tell, after });
        }
        drop(self.turn.take());
        let gone = |_| Err(unavailable("the process ends"));
        told.await.unwrap_or_else(gone)
    }
}

impl Drop for WriteTransaction {
    fn drop(&mut self) {
        if self.turn.is_some() {
            self.writer.lock().roll_back(self.is_savepoint);
        }
    }
}

fn is_busy(error: &StoreError) -> bool {
    let StoreError::Unavailable(cause) = error else {
        return false;
    };
    let of_driver = cause.downcast_ref::<rusqlite::Error>();
    of_driver.and_then(rusqlite::Error::sqlite_error_code) == Some(ErrorCode::DatabaseBusy)
}

#[cfg(test)]
mod tests {
    use std::ffi::c_int;

    use tempfile::TempDir;
    use tokio::task::JoinHandle;

    use super::*;

    /// A database of one table, and one that waits for a minute before it commits.
    fn writer() -> (TempDir, Arc<Writer>) {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("test.db");
        std::fs::File::create(&file).unwrap();
        let mut writer = Writer::open(&file, Synchronous::Full).unwrap();
        writer.patience = Duration::from_mins(1);
        let schema = "CREATE TABLE things (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES things DEFERRABLE INITIALLY DEFERRED); \
             CREATE TRIGGER fault BEFORE INSERT ON things WHEN NEW.id = 13 \
             BEGIN SELECT RAISE(ROLLBACK, 'as a full disk does'); END";
        writer.lock().connection().unwrap().execute_batch(schema).unwrap();
        (directory, Arc::new(writer))
    }

    fn add(tx: &WriteTransaction, id: i64, parent: Option<i64>) -> Result<u64, StoreError> {
        let sql = "INSERT INTO things (id, parent) VALUES ($1, $2)";
        tx.execute(sql, &[id.into(), parent.into()])
    }

    fn stored(directory: &TempDir) -> Vec<i64> {
        let connection = super::super::open_to_read(&directory.path().join("test.db")).unwrap();
        let sql = "SELECT id FROM things ORDER BY id";
        statement::query(&connection, sql, &[], usize::MAX, |row| row.get("", "id")).unwrap()
    }

    /// Adds 1, and then 2 within the same transaction of SQLite; gives the first, which has finished and is not committed yet,
    /// and the second.
    async fn two(
        writer: &Arc<Writer>,
        parent: Option<i64>,
    ) -> (JoinHandle<Result<(), StoreError>>, WriteTransaction) {
        let first = WriteTransaction::begin(writer).await.unwrap();
        add(&first, 1, parent).unwrap();
        let second = tokio::spawn({
            let writer = Arc::clone(writer);
            async move { WriteTransaction::begin(&writer).await.unwrap() }
        });
        // It waits by then.
        tokio::task::yield_now().await;
        let first = tokio::spawn(first.commit(Box::new(())));
        let second = second.await.unwrap();
        assert!(second.is_savepoint);
        add(&second, 2, None).unwrap();
        assert!(!first.is_finished());
        (first, second)
    }

    #[tokio::test]
    async fn those_who_wait_share_a_commit() {
        let (directory, writer) = writer();
        let (first, second) = two(&writer, None).await;
        assert_eq!(stored(&directory), [0; 0]);
        second.commit(Box::new(())).await.unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(stored(&directory), [1, 2]);
    }

    /// A database whose checkpoints are due from so many pages of log on.
    fn with_log_of(pages: c_int) -> (TempDir, Arc<Writer>) {
        let (directory, writer) = writer();
        let mut writer = Arc::into_inner(writer).unwrap();
        writer.checkpoints.pages = pages;
        let schema = "CREATE TABLE pages (id INTEGER PRIMARY KEY, filler BLOB)";
        writer.lock().connection().unwrap().execute_batch(schema).unwrap();
        (directory, Arc::new(writer))
    }

    async fn fill(writer: &Arc<Writer>, pages: usize) {
        let tx = WriteTransaction::begin(writer).await.unwrap();
        for _ in 0..pages {
            tx.execute("INSERT INTO pages (filler) VALUES (zeroblob(3000))", &[])
                .unwrap();
        }
        tx.commit(Box::new(())).await.unwrap();
    }

    #[tokio::test]
    async fn the_log_begins_anew_when_it_is_long() {
        let (_directory, writer) = with_log_of(20);
        for _ in 0..100 {
            fill(&writer, 2).await;
        }
        // Each wrote at least three pages. The last checkpoint may still be under way.
        let log = writer.checkpoints.log();
        assert!(log < 150, "{log} pages of log");
    }

    /// The first has finished and is not committed: it began before the first pass, and would go on in the same log after the second.
    #[tokio::test]
    async fn a_checkpoint_commits_for_those_who_have_finished() {
        let (directory, writer) = with_log_of(c_int::MAX);
        fill(&writer, 50).await;
        let (first, second) = two(&writer, None).await;
        let checkpoint = tokio::task::spawn_blocking({
            let writer = Arc::clone(&writer);
            move || writer.finish(&writer.checkpoints.begin_now())
        });
        while writer.checkpoints.passes() == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(second);
        checkpoint.await.unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(stored(&directory), [1]);
        fill(&writer, 1).await;
        let log = writer.checkpoints.log();
        assert!(log < 20, "{log} pages of log");
    }

    #[tokio::test]
    async fn one_that_is_dropped_takes_only_its_own_changes_back() {
        let (directory, writer) = writer();
        let (first, second) = two(&writer, None).await;
        drop(second);
        first.await.unwrap().unwrap();
        assert_eq!(stored(&directory), [1]);
    }

    #[tokio::test]
    async fn what_sqlite_takes_back_by_itself_is_told_to_all() {
        let (directory, writer) = writer();
        let (first, second) = two(&writer, None).await;
        assert!(add(&second, 13, None).is_err());
        drop(second);
        let told = first.await.unwrap();
        assert!(matches!(&told, Err(error) if error.is_unavailable()), "{told:?}");
        assert_eq!(stored(&directory), [0; 0]);
        let next = WriteTransaction::begin(&writer).await.unwrap();
        assert!(!next.is_savepoint);
        add(&next, 3, None).unwrap();
        next.commit(Box::new(())).await.unwrap();
        assert_eq!(stored(&directory), [3]);
    }

    /// The first refers to a row that there is not, which SQLite finds at COMMIT.
    #[tokio::test]
    async fn a_commit_that_fails_fails_for_all() {
        let (directory, writer) = writer();
        let (first, second) = two(&writer, Some(99)).await;
        assert!(second.commit(Box::new(())).await.is_err());
        assert!(first.await.unwrap().is_err());
        assert_eq!(stored(&directory), [0; 0]);
        let next = WriteTransaction::begin(&writer).await.unwrap();
        add(&next, 3, None).unwrap();
        next.commit(Box::new(())).await.unwrap();
        assert_eq!(stored(&directory), [3]);
    }

    #[tokio::test]
    async fn closing_waits_for_those_who_have_finished() {
        let (directory, writer) = writer();
        let (first, second) = two(&writer, None).await;
        let closing = tokio::spawn({
            let writer = Arc::clone(&writer);
            async move { writer.close().await }
        });
        tokio::task::yield_now().await;
        drop(second);
        closing.await.unwrap();
        first.await.unwrap().unwrap();
        assert_eq!(stored(&directory), [1]);
        assert!(
            WriteTransaction::begin(&writer)
                .await
                .is_err_and(|error| error.is_unavailable())
        );
    }
}
