//! The step for apps.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &["CREATE TABLE apps (
                    id uuid NOT NULL PRIMARY KEY,
                    client_id text NOT NULL UNIQUE,
                    name text NOT NULL,
                    authentication text NOT NULL,
                    secret_hash bytea,
                    jwks text,
                    redirect_uris text NOT NULL,
                    post_logout_redirect_uris text NOT NULL,
                    home text,
                    access text NOT NULL,
                    access_domains text NOT NULL,
                    asks_consent boolean NOT NULL,
                    offline_access boolean NOT NULL,
                    signing_algorithm text NOT NULL,
                    dev boolean NOT NULL,
                    disabled_at bigint,
                    created_at bigint NOT NULL
                )"],
        )
        .await
    }
}
