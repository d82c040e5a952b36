//! `invitations`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub guest: Uuid,
    pub app: Uuid,
    pub token_hash: Vec<u8>,
    pub invited_by: String,
    pub reply_to: Option<String>,
    pub about: Option<String>,
    pub message: Option<String>,
    pub language: Option<String>,
    pub state: String,
    pub state_since: i64,
    pub access_until: Option<i64>,
    pub created_at: i64,
    pub expires_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
