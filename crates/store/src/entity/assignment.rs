//! `assignments`.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub guest: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub app: Uuid,
    pub starts_at: i64,
    pub ends_at: Option<i64>,
    pub reason: Option<String>,
    pub sponsor: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
