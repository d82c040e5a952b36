//! The step for codes of ten letters, which are sent while somebody is guessing codes.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &["ALTER TABLE passcode_sends ADD COLUMN letters boolean NOT NULL DEFAULT false"],
        )
        .await
    }
}
