//! `guests`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "guests")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub subject: String,
    pub email: String,
    pub email_key: String,
    pub name: Option<String>,
    pub language: Option<String>,
    pub status: String,
    pub valid_until: Option<i64>,
    pub pinned_method: Option<String>,
    pub pinned_upstream: Option<Uuid>,
    pub method: Option<String>,
    pub method_upstream: Option<Uuid>,
    pub redeemed_at: Option<i64>,
    pub last_sign_in_at: Option<i64>,
    pub email_proven_at: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
