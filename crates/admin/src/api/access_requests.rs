//! `/api/v1/access-requests`.

use std::collections::HashMap;

use actions::answer_access_request;
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use chrono::{DateTime, Utc};
use domain::{
    Id,
    access_request::{AccessAnswer, AccessRequest, AccessRequestState},
};
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::AccessRequestFilter;
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

/// A guest's access request.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessRequestBody {
    id: String,
    /// The guest's id.
    guest: String,
    email: String,
    /// The app's client id.
    app: String,
    /// The address of who was asked.
    asked_of: String,
    /// `pending`, `approved`, `refused` or `expired`.
    state: &'static str,
    created_at: String,
    /// Until when it can be answered.
    expires_at: String,
    /// The end of their access, where it is asked whether it goes on beyond that.
    renews: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessRequestsBody {
    access_requests: Vec<AccessRequestBody>,
    /// What `after` is to be for those that follow; none where nothing does.
    next: Option<String>,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AccessRequestsQuery {
    /// `pending`, `approved` or `refused`.
    #[param(schema_with = fields::access_request_states)]
    state: Option<String>,
    /// Only this guest's: id or address.
    guest: Option<String>,
    /// Only those for this app: its client id.
    app: Option<String>,
    /// What the answer before this one called `next`.
    after: Option<String>,
    /// At most so many: 1 to 1000, 100 unless said.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u64>,
}

/// Lists access requests, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/access-requests",
    operation_id = "listAccessRequests",
    params(AccessRequestsQuery),
    responses(
        (status = 200, body = AccessRequestsBody),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn list(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<AccessRequestsQuery>, QueryRejection>,
) -> Result<Json<AccessRequestsBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let state = query.state.map(|word| {
        AccessRequestState::parse(&word).ok_or_else(|| {
            let words = AccessRequestState::ALL.map(AccessRequestState::name).join(", ");
            Problem::field("state", format!("is none of {words}"))
        })
    });
    let guest = named::maybe_guest(&core, query.guest.as_deref()).await?;
    let app = named::maybe_app(&core, query.app.as_deref()).await?;
    let limit = limit(query.limit)?;
    let filter = AccessRequestFilter {
        state: state.transpose()?.map(|state| (state, core.now())),
        guest,
        app,
        asked_of: None,
        after: query.after.as_deref().map(fields::made).transpose()?,
        limit: limit + 1,
    };
    let reader = core.store.reader();
    let apps = reader.apps().await?;
    let apps: HashMap<_, _> = apps.into_iter().map(|app| (app.id, app.client_id)).collect();
    let mut access_requests = Vec::new();
    let found = reader.access_requests(&filter).await?;
    let (found, next) = fields::page(found, limit, |last| fields::made_at(last.created_at, last.id));
    for request in found {
        let guest = reader.guest(request.guest).await?;
        if let Some((guest, app)) = guest.zip(apps.get(&request.app)) {
            access_requests.push(body(
                &request,
                guest.email.as_str().to_owned(),
                app.clone(),
                core.now(),
            ));
        }
    }
    Ok(Json(AccessRequestsBody {
        access_requests,
        next,
    }))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ApproveBody {
    /// Until when they have access, RFC 3339; until someone ends it unless said.
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// Gives a guest who asked access to the app. They are told by mail.
#[utoipa::path(
    post,
    path = "/api/v1/access-requests/{id}/approve",
    operation_id = "approveAccessRequest",
    params(("id" = String, Path, description = "The request's id.")),
    request_body = ApproveBody,
    responses(
        (status = 200, body = AccessRequestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn approve(
    operator: Operator,
    State(core): State<Core>,
    Path(id): Path<String>,
    body: Result<Json<ApproveBody>, JsonRejection>,
) -> Result<Json<AccessRequestBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let until = fields::moment("until", body.until.as_deref())?;
    answered(&core, &operator, &id, AccessAnswer::Approve(until)).await
}

/// Turns a guest's access request down. They are told by mail.
#[utoipa::path(
    post,
    path = "/api/v1/access-requests/{id}/refuse",
    operation_id = "refuseAccessRequest",
    params(("id" = String, Path, description = "The request's id.")),
    responses(
        (status = 200, body = AccessRequestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn refuse(
    operator: Operator,
    State(core): State<Core>,
    Path(id): Path<String>,
) -> Result<Json<AccessRequestBody>, ApiError> {
    answered(&core, &operator, &id, AccessAnswer::Refuse).await
}

async fn answered(
    core: &Core,
    operator: &Operator,
    id: &str,
    answer: AccessAnswer,
) -> Result<Json<AccessRequestBody>, ApiError> {
    let nowhere = || named::nowhere(core, "access request", id);
    let called: Id<AccessRequest> = id.parse().map_err(|_| nowhere())?;
    answer_access_request(core, operator.actor(), called, answer)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    let reader = core.store.reader();
    let request = reader.access_request(called).await?.ok_or_else(nowhere)?;
    let guest = reader.guest(request.guest).await?.ok_or_else(nowhere)?;
    let app = reader.app(request.app).await?.ok_or_else(nowhere)?;
    let email = guest.email.as_str().to_owned();
    Ok(Json(body(&request, email, app.client_id, core.now())))
}

fn body(request: &AccessRequest, email: String, app: String, now: DateTime<Utc>) -> AccessRequestBody {
    AccessRequestBody {
        id: request.id.to_string(),
        guest: request.guest.to_string(),
        email,
        app,
        asked_of: request.asked_of.as_str().to_owned(),
        state: request.standing(now),
        created_at: moment(request.created_at),
        expires_at: moment(request.expires_at),
        renews: request.renews.map(moment),
    }
}
