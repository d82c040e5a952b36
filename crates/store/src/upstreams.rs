//! Tenants and providers of personal accounts: what leads to them, and how to speak to them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    domain_claim::{ClaimState, DomainClaim, Proof},
    method::Method,
    time::from_millis,
    upstream::{Upstream, UpstreamKind},
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    connections::Columns,
    row::{Cell, Sql, select},
    value::{self, Place},
};

row! {
    struct UpstreamRow {
        id: Uuid,
        kind: String,
        name: String,
        display_name: String,
        enabled: bool,
        declared: bool,
        domain_proof: String,
        connection: Option<String>,
        client_secret: Option<Vec<u8>>,
        sealed_by: Option<String>,
        created_at: i64,
    }
}

static BY_ID: Sql = Sql::new(|| select(UpstreamRow::COLUMNS, "upstreams WHERE id = $1"));
static NAMED: Sql = Sql::new(|| select(UpstreamRow::COLUMNS, "upstreams WHERE kind = $1 AND name = $2"));
static OF_DOMAIN: Sql = Sql::new(|| {
    let leads = "(SELECT upstream FROM upstream_domains WHERE domain = $1 AND kind = 'tenant')";
    select(
        UpstreamRow::COLUMNS,
        &format!("upstreams WHERE enabled AND id = {leads}"),
    )
});
static OF_KIND: Sql = Sql::new(|| select(UpstreamRow::COLUMNS, "upstreams WHERE kind = $1 ORDER BY name"));

impl<C: Reads> Db<C> {
    /// All of both kinds, by name.
    pub async fn upstreams(&self) -> Result<Vec<Upstream>, StoreError> {
        let mut all = self.upstreams_of(UpstreamKind::Tenant).await?;
        all.extend(self.upstreams_of(UpstreamKind::Provider).await?);
        all.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(all)
    }

    /// All of one kind, by name.
    pub async fn upstreams_of(&self, kind: UpstreamKind) -> Result<Vec<Upstream>, StoreError> {
        let rows = self.all::<UpstreamRow>(&OF_KIND, [kind.name().into()]).await?;
        let mut led = match kind {
            UpstreamKind::Tenant => self.led_to_tenants().await?,
            UpstreamKind::Provider => self.led_to_providers().await?,
        };
        rows.into_iter()
            .map(|row| {
                let led = led.remove(&row.id).unwrap_or_default();
                self.to_upstream(row, led)
            })
            .collect()
    }

    async fn led_to_tenants(&self) -> Result<HashMap<Uuid, Led>, StoreError> {
        let mut led: HashMap<Uuid, Led> = HashMap::new();
        for claim in self.domain_claims().await? {
            led.entry(claim.tenant.uuid()).or_default().claims.push(claim);
        }
        Ok(led)
    }

    async fn led_to_providers(&self) -> Result<HashMap<Uuid, Led>, StoreError> {
        let mut led: HashMap<Uuid, Led> = HashMap::new();
        let sql = "SELECT domain, upstream FROM upstream_domains WHERE kind = 'provider' ORDER BY domain";
        for row in self.all::<LedDomainRow>(sql, []).await? {
            led.entry(row.upstream).or_default().domains.push(row.domain);
        }
        let sql = "SELECT email_key, upstream FROM upstream_addresses ORDER BY email_key";
        for row in self.all::<AddressRow>(sql, []).await? {
            led.entry(row.upstream)
                .or_default()
                .addresses
                .push(row.address()?);
        }
        Ok(led)
    }

    /// The one of that row.
    pub async fn upstream(&self, id: Id<Upstream>) -> Result<Option<Upstream>, StoreError> {
        let row = self.one::<UpstreamRow>(&BY_ID, [value::id(id)]).await?;
        self.with_leading(row).await
    }

    /// The one of a method; a code has none.
    pub async fn upstream_of(&self, method: Method) -> Result<Option<Upstream>, StoreError> {
        match method.upstream() {
            Some(id) => self.upstream(id).await,
            None => Ok(None),
        }
    }

    /// The one of that kind and name.
    pub async fn upstream_named(
        &self,
        kind: UpstreamKind,
        name: &str,
    ) -> Result<Option<Upstream>, StoreError> {
        if !value::is_text(name) {
            return Ok(None);
        }
        let named = [kind.name().into(), name.into()];
        let row = self.one::<UpstreamRow>(&NAMED, named).await?;
        self.with_leading(row).await
    }

    /// The tenant of that name; the provider where there is none.
    pub async fn upstream_called(&self, name: &str) -> Result<Option<Upstream>, StoreError> {
        for kind in UpstreamKind::ALL {
            if let Some(found) = self.upstream_named(kind, name).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The tenant to which a domain leads, exactly, when it is enabled.
    pub async fn tenant_of_domain(&self, domain: &str) -> Result<Option<Upstream>, StoreError> {
        if !value::is_text(domain) {
            return Ok(None);
        }
        let row = self.one::<UpstreamRow>(&OF_DOMAIN, [domain.into()]).await?;
        self.with_leading(row).await
    }

    async fn with_leading(&self, row: Option<UpstreamRow>) -> Result<Option<Upstream>, StoreError> {
        let Some(row) = row else {
            return Ok(None);
        };
        let mut led = Led::default();
        if row.kind == UpstreamKind::Tenant.name() {
            led.claims = self.claims_of_tenant(Id::from_uuid(row.id)).await?;
        } else {
            let sql = "SELECT domain, upstream FROM upstream_domains WHERE upstream = $1 ORDER BY domain";
            let domains = self.all::<LedDomainRow>(sql, [row.id.into()]).await?;
            led.domains = domains.into_iter().map(|row| row.domain).collect();
            let sql =
                "SELECT email_key, upstream FROM upstream_addresses WHERE upstream = $1 ORDER BY email_key";
            let addresses = self.all::<AddressRow>(sql, [row.id.into()]).await?;
            led.addresses = addresses
                .into_iter()
                .map(AddressRow::address)
                .collect::<Result<_, _>>()?;
        }
        self.to_upstream(row, led).map(Some)
    }

    fn to_upstream(&self, row: UpstreamRow, led: Led) -> Result<Upstream, StoreError> {
        let place = place(row.id);
        let columns = Columns {
            connection: row.connection,
            client_secret: row.client_secret,
            sealed_by: row.sealed_by,
        };
        let claimed = |which: fn(&DomainClaim) -> bool| -> Vec<String> {
            let found = led.claims.iter().filter(|claim| which(claim));
            found.map(|claim| claim.domain.clone()).collect()
        };
        let kind = place.require("kind", UpstreamKind::parse(&row.kind))?;
        let unproven = claimed(|claim| claim.state != ClaimState::Withdrawn && !claim.state.leads());
        Ok(Upstream {
            id: Id::from_uuid(row.id),
            kind,
            name: row.name,
            display_name: row.display_name,
            enabled: row.enabled,
            declared: row.declared,
            domains: match kind {
                UpstreamKind::Tenant => claimed(|claim| claim.state != ClaimState::Withdrawn),
                UpstreamKind::Provider => led.domains,
            },
            domain_proof: place.require("domain_proof", Proof::parse(&row.domain_proof))?,
            unproven,
            addresses: led.addresses,
            connection: self.to_connection(&place, columns)?,
            created_at: from_millis(row.created_at),
        })
    }
}

impl Tx {
    /// Adds one and what leads to it. A name is a conflict when it is taken, and so is an address, and a domain that
    /// leads to another one of its kind: for a tenant's, when the operator vouches for it.
    pub async fn insert_upstream(&self, upstream: &Upstream) -> Result<(), StoreError> {
        let fixed = [
            ("id", value::id(upstream.id)),
            ("kind", upstream.kind.name().into()),
            ("name", upstream.name.as_str().into()),
            ("created_at", value::at(upstream.created_at)),
        ];
        let cells = fixed.into_iter().chain(self.changing(upstream)?);
        self.insert("upstreams", cells).await?;
        self.take_what_leads(upstream, upstream.created_at).await
    }

    /// Makes the row and what leads to it what the upstream says; conflicts as when one is added.
    pub async fn save_upstream(&self, upstream: &Upstream, now: DateTime<Utc>) -> Result<(), StoreError> {
        let id = [("id", value::id(upstream.id))];
        let cells = id.into_iter().chain(self.changing(upstream)?);
        self.update("upstreams", cells).await?;
        self.release_upstream(upstream.id).await?;
        self.take_what_leads(upstream, now).await
    }

    /// What can change of its row.
    fn changing(&self, upstream: &Upstream) -> Result<[Cell; 7], StoreError> {
        let columns = self.connection_columns(&place(upstream.id.uuid()), upstream.connection.as_ref())?;
        Ok([
            ("display_name", upstream.display_name.as_str().into()),
            ("enabled", upstream.enabled.into()),
            ("declared", upstream.declared.into()),
            ("domain_proof", upstream.domain_proof.name().into()),
            ("connection", columns.connection.into()),
            ("client_secret", columns.client_secret.into()),
            ("sealed_by", columns.sealed_by.into()),
        ])
    }

    /// Removes one and the accounts there. Guests who are held to it have no way in until they are reset.
    pub async fn remove_upstream(&self, id: Id<Upstream>) -> Result<(), StoreError> {
        self.release_upstream(id).await?;
        for sql in [
            "DELETE FROM accounts WHERE upstream = $1",
            "DELETE FROM upstream_health WHERE upstream = $1",
            "DELETE FROM domain_claims WHERE tenant = $1",
            "DELETE FROM upstreams WHERE id = $1",
        ] {
            self.run(sql, [value::id(id)]).await?;
        }
        Ok(())
    }

    /// Lets go of what leads to one, so that another one may take it. [`Self::save_upstream`] takes it up again.
    pub async fn release_upstream(&self, id: Id<Upstream>) -> Result<(), StoreError> {
        for sql in [
            "DELETE FROM upstream_domains WHERE upstream = $1",
            "DELETE FROM upstream_addresses WHERE upstream = $1",
        ] {
            self.run(sql, [value::id(id)]).await?;
        }
        Ok(())
    }

    /// Whether the upstream of a method is there and enabled. It stays so until this transaction ends: an operator who
    /// switches it off waits, and then finds the session that began here. A code needs no upstream.
    pub async fn hold_upstream(&self, of: Method) -> Result<bool, StoreError> {
        row! {
            struct HeldRow {
                enabled: bool,
            }
        }
        let Some(id) = of.upstream() else {
            return Ok(true);
        };
        let lock = if self.is_postgres() { " FOR SHARE" } else { "" };
        let sql = format!("SELECT enabled FROM upstreams WHERE id = $1{lock}");
        let held = self.one::<HeldRow>(&sql, [value::id(id)]).await?;
        Ok(held.is_some_and(|held| held.enabled))
    }

    /// Takes what leads to it: a tenant claims its domains, a provider has them.
    async fn take_what_leads(&self, upstream: &Upstream, now: DateTime<Utc>) -> Result<(), StoreError> {
        match upstream.kind {
            UpstreamKind::Tenant => self.claim_domains(upstream, now).await?,
            UpstreamKind::Provider => {
                for domain in &upstream.domains {
                    self.lead_here(domain, upstream.kind, upstream.id).await?;
                }
            }
        }
        for address in &upstream.addresses {
            let cells = [
                ("email_key", address.key().into()),
                ("upstream", value::id(upstream.id)),
            ];
            self.insert("upstream_addresses", cells).await?;
        }
        Ok(())
    }

    /// Makes a domain lead to an upstream. It leads to one of each kind: another one is a conflict.
    pub(crate) async fn lead_here(
        &self,
        domain: &str,
        kind: UpstreamKind,
        upstream: Id<Upstream>,
    ) -> Result<(), StoreError> {
        let cells = [
            ("domain", domain.into()),
            ("kind", kind.name().into()),
            ("upstream", value::id(upstream)),
        ];
        self.insert("upstream_domains", cells).await
    }
}

fn place(id: Uuid) -> Place {
    Place::new("upstreams", id)
}

/// What leads to one upstream.
#[derive(Default)]
struct Led {
    claims: Vec<DomainClaim>,
    domains: Vec<String>,
    addresses: Vec<EmailAddress>,
}

row! {
    struct LedDomainRow {
        domain: String,
        upstream: Uuid,
    }
}

row! {
    struct AddressRow {
        email_key: String,
        upstream: Uuid,
    }
}

impl AddressRow {
    fn address(self) -> Result<EmailAddress, StoreError> {
        let place = Place::new("upstream_addresses", self.upstream);
        place.require("email_key", EmailAddress::stored(&self.email_key).ok())
    }
}
