//! `/api/v1/merges`.

use actions::{ask_merge, merge_gives, take_back_merge};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::{
    Id,
    merge::{Merge, MergeRole, MergeState},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::{Core, merge::BothGuests};
use store::MergeFilter;
use utoipa::{IntoParams, ToSchema};

use super::{
    answers::moment,
    fields::{self, limit},
    named,
};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// Two guests who are one person, or are asked whether they are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MergeBody {
    id: String,
    kept: MergedGuestBody,
    other: MergedGuestBody,
    /// `asked`, `expired`, `declined`, `withdrawn`, `merged` or `undone`.
    state: &'static str,
    /// Since when; for `expired`: since when it was asked.
    state_since: String,
    asked_at: String,
    /// Until when both can say yes.
    expires_at: String,
}

/// One of the two.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MergedGuestBody {
    id: String,
    email: String,
    /// When they said that the other is them as well.
    agreed_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MergesBody {
    merges: Vec<MergeBody>,
    /// What `after` is to be for those that follow; none where nothing does.
    next: Option<String>,
}

/// A merge, and what comes of it.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ShownMergeBody {
    #[serde(flatten)]
    merge: MergeBody,
    /// What it has given to the guest who stays, or would give now; none where it is over and gave nothing.
    gives: Option<GivesBody>,
}

/// A merge that was taken back.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TakenBackBody {
    #[serde(flatten)]
    merge: ShownMergeBody,
    /// How many apps and groups somebody has changed since they were given: they stay.
    stay: usize,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GivesBody {
    /// Client ids of apps that they get, or get for longer.
    apps: Vec<String>,
    /// Names of groups, the same.
    groups: Vec<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct MergesQuery {
    /// `asked`, `declined`, `withdrawn`, `merged` or `undone`.
    #[param(schema_with = fields::merge_states)]
    state: Option<String>,
    /// Only this guest's, whichever of the two they are: id or address.
    guest: Option<String>,
    /// What the answer before this one called `next`.
    after: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

/// Lists merges of guests, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/merges",
    operation_id = "listMerges",
    params(MergesQuery),
    responses(
        (status = 200, body = MergesBody),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<MergesQuery>, QueryRejection>,
) -> Result<Json<MergesBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let state = query.state.map(|word| {
        MergeState::parse(&word).ok_or_else(|| {
            let words = MergeState::ALL.map(MergeState::name).join(", ");
            Problem::field("state", format!("is none of {words}"))
        })
    });
    let limit = limit(query.limit)?;
    let filter = MergeFilter {
        guest: named::maybe_guest(&core, query.guest.as_deref()).await?,
        state: state.transpose()?.map(|state| (state, core.now())),
        after: query.after.as_deref().map(fields::made).transpose()?,
        limit: limit + 1,
    };
    let found = core.store.reader().merges(&filter).await?;
    let (found, next) = fields::page(found, limit, |last| fields::made_at(last.asked_at, last.id));
    let mut merges = Vec::new();
    for merge in found {
        merges.extend(body(&core, &merge).await?);
    }
    Ok(Json(MergesBody { merges, next }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AskMergeBody {
    /// The guest who stays: id or address.
    kept: String,
    /// The guest who is removed: id or address.
    other: String,
    /// Why, for the audit log.
    reason: Option<String>,
}

/// Asks two guests by mail whether they are one person. They are merged once both have said yes.
#[utoipa::path(
    post,
    path = "/api/v1/merges",
    operation_id = "askMerge",
    request_body = AskMergeBody,
    responses(
        (status = 201, body = ShownMergeBody),
        (status = 404, body = Problem, content_type = "application/problem+json"),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn ask(
    operator: Operator,
    State(core): State<Core>,
    body: Result<Json<AskMergeBody>, JsonRejection>,
) -> Result<(StatusCode, Json<ShownMergeBody>), ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let kept = named::guest(&core, &body.kept).await?;
    let other = named::guest(&core, &body.other).await?;
    let merge = ask_merge(&core, operator.actor(), kept.id, other.id, body.reason.as_deref())
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    Ok((StatusCode::CREATED, shown(&core, merge.id).await?))
}

/// Shows a merge, and what comes of it.
#[utoipa::path(
    get,
    path = "/api/v1/merges/{id}",
    operation_id = "showMerge",
    params(("id" = String, Path, description = "The merge's id.")),
    responses((status = 200, body = ShownMergeBody)),
)]
pub(super) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path(id): Path<String>,
) -> Result<Json<ShownMergeBody>, ApiError> {
    shown(&core, called(&core, &id)?).await
}

/// Takes a merge back: before both have said yes nobody can say so any more; after that the guest who was removed is restored, and the other
/// loses what they were given, unless it was changed since.
#[utoipa::path(
    post,
    path = "/api/v1/merges/{id}/take-back",
    operation_id = "takeBackMerge",
    params(("id" = String, Path, description = "The merge's id.")),
    responses(
        (status = 200, body = TakenBackBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn take_back(
    operator: Operator,
    State(core): State<Core>,
    Path(id): Path<String>,
) -> Result<Json<TakenBackBody>, ApiError> {
    let called = called(&core, &id)?;
    let taken = take_back_merge(&core, operator.actor(), called).await;
    let taken = taken.map_err(|error| ApiError::of(error, core.now()))?;
    let Json(merge) = shown(&core, called).await?;
    Ok(Json(TakenBackBody {
        merge,
        stay: taken.unwrap_or_default().stay,
    }))
}

fn called(core: &Core, id: &str) -> Result<Id<Merge>, ApiError> {
    id.parse().map_err(|_| named::nowhere(core, "merge", id))
}

async fn shown(core: &Core, id: Id<Merge>) -> Result<Json<ShownMergeBody>, ApiError> {
    let nowhere = || named::nowhere(core, "merge", &id.to_string());
    let merge = core.store.reader().merge(id).await?.ok_or_else(nowhere)?;
    let gives = merge_gives(core, &merge).await?.map(|gives| GivesBody {
        apps: gives.apps,
        groups: gives.groups,
    });
    let merge = body(core, &merge).await?.ok_or_else(nowhere)?;
    Ok(Json(ShownMergeBody { merge, gives }))
}

/// `None`: one of the two was erased meanwhile.
async fn body(core: &Core, merge: &Merge) -> Result<Option<MergeBody>, ApiError> {
    let Some(both) = BothGuests::read(&core.store.reader(), merge).await? else {
        return Ok(None);
    };
    let guest = |role| {
        let guest = both.guest(role);
        MergedGuestBody {
            id: guest.id.to_string(),
            email: guest.email.as_str().to_owned(),
            agreed_at: merge.agreed_at(role).map(moment),
        }
    };
    Ok(Some(MergeBody {
        id: merge.id.to_string(),
        kept: guest(MergeRole::Kept),
        other: guest(MergeRole::Other),
        state: merge.standing(core.now()),
        state_since: moment(merge.state_since),
        asked_at: moment(merge.asked_at),
        expires_at: moment(merge.expires_at),
    }))
}
