//! Federated tenants: their domains, and how to speak to them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    Id,
    domain_claim::{ClaimState, DomainClaim, Proof},
    time::from_millis,
    upstream::{Health, Tenant},
};
use method_resolution::{CodesWhenFederationFails, Partner, Policy};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter, QueryOrder,
};
use uuid::Uuid;

use crate::{
    Db, StoreError, Tx,
    connections::Columns,
    entity::tenant,
    value::{self, Place},
};

impl<C: ConnectionTrait> Db<C> {
    /// All tenants, by name.
    pub async fn tenants(&self) -> Result<Vec<Tenant>, StoreError> {
        let rows = tenant::Entity::find()
            .order_by_asc(tenant::Column::Name)
            .all(&self.connection)
            .await?;
        let mut claims: HashMap<Id<Tenant>, Vec<DomainClaim>> = HashMap::new();
        for claim in self.domain_claims().await? {
            claims.entry(claim.tenant).or_default().push(claim);
        }
        rows.into_iter()
            .map(|row| {
                let claims = claims.remove(&Id::from_uuid(row.id)).unwrap_or_default();
                self.to_tenant(row, &claims)
            })
            .collect()
    }

    /// The tenant of that row.
    pub async fn tenant(&self, id: Id<Tenant>) -> Result<Option<Tenant>, StoreError> {
        let row = tenant::Entity::find_by_id(id.uuid())
            .one(&self.connection)
            .await?;
        self.with_domains(row).await
    }

    /// The tenant of that name.
    pub async fn tenant_by_name(&self, name: &str) -> Result<Option<Tenant>, StoreError> {
        if !value::is_text(name) {
            return Ok(None);
        }
        let row = tenant::Entity::find()
            .filter(tenant::Column::Name.eq(name))
            .one(&self.connection)
            .await?;
        self.with_domains(row).await
    }

    async fn with_domains(&self, row: Option<tenant::Model>) -> Result<Option<Tenant>, StoreError> {
        let Some(row) = row else {
            return Ok(None);
        };
        let claims = self.claims_of_tenant(Id::from_uuid(row.id)).await?;
        self.to_tenant(row, &claims).map(Some)
    }

    /// The tenant to which a domain leads, exactly, when it is enabled.
    pub async fn tenant_named_by_domain(&self, domain: &str) -> Result<Option<Id<Tenant>>, StoreError> {
        if !value::is_text(domain) {
            return Ok(None);
        }
        let row = self.one::<TenantRow>(TENANT_OF_DOMAIN, [domain.into()]).await?;
        Ok(row.map(|row| Id::from_uuid(row.id)))
    }

    /// The enabled tenant whose domain this is, exactly.
    pub(crate) async fn tenant_of_domain(
        &self,
        domain: &str,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Result<Option<Partner>, StoreError> {
        let row = self.one::<TenantRow>(TENANT_OF_DOMAIN, [domain.into()]).await?;
        Ok(row.map(|row| {
            let health = row.failed_at.map(|failed_at| Health {
                failures: 0,
                failed_at: from_millis(failed_at),
                down_until: value::opt_from_millis(row.down_until),
            });
            Partner {
                tenant: Id::from_uuid(row.id),
                down: health.is_some_and(|health| match policy.codes_when_federation_fails {
                    CodesWhenFederationFails::Never => health.is_down(now),
                    CodesWhenFederationFails::WhileDown => health.is_out(now),
                }),
                connected: row.connected,
            }
        }))
    }

    fn to_tenant(&self, row: tenant::Model, claims: &[DomainClaim]) -> Result<Tenant, StoreError> {
        let those = |which: fn(&DomainClaim) -> bool| -> Vec<String> {
            let found = claims.iter().filter(|claim| which(claim));
            found.map(|claim| claim.domain.clone()).collect()
        };
        let place = Place::new("tenants", row.id);
        let columns = Columns {
            connection: row.connection,
            client_secret: row.client_secret,
            sealed_by: row.sealed_by,
        };
        Ok(Tenant {
            id: Id::from_uuid(row.id),
            name: row.name,
            display_name: row.display_name,
            enabled: row.enabled,
            declared: row.declared,
            domains: those(|claim| claim.state != ClaimState::Withdrawn),
            domain_proof: place.require("domain_proof", Proof::parse(&row.domain_proof))?,
            unproven: those(|claim| claim.state != ClaimState::Withdrawn && !claim.state.leads()),
            connection: self.to_connection(&place, columns)?,
            created_at: from_millis(row.created_at),
        })
    }
}

impl Tx {
    /// Adds a tenant and what it claims. A name is a conflict when it is taken, and so is a domain for which the
    /// operator vouches and that leads to another tenant.
    pub async fn insert_tenant(&self, tenant: &Tenant) -> Result<(), StoreError> {
        let row = self.tenant_row(tenant)?;
        tenant::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.connection)
            .await?;
        self.claim_domains(tenant, tenant.created_at).await
    }

    /// Makes the row and what it claims what the tenant says; conflicts as when one is added.
    pub async fn save_tenant(&self, tenant: &Tenant, now: DateTime<Utc>) -> Result<(), StoreError> {
        let row = self.tenant_row(tenant)?;
        self.run(
            "UPDATE tenants SET display_name = $2, enabled = $3, declared = $4, connection = $5, client_secret = $6, \
             sealed_by = $7, domain_proof = $8 WHERE id = $1",
            [
                row.id.into(),
                row.display_name.into(),
                row.enabled.into(),
                row.declared.into(),
                row.connection.into(),
                row.client_secret.into(),
                row.sealed_by.into(),
                row.domain_proof.into(),
            ],
        )
        .await?;
        self.claim_domains(tenant, now).await
    }

    /// Removes a tenant and the accounts there. Guests who are held to it have no way in until they are reset.
    pub async fn remove_tenant(&self, id: Id<Tenant>) -> Result<(), StoreError> {
        self.release_tenant(id).await?;
        for sql in [
            "DELETE FROM accounts WHERE upstream = $1",
            "DELETE FROM upstream_health WHERE upstream = $1",
            "DELETE FROM domain_claims WHERE tenant = $1",
            "DELETE FROM tenants WHERE id = $1",
        ] {
            self.run(sql, [value::id(id)]).await?;
        }
        Ok(())
    }

    /// Lets go of a tenant's domains, so that another one may take them. [`Self::save_tenant`] takes them up again.
    pub async fn release_tenant(&self, id: Id<Tenant>) -> Result<(), StoreError> {
        self.run("DELETE FROM tenant_domains WHERE tenant = $1", [value::id(id)])
            .await?;
        Ok(())
    }

    fn tenant_row(&self, tenant: &Tenant) -> Result<tenant::Model, StoreError> {
        let place = Place::new("tenants", tenant.id.uuid());
        let columns = self.connection_columns(&place, tenant.connection.as_ref())?;
        Ok(tenant::Model {
            id: tenant.id.uuid(),
            name: tenant.name.clone(),
            display_name: tenant.display_name.clone(),
            enabled: tenant.enabled,
            declared: tenant.declared,
            connection: columns.connection,
            client_secret: columns.client_secret,
            sealed_by: columns.sealed_by,
            created_at: value::millis(tenant.created_at),
            domain_proof: tenant.domain_proof.name().to_owned(),
        })
    }
}

#[derive(FromQueryResult)]
struct TenantRow {
    id: Uuid,
    connected: bool,
    failed_at: Option<i64>,
    down_until: Option<i64>,
}

pub(crate) const TENANT_OF_DOMAIN: &str = "SELECT tenants.id, tenants.connection IS NOT NULL AS connected, \
     upstream_health.failed_at, upstream_health.down_until FROM tenant_domains \
     JOIN tenants ON tenants.id = tenant_domains.tenant \
     LEFT JOIN upstream_health ON upstream_health.upstream = tenants.id \
     WHERE tenant_domains.domain = $1 AND tenants.enabled";
