//! `audit`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: i64,
    pub action: String,
    pub actor_kind: String,
    pub actor: Option<String>,
    pub guest: Option<Uuid>,
    pub app: Option<Uuid>,
    pub sign_in: Option<Uuid>,
    pub reason: Option<String>,
    pub details: String,
    pub reference: Option<String>,
    pub mailbox: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
