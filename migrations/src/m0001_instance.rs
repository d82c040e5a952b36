//! The step for the database itself: which master key it belongs to.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &["CREATE TABLE instance (
                    id bigint NOT NULL PRIMARY KEY,
                    master_key text NOT NULL
                )"],
        )
        .await
    }
}
