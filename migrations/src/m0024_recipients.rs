//! The step for mails to an address that is not the guest's any more.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(manager, &["ALTER TABLE outbox ADD COLUMN recipient text"]).await
    }
}
