//! The step for guests who keep their method although a better one was offered.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &["ALTER TABLE sign_ins ADD COLUMN keeps_method boolean NOT NULL DEFAULT false"],
        )
        .await
    }
}
