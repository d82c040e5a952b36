//! The step for tokens of the admin API, and the leases by which replicas share jobs.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE api_tokens (
                    id uuid NOT NULL PRIMARY KEY,
                    name text NOT NULL,
                    token_hash bytea NOT NULL UNIQUE,
                    created_at bigint NOT NULL,
                    revoked_at bigint
                )",
                "CREATE UNIQUE INDEX api_tokens_name ON api_tokens (name) WHERE revoked_at IS NULL",
                "CREATE TABLE leases (
                    name text NOT NULL PRIMARY KEY,
                    holder text NOT NULL,
                    ends_at bigint NOT NULL
                )",
            ],
        )
        .await
    }
}
