//! The step for WebFinger: which provider the host of an address's domain named, kept for a while.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE webfinger (
                    mailbox bytea NOT NULL PRIMARY KEY,
                    provider uuid,
                    expires_at bigint NOT NULL
                )",
                "CREATE INDEX webfinger_expires_at ON webfinger (expires_at)",
            ],
        )
        .await
    }
}
