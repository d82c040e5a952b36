//! The schema, one step a file, for SQLite and PostgreSQL alike.
//!
//! A step is SQL in PostgreSQL's words, run by [`apply`]; for SQLite the few types are translated. Times are
//! Unix milliseconds (`bigint`), ids are `uuid`, hashes are `bytea`, lists are JSON in `text`. A step that has been
//! released is never edited: a change is a new step.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DatabaseTransaction, DbBackend},
};

mod m0001_instance;
mod m0002_apps;
mod m0003_upstreams;
mod m0004_guests;
mod m0005_invitations;
mod m0006_signing_keys;
mod m0007_audit;
mod m0008_operations;
mod m0010_sessions;
mod m0011_sign_ins;
mod m0012_grants;
mod m0013_outbox;
mod m0014_declared_upstreams;
mod m0015_federation;
mod m0016_moves;
mod m0017_upstream_health;
mod m0018_upstream_mfa;
mod m0020_personal_accounts;
mod m0023_connections;
mod m0024_recipients;
mod m0025_upstream_sessions;
mod m0026_domain_claims;
mod m0027_passkeys;
mod m0029_test_sign_ins;
mod m0030_saml;
mod m0031_webfinger;
mod m0032_last_seen;
mod m0033_letter_codes;
mod m0034_lease_holders;
mod m0035_app_secrets;
mod m0036_audit_help_desk;
mod m0037_strict_assertions;
mod m0038_renewed_browsers;

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
        vec![
            Box::new(m0001_instance::Step),
            Box::new(m0002_apps::Step),
            Box::new(m0003_upstreams::Step),
            Box::new(m0004_guests::Step),
            Box::new(m0005_invitations::Step),
            Box::new(m0006_signing_keys::Step),
            Box::new(m0007_audit::Step),
            Box::new(m0008_operations::Step),
            Box::new(m0010_sessions::Step),
            Box::new(m0011_sign_ins::Step),
            Box::new(m0012_grants::Step),
            Box::new(m0013_outbox::Step),
            Box::new(m0014_declared_upstreams::Step),
            Box::new(m0015_federation::Step),
            Box::new(m0016_moves::Step),
            Box::new(m0017_upstream_health::Step),
            Box::new(m0018_upstream_mfa::Step),
            Box::new(m0020_personal_accounts::Step),
            Box::new(m0023_connections::Step),
            Box::new(m0024_recipients::Step),
            Box::new(m0025_upstream_sessions::Step),
            Box::new(m0026_domain_claims::Step),
            Box::new(m0027_passkeys::Step),
            Box::new(m0029_test_sign_ins::Step),
            Box::new(m0030_saml::Step),
            Box::new(m0031_webfinger::Step),
            Box::new(m0032_last_seen::Step),
            Box::new(m0033_letter_codes::Step),
            Box::new(m0034_lease_holders::Step),
            Box::new(m0035_app_secrets::Step),
            Box::new(m0036_audit_help_desk::Step),
            Box::new(m0037_strict_assertions::Step),
            Box::new(m0038_renewed_browsers::Step),
        ]
    }
}

/// Runs the statements of one step, in order.
pub(crate) async fn apply(manager: &SchemaManager<'_>, statements: &[&str]) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    for statement in statements {
        let sql = match connection.get_database_backend() {
            DbBackend::Sqlite => for_sqlite(statement),
            _ => (*statement).to_owned(),
        };
        connection.execute_unprepared(&sql).await?;
    }
    Ok(())
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
    fn sqlite_gets_its_own_types() {
        assert_eq!(
            for_sqlite("CREATE TABLE t (id uuid PRIMARY KEY, hash bytea NOT NULL, at bigint, on boolean)"),
            "CREATE TABLE t (id blob PRIMARY KEY, hash blob NOT NULL, at integer, on integer) STRICT, WITHOUT ROWID"
        );
        assert_eq!(for_sqlite("CREATE INDEX i ON t (at)"), "CREATE INDEX i ON t (at)");
    }
}
