//! The step for sign-ins under way and their challenges. Short-lived rows: all of them are swept.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE sign_ins (
                    id uuid NOT NULL PRIMARY KEY,
                    app uuid NOT NULL REFERENCES apps (id),
                    request text NOT NULL,
                    browser bytea NOT NULL,
                    reference text NOT NULL,
                    email text,
                    email_typed boolean NOT NULL,
                    invitation uuid,
                    challenge uuid,
                    tries bigint NOT NULL,
                    locked_until bigint,
                    session uuid,
                    consent text,
                    answered_at bigint,
                    started_at bigint NOT NULL,
                    expires_at bigint NOT NULL
                )",
                "CREATE INDEX sign_ins_browser ON sign_ins (browser, started_at)",
                "CREATE INDEX sign_ins_expires_at ON sign_ins (expires_at)",
                "CREATE TABLE passcode_challenges (
                    id uuid NOT NULL PRIMARY KEY,
                    sign_in uuid NOT NULL REFERENCES sign_ins (id) ON DELETE CASCADE,
                    email text NOT NULL,
                    salt bytea NOT NULL,
                    key_id text NOT NULL,
                    lifetime bigint NOT NULL,
                    decoy boolean NOT NULL,
                    state text NOT NULL,
                    state_since bigint NOT NULL
                )",
                "CREATE INDEX passcode_challenges_sign_in ON passcode_challenges (sign_in)",
                "CREATE TABLE passcode_sends (
                    challenge uuid NOT NULL REFERENCES passcode_challenges (id) ON DELETE CASCADE,
                    number bigint NOT NULL,
                    issued_at bigint NOT NULL,
                    PRIMARY KEY (challenge, number)
                )",
            ],
        )
        .await
    }
}
