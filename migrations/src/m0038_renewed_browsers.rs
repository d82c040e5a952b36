//! The step for browsers whose secret is renewed when a session begins: what they held before is good for a minute.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE sign_ins ADD COLUMN former_browser bytea",
                "ALTER TABLE sign_ins ADD COLUMN former_until bigint",
            ],
        )
        .await
    }
}
