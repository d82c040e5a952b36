//! The step for upstreams that the configuration declares.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE tenants ADD COLUMN declared boolean NOT NULL DEFAULT false",
                "ALTER TABLE providers ADD COLUMN declared boolean NOT NULL DEFAULT false",
            ],
        )
        .await
    }
}
