//! The step for the latest time that any process has seen (time does not go back across a restart), and for the
//! filler by which a process proves that it can write.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE instance ADD COLUMN last_seen bigint NOT NULL DEFAULT 0",
                "ALTER TABLE instance ADD COLUMN filler bytea",
            ],
        )
        .await
    }
}
