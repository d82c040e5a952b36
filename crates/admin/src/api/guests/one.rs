//! `/api/v1/guests/{guest}`.

use actions::{Version, block_guest, unblock_guest};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    response::Response,
};
use domain::{Id, guest::Guest};
use serde::Deserialize;
use sign_in::Core;
use utoipa::ToSchema;

use crate::{
    api::{
        answers::GuestBody,
        etag::{Changer, IfMatch, Known},
        named,
    },
    guard::Operator,
    problem::{ApiError, Problem},
};

/// Shows a guest.
#[utoipa::path(
    get,
    path = "/api/v1/guests/{guest}",
    operation_id = "showGuest",
    params(("guest" = String, Path, description = "The guest's id or address.")),
    responses(
        (status = 200, body = GuestBody, headers(("ETag" = String, description = "What it is now, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "It is what `If-None-Match` names."),
    ),
)]
pub(in crate::api) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path(guest): Path<String>,
    known: Known,
) -> Result<Response, ApiError> {
    let guest = named::guest(&core, &guest).await?;
    Ok(known.answer(&Version::of(&guest), GuestBody::from(&guest)))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ReasonBody {
    /// Why, for the audit log.
    pub(super) reason: Option<String>,
}

/// Blocks a guest: no app lets them in, their sessions end and their tokens are revoked. Done again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/guests/{guest}/block",
    operation_id = "blockGuest",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    request_body = ReasonBody,
    responses(
        (status = 200, body = GuestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn block(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
    body: Result<Json<ReasonBody>, JsonRejection>,
) -> Result<Json<GuestBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let id = named::guest(&core, &guest).await?.id;
    block_guest(&core, operator.by(), id, body.reason.as_deref())
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    after(&core, id).await
}

/// Lets a blocked guest in again; they sign in anew. Done again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/guests/{guest}/unblock",
    operation_id = "unblockGuest",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    responses(
        (status = 200, body = GuestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn unblock(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
) -> Result<Json<GuestBody>, ApiError> {
    let id = named::guest(&core, &guest).await?.id;
    unblock_guest(&core, operator.by(), id)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    after(&core, id).await
}

/// The guest, as something that was done has left them.
pub(super) async fn after(core: &Core, id: Id<Guest>) -> Result<Json<GuestBody>, ApiError> {
    Ok(Json(GuestBody::from(&named::guest(core, &id.to_string()).await?)))
}
