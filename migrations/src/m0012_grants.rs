//! The step for what apps hold: grants, authorization codes, tokens, consents.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE grants (
                    id uuid NOT NULL PRIMARY KEY,
                    guest uuid NOT NULL REFERENCES guests (id),
                    app uuid NOT NULL REFERENCES apps (id),
                    session uuid NOT NULL REFERENCES sessions (id),
                    sign_in uuid,
                    scopes text NOT NULL,
                    method text NOT NULL,
                    method_upstream uuid,
                    authenticated_at bigint NOT NULL,
                    nonce text,
                    created_at bigint NOT NULL,
                    expires_at bigint NOT NULL,
                    revoked_at bigint
                )",
                "CREATE INDEX grants_guest ON grants (guest)",
                "CREATE INDEX grants_session ON grants (session)",
                "CREATE INDEX grants_sign_in ON grants (sign_in) WHERE sign_in IS NOT NULL",
                "CREATE INDEX grants_expires_at ON grants (expires_at)",
                "CREATE TABLE authorization_codes (
                    hash bytea NOT NULL PRIMARY KEY,
                    grant_id uuid NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
                    redirect_uri text NOT NULL,
                    challenge text NOT NULL,
                    expires_at bigint NOT NULL,
                    redeemed_at bigint
                )",
                "CREATE INDEX authorization_codes_grant ON authorization_codes (grant_id)",
                "CREATE TABLE access_tokens (
                    hash bytea NOT NULL PRIMARY KEY,
                    grant_id uuid NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
                    scopes text NOT NULL,
                    issued_at bigint NOT NULL,
                    expires_at bigint NOT NULL
                )",
                "CREATE INDEX access_tokens_grant ON access_tokens (grant_id)",
                "CREATE INDEX access_tokens_expires_at ON access_tokens (expires_at)",
                "CREATE TABLE refresh_tokens (
                    hash bytea NOT NULL PRIMARY KEY,
                    grant_id uuid NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
                    expires_at bigint NOT NULL,
                    spent_at bigint
                )",
                "CREATE INDEX refresh_tokens_grant ON refresh_tokens (grant_id)",
                "CREATE TABLE consents (
                    guest uuid NOT NULL REFERENCES guests (id),
                    app uuid NOT NULL REFERENCES apps (id),
                    scopes text NOT NULL,
                    granted_at bigint NOT NULL,
                    PRIMARY KEY (guest, app)
                )",
            ],
        )
        .await
    }
}
