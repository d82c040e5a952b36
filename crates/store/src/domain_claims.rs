//! The domains that tenants claim, and where each claim stands. Those that lead to their tenant stand in
//! `upstream_domains` as well, where no domain can lead to two of them.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    domain_claim::{Answer, ClaimState, DomainClaim, Proof, declare},
    time::from_millis,
    upstream::{Upstream, UpstreamKind},
};
use sea_orm::Value;
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::select,
    search::Search,
    value::{self, Place},
};

row! {
    struct ClaimRow {
        tenant: Uuid,
        domain: String,
        proof: String,
        token: Option<String>,
        state: String,
        since: i64,
        failed_since: Option<i64>,
        failures: i64,
        answer: Option<String>,
        checked_at: Option<i64>,
        check_at: Option<i64>,
        authority: Option<String>,
    }
}

impl<C: Reads> Db<C> {
    /// Everything that is claimed, by domain.
    pub async fn domain_claims(&self) -> Result<Vec<DomainClaim>, StoreError> {
        self.claims("state <> 'withdrawn'", []).await
    }

    /// The domains by which somebody is known here: those of tenants and of providers.
    pub async fn known_domains(&self) -> Result<Vec<String>, StoreError> {
        row! {
            struct KnownClaim {
                domain: String,
            }
        }
        let sql = "SELECT domain FROM domain_claims WHERE state <> 'withdrawn' \
                   UNION SELECT domain FROM upstream_domains ORDER BY domain";
        let rows = self.all::<KnownClaim>(sql, []).await?;
        Ok(rows.into_iter().map(|row| row.domain).collect())
    }

    /// Who claims a domain.
    pub async fn claims_of_domain(&self, domain: &str) -> Result<Vec<DomainClaim>, StoreError> {
        if !value::is_text(domain) {
            return Ok(Vec::new());
        }
        self.claims("domain = $1 AND state <> 'withdrawn'", [domain.into()])
            .await
    }

    /// What a tenant claims, and what it claimed before.
    pub async fn claims_of_tenant(&self, tenant: Id<Upstream>) -> Result<Vec<DomainClaim>, StoreError> {
        self.claims("tenant = $1", [value::id(tenant)]).await
    }

    /// Claims that are to be checked by `now`, the longest overdue first.
    pub async fn claims_to_check(
        &self,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<DomainClaim>, StoreError> {
        let mut search = Search::of(ClaimRow::COLUMNS, "domain_claims");
        search.only("check_at IS NOT NULL AND check_at <= ?", [value::at(now)]);
        let rows = self
            .find::<ClaimRow>(search.ordered("check_at, domain", limit))
            .await?;
        rows.into_iter().map(to_domain).collect()
    }

    async fn claims(
        &self,
        which: &str,
        values: impl IntoIterator<Item = Value>,
    ) -> Result<Vec<DomainClaim>, StoreError> {
        let which = format!("domain_claims WHERE {which} ORDER BY domain, tenant");
        let rows = self
            .all::<ClaimRow>(&select(ClaimRow::COLUMNS, &which), values)
            .await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Makes the row what the claim says, and its domain lead where it says. One that leads to another tenant is a
    /// conflict.
    pub async fn save_claim(&self, claim: &DomainClaim) -> Result<(), StoreError> {
        self.put(
            "domain_claims",
            [
                ("tenant", value::id(claim.tenant)),
                ("domain", claim.domain.as_str().into()),
            ],
            [
                ("proof", claim.proof.name().into()),
                ("token", claim.token.clone().into()),
                ("state", claim.state.name().into()),
                ("since", value::at(claim.since)),
                ("failed_since", value::opt_millis(claim.failed_since).into()),
                ("failures", i64::from(claim.failures).into()),
                ("answer", claim.answer.map(Answer::name).into()),
                ("checked_at", value::opt_millis(claim.checked_at).into()),
                ("check_at", value::opt_millis(claim.check_at).into()),
                ("authority", claim.authority.clone().into()),
            ],
        )
        .await?;
        let here = [claim.domain.as_str().into(), value::id(claim.tenant)];
        self.run(
            "DELETE FROM upstream_domains WHERE domain = $1 AND upstream = $2",
            here,
        )
        .await?;
        if claim.state.leads() {
            self.lead_here(&claim.domain, UpstreamKind::Tenant, claim.tenant)
                .await?;
        }
        Ok(())
    }

    /// Makes a tenant claim exactly its domains, by its proof; what stays claimed keeps its token and state.
    pub(crate) async fn claim_domains(
        &self,
        tenant: &Upstream,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let there = self.claims_of_tenant(tenant.id).await?;
        let changed = declare(
            tenant.id,
            &there,
            &tenant.domains,
            tenant.domain_proof,
            now,
            &*self.shared.entropy,
        );
        // Those that stay as they are may have been let go of, for another one to take.
        let kept = there
            .iter()
            .filter(|claim| !changed.iter().any(|after| after.domain == claim.domain));
        for claim in kept.chain(&changed) {
            self.save_claim(claim).await?;
        }
        Ok(())
    }
}

fn to_domain(row: ClaimRow) -> Result<DomainClaim, StoreError> {
    let place = Place::new("domain_claims", row.tenant);
    let answer = match row.answer {
        Some(name) => Some(place.require("answer", Answer::parse(&name))?),
        None => None,
    };
    Ok(DomainClaim {
        tenant: Id::from_uuid(row.tenant),
        proof: place.require("proof", Proof::parse(&row.proof))?,
        token: row.token,
        state: place.require("state", ClaimState::parse(&row.state))?,
        since: from_millis(row.since),
        failed_since: value::opt_from_millis(row.failed_since),
        failures: place.count("failures", row.failures)?,
        answer,
        checked_at: value::opt_from_millis(row.checked_at),
        check_at: value::opt_from_millis(row.check_at),
        authority: row.authority,
        domain: row.domain,
    })
}
