//! The step for guests. The address is unique by its key; a method is a word and, for an upstream, its id.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &["CREATE TABLE guests (
                    id uuid NOT NULL PRIMARY KEY,
                    subject text NOT NULL UNIQUE,
                    email text NOT NULL,
                    email_key text NOT NULL UNIQUE,
                    name text,
                    language text,
                    status text NOT NULL,
                    valid_until bigint,
                    pinned_method text,
                    pinned_upstream uuid,
                    method text,
                    method_upstream uuid,
                    redeemed_at bigint,
                    last_sign_in_at bigint,
                    email_proven_at bigint,
                    created_at bigint NOT NULL,
                    updated_at bigint NOT NULL
                )"],
        )
        .await
    }
}
