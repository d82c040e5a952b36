//! The schema, one step a file, for SQLite and PostgreSQL alike.
//!
//! A step is SQL in PostgreSQL's words, run by `apply`; for SQLite the few types are translated. Times are Unix milliseconds
//! (`bigint`), ids are `uuid`, hashes are `bytea`, lists are JSON in `text`. The first step is the whole schema,
//! `m0001_schema.sql`. A step that has been released is never edited: a change is a new step.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DatabaseTransaction, DbBackend},
};

mod m0001_schema;

/// The names of all steps, oldest first.
pub fn names() -> Vec<String> {
    Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect()
}

/// Applies the steps that are missing, within the caller's transaction.
pub async fn up(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    Migrator::up(transaction, None).await
}

/// The list of steps.
struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m0001_schema::Schema)]
    }
}

/// Runs the statements of one step, in order. Each ends with `;` at the end of its line.
pub(crate) async fn apply(manager: &SchemaManager<'_>, sql: &str) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in statements(sql) {
        let sql = match connection.get_database_backend() {
            DbBackend::Sqlite => for_sqlite(&statement),
            _ => statement,
        };
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// The statements of a step, without its comments.
fn statements(sql: &str) -> Vec<String> {
    let lines = sql.lines().filter(|line| !line.trim_start().starts_with("--"));
    let text = lines.collect::<Vec<_>>().join("\n");
    let statements = text
        .split(";\n")
        .map(|statement| statement.trim().trim_end_matches(';'));
    statements
        .filter(|statement| !statement.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The same statement for SQLite. Its tables are STRICT, so that a column holds its type here too, and WITHOUT
/// ROWID, so that the primary key is the table and a lookup by it is one descent.
fn for_sqlite(statement: &str) -> String {
    let mut sql = statement.trim().to_owned();
    for (theirs, ours) in [
        (" uuid", " blob"),
        (" bytea", " blob"),
        (" bigint", " integer"),
        (" boolean", " integer"),
        // SQLite compares bytes unless told otherwise.
        (" COLLATE \"C\"", ""),
    ] {
        sql = sql.replace(theirs, ours);
    }
    if sql.starts_with("CREATE TABLE") {
        sql.push_str(" STRICT, WITHOUT ROWID");
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read_statement_by_statement() {
        let sql = "-- What for; and why.\n\nCREATE TABLE t (\n    -- A column.\n    id uuid\n);\nCREATE INDEX i ON t (id);\n";
        assert_eq!(
            statements(sql),
            ["CREATE TABLE t (\n    id uuid\n)", "CREATE INDEX i ON t (id)"]
        );
    }

    #[test]
    fn sqlite_gets_its_own_types() {
        assert_eq!(
            for_sqlite("CREATE TABLE t (id uuid PRIMARY KEY, hash bytea NOT NULL, at bigint, on boolean)"),
            "CREATE TABLE t (id blob PRIMARY KEY, hash blob NOT NULL, at integer, on integer) STRICT, WITHOUT ROWID"
        );
        assert_eq!(for_sqlite("CREATE INDEX i ON t (at)"), "CREATE INDEX i ON t (at)");
    }
}
