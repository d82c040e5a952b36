//! The schema's version: what is applied, what is missing, and what is too new for this binary.

use crate::{Db, Reads, StoreError, Tx, columns::row};

/// The advisory lock of migrations: «vest» and a number.
const LOCK: i64 = 0x7665_7374_0001;

/// Applies the steps that are missing and returns their names.
pub(crate) async fn migrate(tx: &Tx) -> Result<Vec<String>, StoreError> {
    if tx.is_postgres() {
        // A second process waits for the first, however long it takes. SQLite's BEGIN IMMEDIATE does the same.
        tx.run("SET LOCAL statement_timeout = 0", []).await?;
        tx.run("SELECT pg_advisory_xact_lock($1)", [LOCK.into()]).await?;
    }
    let missing = pending(tx).await?;
    if !missing.is_empty() {
        tx.connection.migrate().await?;
    }
    Ok(missing)
}

/// The names of the steps that are missing, oldest first. A schema with steps that this binary does not know is
/// refused: it may have given columns another meaning.
pub(crate) async fn pending<C: Reads>(db: &Db<C>) -> Result<Vec<String>, StoreError> {
    let known = migrations::names();
    let applied = applied(db).await?;
    let unknown: Vec<String> = applied
        .iter()
        .filter(|name| !known.contains(name))
        .cloned()
        .collect();
    if !unknown.is_empty() {
        return Err(StoreError::SchemaTooNew { unknown });
    }
    Ok(known.into_iter().filter(|name| !applied.contains(name)).collect())
}

row! {
    struct AppliedStep {
        version: String,
    }
}

row! {
    struct TableFound {
        found: bool,
    }
}

/// The names of the steps that are applied, oldest first.
pub(crate) async fn applied<C: Reads>(db: &Db<C>) -> Result<Vec<String>, StoreError> {
    let is_installed = if db.is_postgres() {
        "SELECT to_regclass('seaql_migrations') IS NOT NULL AS found"
    } else {
        "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'seaql_migrations') AS found"
    };
    let installed = db.one::<TableFound>(is_installed, []).await?;
    if !installed.is_some_and(|row| row.found) {
        return Ok(Vec::new());
    }
    let steps = db
        .all::<AppliedStep>("SELECT version FROM seaql_migrations ORDER BY version", [])
        .await?;
    Ok(steps.into_iter().map(|step| step.version).collect())
}
