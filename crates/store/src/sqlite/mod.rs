//! SQLite in the caller's thread. A statement of ours takes some ten microseconds; handing it to a thread of the driver and its answer
//! back takes several times as long. So reads run where they are asked for, and so do the statements of a transaction;
//! only what waits for the disk (COMMIT) and what may take long (lists, copies) goes to a blocking thread.
//! Each statement costs its task a unit of tokio's budget, so that a long row of them gives way to others now and then.
//! See `docs/decisions/sqlite-in-the-callers-thread.md`.

mod checkpoint;
mod readers;
mod statement;
mod turns;
mod writer;

use std::{path::Path, time::Duration};

use rusqlite::{Connection, OpenFlags};

use crate::{StoreError, Synchronous};

use self::checkpoint::Checkpoints;
pub(crate) use self::{
    readers::Readers,
    writer::{WriteTransaction, Writer},
};

/// How long a caller waits for its turn, or for another process's lock, before it is told that the database is not available.
const WAIT: Duration = Duration::from_secs(5);
/// Prepared statements that each connection keeps: more than there are, so that only those with a number of values in
/// their text push one another out.
const STATEMENTS: usize = 512;

/// Opens a file that is there: the connection that writes, and as many as `readers` that read.
pub(crate) fn open(
    file: &Path,
    synchronous: Synchronous,
    readers: u32,
) -> Result<(Writer, Readers), StoreError> {
    let writer = Writer::open(file, synchronous)?;
    Ok((writer, Readers::open(file.to_owned(), readers)?))
}

/// The connection that writes. It makes the file a WAL database, which one that reads cannot.
fn open_to_write(file: &Path, synchronous: Synchronous) -> Result<Connection, StoreError> {
    let connection = open_with(file, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(
        None,
        "synchronous",
        match synchronous {
            Synchronous::Full => "FULL",
            Synchronous::Normal => "NORMAL",
        },
    )?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // What a savepoint may have to put back is some pages: a file for them would be made and removed by most transactions.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Checkpoints::watch(&connection);
    // From here on a lock of another process is waited for without holding a thread.
    connection.busy_timeout(Duration::ZERO)?;
    Ok(connection)
}

fn open_to_read(file: &Path) -> Result<Connection, StoreError> {
    open_with(file, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open_with(file: &Path, access: OpenFlags) -> Result<Connection, StoreError> {
    // Each connection is behind a lock of ours.
    let connection = Connection::open_with_flags(file, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(WAIT)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn unavailable(why: &'static str) -> StoreError {
    StoreError::Unavailable(why.into())
}
