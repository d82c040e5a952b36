//! The step for second factors that a trusted upstream has asked for.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE sessions ADD COLUMN mfa boolean NOT NULL DEFAULT false",
                "ALTER TABLE grants ADD COLUMN mfa boolean NOT NULL DEFAULT false",
            ],
        )
        .await
    }
}
