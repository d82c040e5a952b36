//! The step for signing keys; the private half is sealed.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &["CREATE TABLE signing_keys (
                    kid text NOT NULL PRIMARY KEY,
                    algorithm text NOT NULL,
                    state text NOT NULL,
                    since bigint NOT NULL,
                    public_jwk text NOT NULL,
                    private_jwk bytea NOT NULL,
                    sealed_by text NOT NULL
                )"],
        )
        .await
    }
}
