//! The step for passkeys: what guests registered, the ceremonies under way, and which proof was one.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE passkeys (
                    id uuid NOT NULL PRIMARY KEY,
                    guest uuid NOT NULL REFERENCES guests (id) ON DELETE CASCADE,
                    credential_id bytea NOT NULL,
                    credential text NOT NULL,
                    kind text NOT NULL,
                    created_at bigint NOT NULL,
                    used_at bigint
                )",
                "CREATE UNIQUE INDEX passkeys_credential ON passkeys (credential_id)",
                "CREATE INDEX passkeys_guest ON passkeys (guest)",
                "CREATE TABLE passkey_ceremonies (
                    sign_in uuid NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
                    purpose text NOT NULL,
                    options text NOT NULL,
                    state text NOT NULL,
                    ends_at bigint NOT NULL,
                    PRIMARY KEY (sign_in, purpose)
                )",
                "ALTER TABLE sign_ins ADD COLUMN makes_passkey boolean NOT NULL DEFAULT false",
                "ALTER TABLE sessions ADD COLUMN passkey text",
                "ALTER TABLE grants ADD COLUMN passkey text",
            ],
        )
        .await
    }
}
