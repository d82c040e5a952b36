//! The step for apps with several secrets, and for apps without PKCE.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE app_secrets (
                    id uuid NOT NULL PRIMARY KEY,
                    app uuid NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
                    hash bytea NOT NULL,
                    created_at bigint NOT NULL,
                    last_used_at bigint
                )",
                "CREATE INDEX app_secrets_app ON app_secrets (app, created_at, id)",
                // An app's first secret takes the app's id: it is as unique.
                "INSERT INTO app_secrets (id, app, hash, created_at)
                    SELECT id, id, secret_hash, created_at FROM apps WHERE secret_hash IS NOT NULL",
                "ALTER TABLE apps DROP COLUMN secret_hash",
                "ALTER TABLE apps ADD COLUMN pkce text NOT NULL DEFAULT 'required'",
                "ALTER TABLE apps ADD COLUMN id_token_claims boolean NOT NULL DEFAULT FALSE",
            ],
        )
        .await
    }
}
