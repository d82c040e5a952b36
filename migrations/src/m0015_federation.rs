//! The step for connections to tenants, accounts at upstreams, and values that count once.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "ALTER TABLE tenants ADD COLUMN oidc text",
                "ALTER TABLE tenants ADD COLUMN client_secret bytea",
                "ALTER TABLE tenants ADD COLUMN sealed_by text",
                "CREATE TABLE accounts (
                    upstream uuid NOT NULL,
                    issuer text COLLATE \"C\" NOT NULL,
                    subject text COLLATE \"C\" NOT NULL,
                    guest uuid NOT NULL REFERENCES guests (id),
                    created_at bigint NOT NULL,
                    last_used_at bigint NOT NULL,
                    PRIMARY KEY (upstream, issuer, subject)
                )",
                "CREATE INDEX accounts_guest ON accounts (guest, upstream)",
                "CREATE TABLE spent (
                    hash bytea NOT NULL PRIMARY KEY,
                    ends_at bigint NOT NULL
                )",
                "CREATE INDEX spent_ends_at ON spent (ends_at)",
            ],
        )
        .await
    }
}
