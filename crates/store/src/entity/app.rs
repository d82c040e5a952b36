//! `apps`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "apps")]
#[expect(clippy::struct_excessive_bools, reason = "one for each column")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub client_id: String,
    pub name: String,
    pub authentication: String,
    pub jwks: Option<String>,
    pub redirect_uris: String,
    pub post_logout_redirect_uris: String,
    pub home: Option<String>,
    pub access: String,
    pub access_domains: String,
    pub asks_consent: bool,
    pub offline_access: bool,
    pub signing_algorithm: String,
    pub pkce: String,
    pub id_token_claims: bool,
    pub strict_assertions: bool,
    pub dev: bool,
    pub disabled_at: Option<i64>,
    pub created_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
