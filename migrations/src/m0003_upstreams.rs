//! The step for federated tenants and personal-account providers, and the domains and
//! addresses that lead to them.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE tenants (
                    id uuid NOT NULL PRIMARY KEY,
                    name text NOT NULL UNIQUE,
                    display_name text NOT NULL,
                    enabled boolean NOT NULL,
                    created_at bigint NOT NULL
                )",
                "CREATE TABLE tenant_domains (
                    domain text NOT NULL PRIMARY KEY,
                    tenant uuid NOT NULL REFERENCES tenants (id)
                )",
                "CREATE INDEX tenant_domains_tenant ON tenant_domains (tenant)",
                "CREATE TABLE providers (
                    id uuid NOT NULL PRIMARY KEY,
                    name text NOT NULL UNIQUE,
                    display_name text NOT NULL,
                    enabled boolean NOT NULL,
                    created_at bigint NOT NULL
                )",
                "CREATE TABLE provider_domains (
                    domain text NOT NULL PRIMARY KEY,
                    provider uuid NOT NULL REFERENCES providers (id)
                )",
                "CREATE INDEX provider_domains_provider ON provider_domains (provider)",
                "CREATE TABLE provider_addresses (
                    email_key text NOT NULL PRIMARY KEY,
                    provider uuid NOT NULL REFERENCES providers (id)
                )",
                "CREATE INDEX provider_addresses_provider ON provider_addresses (provider)",
            ],
        )
        .await
    }
}
