//! The step for apps whose assertions are held to the narrower rules of FAPI 2.0.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &["ALTER TABLE apps ADD COLUMN strict_assertions boolean NOT NULL DEFAULT FALSE"],
        )
        .await
    }
}
