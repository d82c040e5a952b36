//! The step for round trips that operators try out.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE test_sign_ins (
                    id uuid NOT NULL PRIMARY KEY,
                    token_hash bytea NOT NULL UNIQUE,
                    method text NOT NULL,
                    upstream uuid NOT NULL,
                    email text NOT NULL,
                    made_by text NOT NULL,
                    expires_at bigint NOT NULL
                )",
                "CREATE INDEX test_sign_ins_expires_at ON test_sign_ins (expires_at)",
            ],
        )
        .await
    }
}
