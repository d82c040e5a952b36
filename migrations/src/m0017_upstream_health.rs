//! The step for upstreams that fail.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &["CREATE TABLE upstream_health (
                upstream uuid NOT NULL PRIMARY KEY,
                failures bigint NOT NULL,
                failed_at bigint NOT NULL,
                down_until bigint
            )"],
        )
        .await
    }
}
