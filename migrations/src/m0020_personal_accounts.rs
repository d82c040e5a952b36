//! The step for what guests choose, and for accounts that wait for a code to confirm their address.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE sign_ins ADD COLUMN chosen text",
                "ALTER TABLE sign_ins ADD COLUMN chosen_upstream uuid",
                "CREATE TABLE unconfirmed_accounts (
                    sign_in uuid NOT NULL PRIMARY KEY REFERENCES sign_ins (id) ON DELETE CASCADE,
                    method text NOT NULL,
                    upstream uuid NOT NULL,
                    issuer text COLLATE \"C\" NOT NULL,
                    subject text COLLATE \"C\" NOT NULL,
                    email text,
                    name text,
                    locale text,
                    session text,
                    ends_at bigint NOT NULL
                )",
            ],
        )
        .await
    }
}
