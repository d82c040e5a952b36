//! The step for domains that tenants must prove. `tenant_domains` holds those that lead somewhere, as before: the
//! database itself keeps a domain from leading to two tenants.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Step;

#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        crate::apply(
            manager,
            &[
                "CREATE TABLE domain_claims (
                    tenant uuid NOT NULL REFERENCES tenants (id),
                    domain text NOT NULL,
                    proof text NOT NULL,
                    token text,
                    state text NOT NULL,
                    since bigint NOT NULL,
                    failed_since bigint,
                    failures bigint NOT NULL,
                    answer text,
                    checked_at bigint,
                    check_at bigint,
                    authority text,
                    PRIMARY KEY (tenant, domain)
                )",
                "CREATE INDEX domain_claims_domain ON domain_claims (domain)",
                "CREATE INDEX domain_claims_check_at ON domain_claims (check_at) WHERE check_at IS NOT NULL",
                // Operators wrote them down before anything had to be proven: they vouched for them.
                "INSERT INTO domain_claims (tenant, domain, proof, state, since, failures) \
                 SELECT tenant_domains.tenant, tenant_domains.domain, 'operator', 'proven', tenants.created_at, 0 \
                 FROM tenant_domains JOIN tenants ON tenants.id = tenant_domains.tenant",
                "ALTER TABLE tenants ADD COLUMN domain_proof text NOT NULL DEFAULT 'operator'",
            ],
        )
        .await
    }
}
