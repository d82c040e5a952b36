//! The step for connections of every kind, to tenants and providers alike.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE tenants RENAME COLUMN oidc TO connection",
                "UPDATE tenants SET connection = '{\"oidc\":' || connection || '}' WHERE connection IS NOT NULL",
                "ALTER TABLE providers ADD COLUMN connection text",
                "ALTER TABLE providers ADD COLUMN client_secret bytea",
                "ALTER TABLE providers ADD COLUMN sealed_by text",
            ],
        )
        .await
    }
}
