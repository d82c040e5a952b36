//! `/api/v1/upstreams`: tenants and providers.

use actions::{Impact, ShownUpstream, change_upstream, impact, reset_method, switch_off};
use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::Response,
};
use domain::{
    api_scope::ApiScope,
    upstream::{Declaration, Upstream, UpstreamKind},
};
use serde::{Deserialize, Serialize};
use sign_in::Core;
use utoipa::{IntoParams, ToSchema};

use super::{
    answers::GuestBody,
    domains::DomainEntry,
    etag::{Changer, IfMatch, Known},
    fields, named,
};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

pub(super) mod change;
pub(super) mod entry;
pub(super) mod test_sign_in;

use entry::UpstreamEntry;

/// How many guests a preview names; how many there are, it always says.
const NAMED: usize = 1000;

/// What a path says of a tenant or a provider.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(super) struct UpstreamPath {
    /// `tenant` or `provider`.
    kind: String,
    /// Its short name: lower-case letters, digits and inner hyphens.
    name: String,
}

impl UpstreamPath {
    fn kind(&self, core: &Core) -> Result<UpstreamKind, ApiError> {
        let kind = UpstreamKind::parse(&self.kind);
        kind.ok_or_else(|| named::nowhere(core, "kind of upstream", &self.kind))
    }
}

/// The tenant or provider that a path names.
async fn of(core: &Core, at: &UpstreamPath) -> Result<Upstream, ApiError> {
    named::upstream(core, at.kind(core)?, &at.name).await
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct UpstreamsQuery {
    /// `tenant` or `provider`; both unless said.
    #[param(schema_with = fields::upstream_kinds)]
    kind: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct UpstreamsBody {
    tenants: Vec<UpstreamEntry>,
    providers: Vec<UpstreamEntry>,
}

/// Lists tenants and providers.
#[utoipa::path(
    get,
    path = "/api/v1/upstreams",
    operation_id = "listUpstreams",
    params(UpstreamsQuery),
    responses((status = 200, body = UpstreamsBody)),
)]
pub(super) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<UpstreamsQuery>, QueryRejection>,
) -> Result<Json<UpstreamsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let wanted = query.kind.map(|word| {
        UpstreamKind::parse(&word).ok_or_else(|| Problem::field("kind", "is neither tenant nor provider"))
    });
    let wanted = wanted.transpose()?;
    let reader = core.store.reader();
    let of_kind = async |kind: UpstreamKind| {
        if wanted.is_some_and(|wanted| wanted != kind) {
            return Ok::<_, ApiError>(Vec::new());
        }
        let all = reader.upstreams_of(kind).await?;
        Ok(all.iter().map(|one| UpstreamEntry::new(one, &core)).collect())
    };
    Ok(Json(UpstreamsBody {
        tenants: of_kind(UpstreamKind::Tenant).await?,
        providers: of_kind(UpstreamKind::Provider).await?,
    }))
}

/// Shows a tenant or a provider: its domains and where they stand, its connection, and what the partner must register.
#[utoipa::path(
    get,
    path = "/api/v1/upstreams/{kind}/{name}",
    operation_id = "showUpstream",
    params(UpstreamPath),
    responses(
        (status = 200, body = UpstreamEntry, headers(("ETag" = String, description = "What it is now, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "It is what `If-None-Match` names."),
    ),
)]
pub(super) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path(at): Path<UpstreamPath>,
    known: Known,
) -> Result<Response, ApiError> {
    let reader = core.store.reader();
    let shown = ShownUpstream::of(&reader, of(&core, &at).await?).await?;
    Ok(known.answer(&shown.version(&reader), entry(&core, &shown).await?))
}

async fn entry(core: &Core, shown: &ShownUpstream) -> Result<UpstreamEntry, ApiError> {
    let claims = DomainEntry::read(&core.store.reader(), &shown.claims).await?;
    Ok(UpstreamEntry::new(&shown.upstream, core).claiming(claims))
}

/// The tenant or provider, as it is now.
async fn shown(core: &Core, upstream: Upstream) -> Result<Json<UpstreamEntry>, ApiError> {
    let shown = ShownUpstream::of(&core.store.reader(), upstream).await?;
    Ok(Json(entry(core, &shown).await?))
}

/// Starts sending guests there. Done again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/upstreams/{kind}/{name}/enable",
    operation_id = "enableUpstream",
    params(UpstreamPath, IfMatch),
    responses(
        (status = 200, body = UpstreamEntry),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn enable(
    operator: Changer,
    State(core): State<Core>,
    Path(at): Path<UpstreamPath>,
) -> Result<Json<UpstreamEntry>, ApiError> {
    let upstream = of(&core, &at).await?;
    let enable = |there: &mut Declaration| {
        there.enabled = true;
        Ok(())
    };
    let enabled = change_upstream(&core, operator.by(), (upstream.kind, &at.name), enable).await;
    enabled.map_err(|error| ApiError::of(error, core.now()))?;
    shown(&core, of(&core, &at).await?).await
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ImpactBody {
    /// How many guests could no longer sign in.
    guests_affected: usize,
    /// How many of them have signed in within a week.
    lately: usize,
    /// They, by address: the first 1000; nobody where the token lacks `guests:read`.
    guests: Vec<GuestBody>,
}

impl ImpactBody {
    /// As much of it as the operator may read.
    fn of(impact: &Impact, operator: &Operator) -> Self {
        let named = if operator.may(ApiScope::GuestsRead) {
            NAMED
        } else {
            0
        };
        Self {
            guests_affected: impact.guests.len(),
            lately: impact.lately,
            guests: impact.guests.iter().take(named).map(GuestBody::from).collect(),
        }
    }
}

/// Whether guests may be reset, where that is asked.
fn may_reset(operator: &Operator, reset: bool) -> Result<(), Problem> {
    if reset && !operator.may(ApiScope::GuestsWrite) {
        return Err(operator.lacks(ApiScope::GuestsWrite));
    }
    Ok(())
}

/// Says who could no longer sign in if a tenant or a provider were switched off. Nothing is changed.
#[utoipa::path(
    get,
    path = "/api/v1/upstreams/{kind}/{name}/impact",
    operation_id = "showUpstreamImpact",
    params(UpstreamPath),
    responses((status = 200, body = ImpactBody)),
)]
pub(super) async fn foresee(
    operator: Operator,
    State(core): State<Core>,
    Path(at): Path<UpstreamPath>,
) -> Result<Json<ImpactBody>, ApiError> {
    let upstream = of(&core, &at).await?;
    let impact = impact(&core, &upstream, &|_| ()).await;
    let impact = impact.map_err(|error| ApiError::of(error, core.now()))?;
    Ok(Json(ImpactBody::of(&impact, &operator)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SwitchOffQuery {
    /// Whether guests who can no longer sign in are reset: their address decides anew, and they are told by mail. Needs `guests:write`.
    #[serde(default)]
    reset: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SwitchedOffBody {
    /// How many guests can no longer sign in.
    locked_out: usize,
    /// How many were reset.
    reset: usize,
    /// How many sessions ended.
    sessions_ended: usize,
}

/// Stops sending guests there. The sessions that began there end at once, with what apps hold of them.
#[utoipa::path(
    post,
    path = "/api/v1/upstreams/{kind}/{name}/disable",
    operation_id = "disableUpstream",
    params(
        UpstreamPath,
        IfMatch,
        SwitchOffQuery,
    ),
    responses(
        (status = 200, body = SwitchedOffBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn disable(
    operator: Changer,
    State(core): State<Core>,
    Path(at): Path<UpstreamPath>,
    query: Result<Query<SwitchOffQuery>, QueryRejection>,
) -> Result<Json<SwitchedOffBody>, ApiError> {
    let upstream = of(&core, &at).await?;
    off(&core, &operator, &upstream, query, false).await
}

/// Removes a tenant or a provider: as by switching it off, and the accounts there are forgotten.
#[utoipa::path(
    delete,
    path = "/api/v1/upstreams/{kind}/{name}",
    operation_id = "removeUpstream",
    params(
        UpstreamPath,
        IfMatch,
        SwitchOffQuery,
    ),
    responses(
        (status = 200, body = SwitchedOffBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn remove(
    operator: Changer,
    State(core): State<Core>,
    Path(at): Path<UpstreamPath>,
    query: Result<Query<SwitchOffQuery>, QueryRejection>,
) -> Result<Json<SwitchedOffBody>, ApiError> {
    let upstream = of(&core, &at).await?;
    off(&core, &operator, &upstream, query, true).await
}

async fn off(
    core: &Core,
    operator: &Changer,
    upstream: &Upstream,
    query: Result<Query<SwitchOffQuery>, QueryRejection>,
    remove: bool,
) -> Result<Json<SwitchedOffBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    may_reset(operator, query.reset)?;
    let problem = |error| ApiError::of(error, core.now());
    // Before anything is switched off: afterwards nobody can be told from those who never could.
    let impact = impact(core, upstream, &|_| ()).await.map_err(problem)?;
    let of = (upstream.kind, upstream.name.as_str());
    let ended = switch_off(core, operator.by(), of, remove).await;
    let mut done = SwitchedOffBody {
        locked_out: impact.guests.len(),
        reset: 0,
        sessions_ended: ended.map_err(problem)?,
    };
    for guest in impact.guests.iter().filter(|_| query.reset) {
        if reset_method(core, operator.actor(), guest.id)
            .await
            .map_err(problem)?
        {
            done.reset += 1;
            done.locked_out -= usize::from(guest.pinned_method.is_none());
        }
    }
    Ok(Json(done))
}
