//! The step for the audit log. Its ids are ordered by time, so that the primary key is the index by time; it refers to
//! rows without foreign keys, because it outlives them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                r#"CREATE TABLE audit (
                    id uuid NOT NULL PRIMARY KEY,
                    at bigint NOT NULL,
                    action text COLLATE "C" NOT NULL,
                    actor_kind text NOT NULL,
                    actor text,
                    guest uuid,
                    app uuid,
                    sign_in uuid,
                    reason text,
                    details text NOT NULL
                )"#,
                "CREATE INDEX audit_action ON audit (action, id)",
                "CREATE INDEX audit_guest ON audit (guest, id) WHERE guest IS NOT NULL",
                "CREATE INDEX audit_sign_in ON audit (sign_in, id) WHERE sign_in IS NOT NULL",
            ],
        )
        .await
    }
}
