//! The step for sessions and known devices.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE sessions (
                    id uuid NOT NULL PRIMARY KEY,
                    token_hash bytea NOT NULL UNIQUE,
                    guest uuid NOT NULL REFERENCES guests (id),
                    method text NOT NULL,
                    method_upstream uuid,
                    authenticated_at bigint NOT NULL,
                    expires_at bigint NOT NULL,
                    ends_with_browser boolean NOT NULL,
                    ended_at bigint,
                    user_agent text,
                    network text
                )",
                "CREATE INDEX sessions_guest ON sessions (guest)",
                "CREATE INDEX sessions_expires_at ON sessions (expires_at)",
                "CREATE TABLE devices (
                    token_hash bytea NOT NULL,
                    mailbox bytea NOT NULL,
                    seen_at bigint NOT NULL,
                    PRIMARY KEY (token_hash, mailbox)
                )",
                "CREATE INDEX devices_seen_at ON devices (seen_at)",
            ],
        )
        .await
    }
}
