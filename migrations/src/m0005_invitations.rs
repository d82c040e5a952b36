//! The step for invitations and assignments: who may enter what, and who asked them in.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE invitations (
                    id uuid NOT NULL PRIMARY KEY,
                    guest uuid NOT NULL REFERENCES guests (id),
                    app uuid NOT NULL REFERENCES apps (id),
                    token_hash bytea NOT NULL UNIQUE,
                    invited_by text NOT NULL,
                    reply_to text,
                    about text,
                    message text,
                    language text,
                    state text NOT NULL,
                    state_since bigint NOT NULL,
                    access_until bigint,
                    created_at bigint NOT NULL,
                    expires_at bigint NOT NULL
                )",
                "CREATE INDEX invitations_guest_app ON invitations (guest, app, created_at)",
                "CREATE INDEX invitations_app ON invitations (app, created_at)",
                "CREATE INDEX invitations_created_at ON invitations (created_at)",
                "CREATE TABLE assignments (
                    guest uuid NOT NULL REFERENCES guests (id),
                    app uuid NOT NULL REFERENCES apps (id),
                    starts_at bigint NOT NULL,
                    ends_at bigint,
                    reason text,
                    sponsor text,
                    PRIMARY KEY (guest, app)
                )",
                "CREATE INDEX assignments_app ON assignments (app)",
            ],
        )
        .await
    }
}
