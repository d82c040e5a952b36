//! `/api/v1/sponsors`: who is answerable, who has left, and who answers in their place.

use actions::{ActionError, remove_sponsor, restore_sponsor};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::sponsor::Sponsor;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::SponsorFilter;
use utoipa::{IntoParams, ToSchema};

use super::{answers::moment, fields};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// A sponsor, as the API and the command line show them.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SponsorEntry {
    /// Their address, in lower case.
    #[schema(example = "lee@acme.example")]
    pub address: String,
    /// For how many assignments they answer that are not over, to apps and to groups.
    pub assignments: u64,
    /// How many apps they own.
    pub apps: u64,
    /// Since when they are a sponsor no more; none: they are one.
    pub removed_at: Option<String>,
}

impl From<Sponsor> for SponsorEntry {
    fn from(sponsor: Sponsor) -> Self {
        Self {
            address: sponsor.address,
            assignments: sponsor.assignments,
            apps: sponsor.apps,
            removed_at: sponsor.removed_at.map(moment),
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SponsorsQuery {
    /// Only those who were removed.
    #[serde(default)]
    removed: bool,
    /// What the answer before this one called `next`.
    after: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SponsorsBody {
    sponsors: Vec<SponsorEntry>,
    /// What `after` is to be for those that follow; none where nothing does.
    next: Option<String>,
}

/// Lists sponsors and owners of apps by their addresses, and those who were removed.
#[utoipa::path(
    get,
    path = "/api/v1/sponsors",
    operation_id = "listSponsors",
    params(SponsorsQuery),
    responses((status = 200, body = SponsorsBody)),
)]
pub(super) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<SponsorsQuery>, QueryRejection>,
) -> Result<Json<SponsorsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let limit = fields::limit(query.limit)?;
    if query
        .after
        .as_ref()
        .is_some_and(|after| after.contains(char::is_control))
    {
        return Err(fields::not_a_cursor().into());
    }
    let filter = SponsorFilter {
        removed: query.removed,
        after: query.after,
        limit: limit + 1,
    };
    let found = core.store.reader().sponsors(&filter, core.now()).await?;
    let (found, next) = fields::page(found, limit, |last| last.address.clone());
    let sponsors = found.into_iter().map(SponsorEntry::from).collect();
    Ok(Json(SponsorsBody { sponsors, next }))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RemoveSponsorBody {
    /// The address of who answers in their place; nobody unless said.
    to: Option<String>,
}

/// Notes that somebody is a sponsor no more: nobody asks them, and what they were asked is asked of whoever is answerable beside them. Done
/// again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/sponsors/{address}/remove",
    operation_id = "removeSponsor",
    params(("address" = String, Path, description = "Their address.")),
    request_body = RemoveSponsorBody,
    responses((status = 200, body = SponsorEntry)),
)]
pub(super) async fn remove(
    operator: Operator,
    State(core): State<Core>,
    Path(address): Path<String>,
    body: Result<Json<RemoveSponsorBody>, JsonRejection>,
) -> Result<Json<SponsorEntry>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let to = body.to.as_deref();
    entry(&core, remove_sponsor(&core, operator.actor(), &address, to).await)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct HandOverBody {
    /// The address of who answers in their place.
    to: String,
}

/// Has somebody else answer for all that a sponsor answers for: assignments, apps, and invitations. Answers with the one who does so now.
#[utoipa::path(
    post,
    path = "/api/v1/sponsors/{address}/hand-over",
    operation_id = "handOverSponsor",
    params(("address" = String, Path, description = "Their address.")),
    request_body = HandOverBody,
    responses((status = 200, body = SponsorEntry)),
)]
pub(super) async fn hand_over(
    operator: Operator,
    State(core): State<Core>,
    Path(address): Path<String>,
    body: Result<Json<HandOverBody>, JsonRejection>,
) -> Result<Json<SponsorEntry>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    entry(
        &core,
        actions::hand_over(&core, operator.actor(), &address, &body.to).await,
    )
}

/// Lets somebody who was removed be a sponsor again. Done again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/sponsors/{address}/restore",
    operation_id = "restoreSponsor",
    params(("address" = String, Path, description = "Their address.")),
    responses(
        (status = 200, body = SponsorEntry),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn restore(
    operator: Operator,
    State(core): State<Core>,
    Path(address): Path<String>,
) -> Result<Json<SponsorEntry>, ApiError> {
    entry(&core, restore_sponsor(&core, operator.actor(), &address).await)
}

fn entry(core: &Core, done: Result<Sponsor, ActionError>) -> Result<Json<SponsorEntry>, ApiError> {
    let sponsor = done.map_err(|error| ApiError::of(error, core.now()))?;
    Ok(Json(sponsor.into()))
}
