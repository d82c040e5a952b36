//! The step for SAML: the key of the service provider, and answers that wait for their browser.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE service_keys (
                    name text NOT NULL PRIMARY KEY,
                    certificate bytea NOT NULL,
                    private_key bytea NOT NULL,
                    sealed_by text NOT NULL,
                    created_at bigint NOT NULL
                )",
                "CREATE TABLE saml_answers (
                    hash bytea NOT NULL PRIMARY KEY,
                    upstream uuid NOT NULL,
                    state text NOT NULL,
                    answer text NOT NULL,
                    expires_at bigint NOT NULL
                )",
                "CREATE INDEX saml_answers_expires_at ON saml_answers (expires_at)",
            ],
        )
        .await
    }
}
