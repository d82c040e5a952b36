//! The step for finding in the audit log who calls the help desk: by the reference on their page, and by an address that
//! may be in no directory, of which a keyed hash is kept.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE audit ADD COLUMN reference text",
                "ALTER TABLE audit ADD COLUMN mailbox bytea",
                "CREATE INDEX audit_reference ON audit (reference, id) WHERE reference IS NOT NULL",
                "CREATE INDEX audit_mailbox ON audit (mailbox, id) WHERE mailbox IS NOT NULL",
            ],
        )
        .await
    }
}
