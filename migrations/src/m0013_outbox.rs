//! The step for mail waiting to leave, and for the counters of limits.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE outbox (
                    id uuid NOT NULL PRIMARY KEY,
                    kind text NOT NULL,
                    subject uuid NOT NULL,
                    number bigint NOT NULL,
                    language text,
                    state text NOT NULL,
                    attempts bigint NOT NULL,
                    due_at bigint NOT NULL,
                    leased_until bigint,
                    deadline bigint NOT NULL,
                    created_at bigint NOT NULL,
                    ended_at bigint,
                    last_error text
                )",
                "CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'pending'",
                "CREATE INDEX outbox_deadline ON outbox (deadline) WHERE state = 'pending'",
                "CREATE INDEX outbox_ended ON outbox (ended_at) WHERE ended_at IS NOT NULL",
                "CREATE TABLE mail_transport (
                    id bigint NOT NULL PRIMARY KEY,
                    down_since bigint
                )",
                "INSERT INTO mail_transport (id, down_since) VALUES (1, NULL)",
                "CREATE TABLE limits (
                    key bytea NOT NULL PRIMARY KEY,
                    started_at bigint NOT NULL,
                    count bigint NOT NULL,
                    ends_at bigint NOT NULL
                )",
                "CREATE INDEX limits_ends_at ON limits (ends_at)",
            ],
        )
        .await
    }
}
