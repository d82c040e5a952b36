//! The step for sessions that upstreams may end: what they call them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE sessions ADD COLUMN upstream_sid text",
                "CREATE INDEX sessions_upstream ON sessions (method_upstream, upstream_sid) \
                 WHERE upstream_sid IS NOT NULL",
            ],
        )
        .await
    }
}
