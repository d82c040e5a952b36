//! `/api/v1/domains`: the domains that tenants claim.

use actions::{ActionError, change_upstream, check_domain, impact_of_domain, reset_method};
use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
};
use domain::{
    api_scope::ApiScope,
    domain_claim::{Answer, DomainClaim, Proof},
    email::canonical_domain,
    upstream::{Declaration, Upstream, UpstreamKind},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::{Reader, StoreError};
use utoipa::{IntoParams, ToSchema};

use super::{answers::moment, named};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// A tenant's claim of a domain, as the API and the command line show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct DomainEntry {
    /// The domain, lower-case A-labels.
    #[schema(example = "contoso.example")]
    pub domain: String,
    /// The name of the tenant.
    pub tenant: String,
    /// `pending`, `proven`, `failing` or `suspended`.
    pub state: &'static str,
    /// Since when: RFC 3339.
    pub since: String,
    /// `dns` or `operator`.
    pub proof: &'static str,
    /// The record to set, as one types it into a zone file.
    pub record: Option<String>,
    /// Its name.
    pub record_name: Option<String>,
    /// What it holds.
    pub record_text: Option<String>,
    /// What was found last, as a word.
    pub answer: Option<&'static str>,
    /// The same in words.
    pub found: Option<&'static str>,
    /// When it was asked for.
    pub checked_at: Option<String>,
    /// When it is asked for next.
    pub check_at: Option<String>,
    /// Who answered.
    pub name_servers: Option<String>,
}

impl DomainEntry {
    /// The claims, each with the name of its tenant.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn read(reader: &Reader, claims: &[DomainClaim]) -> Result<Vec<Self>, StoreError> {
        let mut entries = Vec::with_capacity(claims.len());
        for claim in claims {
            let tenant = reader.upstream(claim.tenant).await?;
            let name = tenant.map_or_else(|| "-".to_owned(), |tenant| tenant.name);
            entries.push(Self::of(claim, name));
        }
        Ok(entries)
    }

    fn of(claim: &DomainClaim, tenant: String) -> Self {
        Self {
            domain: claim.domain.clone(),
            tenant,
            state: claim.state.name(),
            since: moment(claim.since),
            proof: claim.proof.name(),
            record: claim.record(),
            record_name: (claim.proof == Proof::Dns).then(|| claim.record_name()),
            record_text: claim.record_text(),
            answer: claim.answer.map(Answer::name),
            found: claim.answer.map(Answer::in_words),
            checked_at: claim.checked_at.map(moment),
            check_at: claim.check_at.map(moment),
            name_servers: claim.authority.clone(),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct DomainsBody {
    domains: Vec<DomainEntry>,
}

async fn body(core: &Core, claims: &[DomainClaim]) -> Result<Json<DomainsBody>, ApiError> {
    let domains = DomainEntry::read(&core.store.reader(), claims).await?;
    Ok(Json(DomainsBody { domains }))
}

/// Lists the domains that tenants claim.
#[utoipa::path(
    get,
    path = "/api/v1/domains",
    operation_id = "listDomains",
    responses((status = 200, body = DomainsBody)),
)]
pub(super) async fn list(_: Operator, State(core): State<Core>) -> Result<Json<DomainsBody>, ApiError> {
    body(&core, &core.store.reader().domain_claims().await?).await
}

/// Shows who claims a domain, the record that proves it, and what was found last.
#[utoipa::path(
    get,
    path = "/api/v1/domains/{domain}",
    operation_id = "showDomain",
    params(("domain" = String, Path, description = "The domain.")),
    responses((status = 200, body = DomainsBody)),
)]
pub(super) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path(domain): Path<String>,
) -> Result<Json<DomainsBody>, ApiError> {
    body(&core, &claims(&core, &domain).await?).await
}

/// Asks for the record of a domain now, and keeps what was found.
#[utoipa::path(
    post,
    path = "/api/v1/domains/{domain}/check",
    operation_id = "checkDomain",
    params(("domain" = String, Path, description = "The domain.")),
    responses((status = 200, body = DomainsBody)),
)]
pub(super) async fn check(
    operator: Operator,
    State(core): State<Core>,
    Path(domain): Path<String>,
) -> Result<Json<DomainsBody>, ApiError> {
    let mut after = Vec::new();
    for claim in claims(&core, &domain).await? {
        // Where an operator vouches for it, nobody is asked.
        if claim.proof == Proof::Operator {
            after.push(claim);
            continue;
        }
        let checked = check_domain(&core, operator.actor(), &claim).await;
        after.extend(checked.map_err(|error| ApiError::of(error, core.now()))?);
    }
    body(&core, &after).await
}

/// Claims a domain for a tenant; the answer has the record that proves it. Done again, it changes nothing.
#[utoipa::path(
    put,
    path = "/api/v1/domains/{domain}/tenants/{name}",
    operation_id = "claimDomain",
    params(
        ("domain" = String, Path, description = "The domain."),
        ("name" = String, Path, description = "The tenant's name."),
    ),
    responses(
        (status = 200, body = DomainEntry),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn claim(
    operator: Operator,
    State(core): State<Core>,
    Path((domain, name)): Path<(String, String)>,
) -> Result<Json<DomainEntry>, ApiError> {
    let domain = canonical(&domain)?;
    let add = |there: &mut Declaration| {
        if !there.domains.contains(&domain) {
            there.domains.push(domain.clone());
        }
        Ok(())
    };
    let tenant = change(&core, &operator, &name, add).await?;
    let claims = claims(&core, &domain).await?;
    let own = claims.iter().find(|claim| claim.tenant == tenant.id);
    let own = own.ok_or_else(|| named::nowhere(&core, "domain", &domain))?;
    Ok(Json(DomainEntry::of(own, tenant.name)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UnclaimQuery {
    /// Whether guests who can no longer sign in are reset: their address decides anew, and they are told by mail. Needs `guests:write`.
    #[serde(default)]
    reset: bool,
}

/// Gives up a tenant's claim of a domain. Guests with an account at the tenant keep using it. Done again, it changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/domains/{domain}/tenants/{name}",
    operation_id = "unclaimDomain",
    params(
        ("domain" = String, Path, description = "The domain."),
        ("name" = String, Path, description = "The tenant's name."),
        UnclaimQuery,
    ),
    responses(
        (status = 204, description = "It does not lead there any more."),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn unclaim(
    operator: Operator,
    State(core): State<Core>,
    Path((domain, name)): Path<(String, String)>,
    query: Result<Query<UnclaimQuery>, QueryRejection>,
) -> Result<StatusCode, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let domain = canonical(&domain)?;
    if query.reset && !operator.may(ApiScope::GuestsWrite) {
        return Err(operator.lacks(ApiScope::GuestsWrite).into());
    }
    let problem = |error| ApiError::of(error, core.now());
    let tenant = named::upstream(&core, UpstreamKind::Tenant, &name).await?;
    let impact = impact_of_domain(&core, &tenant, &domain, &|_| ()).await;
    let impact = impact.map_err(problem)?;
    let let_go = |there: &mut Declaration| {
        there.domains.retain(|its| *its != domain);
        Ok(())
    };
    change(&core, &operator, &name, let_go).await?;
    for guest in impact.guests.iter().filter(|_| query.reset) {
        reset_method(&core, operator.actor(), guest.id)
            .await
            .map_err(problem)?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn change(
    core: &Core,
    operator: &Operator,
    tenant: &str,
    change: impl FnOnce(&mut Declaration) -> Result<(), ActionError>,
) -> Result<Upstream, ApiError> {
    let of = (UpstreamKind::Tenant, tenant);
    let changed = change_upstream(core, operator.actor(), of, change).await;
    changed.map_err(|error| ApiError::of(error, core.now()))?;
    named::upstream(core, UpstreamKind::Tenant, tenant).await
}

/// A domain as it is kept, however it was written.
fn canonical(domain: &str) -> Result<String, Problem> {
    canonical_domain(domain).map_err(|error| Problem::field("domain", error.to_string()))
}

/// Who claims a domain; somebody does.
async fn claims(core: &Core, domain: &str) -> Result<Vec<DomainClaim>, ApiError> {
    // What is no domain, nobody claims.
    let kept = canonical_domain(domain).unwrap_or_default();
    let claims = core.store.reader().claims_of_domain(&kept).await?;
    if claims.is_empty() {
        return Err(named::nowhere(core, "claimed domain", domain));
    }
    Ok(claims)
}
