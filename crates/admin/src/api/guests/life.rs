//! A guest's life: removing, restoring, converting, erasing, and when their access ends.

use actions::{ActionError, convert_guest, erase_guest, remove_guest, restore_guest, set_expiry};
use axum::{
    Json,
    extract::{
        Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
};
use domain::{Id, guest::Guest};
use http::StatusCode;
use serde::Deserialize;
use sign_in::Core;
use utoipa::{IntoParams, ToSchema};

use super::one::{ReasonBody, after};
use crate::{
    api::{
        answers::GuestBody,
        etag::{Changer, IfMatch},
        fields, named,
    },
    problem::{ApiError, Problem},
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(in crate::api) struct RemovalQuery {
    /// Why, for the audit log.
    reason: Option<String>,
}

/// Removes a guest: no app lets them in, their sessions end, their tokens and invitations that wait are revoked. They can be
/// restored until they are erased. Done again, it changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/guests/{guest}",
    operation_id = "removeGuest",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch, RemovalQuery),
    responses(
        (status = 204),
    ),
)]
pub(in crate::api) async fn remove(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
    query: Result<Query<RemovalQuery>, QueryRejection>,
) -> Result<StatusCode, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let id = named::guest(&core, &guest).await?.id;
    let done = remove_guest(&core, operator.by(), id, query.reason.as_deref()).await;
    done.map_err(|error| ApiError::of(error, core.now()))?;
    Ok(StatusCode::NO_CONTENT)
}

/// Makes a removed or converted guest one again, as they were; they sign in anew. Done again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/guests/{guest}/restore",
    operation_id = "restoreGuest",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    responses(
        (status = 200, body = GuestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn restore(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
) -> Result<Json<GuestBody>, ApiError> {
    let id = named::guest(&core, &guest).await?.id;
    shown(&core, id, restore_guest(&core, operator.by(), id).await).await
}

/// Notes that a guest works for the organisation by now: no app lets them in as a guest any more. Done again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/guests/{guest}/convert",
    operation_id = "convertGuest",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    request_body = ReasonBody,
    responses(
        (status = 200, body = GuestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn convert(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
    body: Result<Json<ReasonBody>, JsonRejection>,
) -> Result<Json<GuestBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let id = named::guest(&core, &guest).await?.id;
    let done = convert_guest(&core, operator.by(), id, body.reason.as_deref()).await;
    shown(&core, id, done).await
}

/// Erases a removed guest for ever, with everything that is known of them. Their `sub` is never given to anybody else.
#[utoipa::path(
    post,
    path = "/api/v1/guests/{guest}/erase",
    operation_id = "eraseGuest",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    request_body = ReasonBody,
    responses(
        (status = 204),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn erase(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
    body: Result<Json<ReasonBody>, JsonRejection>,
) -> Result<StatusCode, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let id = named::guest(&core, &guest).await?.id;
    let done = erase_guest(&core, operator.by(), id, body.reason.as_deref()).await;
    done.map_err(|error| ApiError::of(error, core.now()))?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ExpiryBody {
    /// When the guest's access to every app ends, RFC 3339. One that has come ends their sessions and tokens at once.
    #[schema(format = DateTime)]
    valid_until: String,
}

/// Sets when a guest's access to every app ends. Done again, it changes nothing.
#[utoipa::path(
    put,
    path = "/api/v1/guests/{guest}/expiry",
    operation_id = "setGuestExpiry",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    request_body = ExpiryBody,
    responses(
        (status = 200, body = GuestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn put_expiry(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
    body: Result<Json<ExpiryBody>, JsonRejection>,
) -> Result<Json<GuestBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let until = fields::moment("valid_until", Some(&body.valid_until))?;
    let id = named::guest(&core, &guest).await?.id;
    shown(&core, id, set_expiry(&core, operator.by(), id, until).await).await
}

/// Takes away the end of a guest's access. Done again, it changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/guests/{guest}/expiry",
    operation_id = "removeGuestExpiry",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    responses(
        (status = 200, body = GuestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn remove_expiry(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
) -> Result<Json<GuestBody>, ApiError> {
    let id = named::guest(&core, &guest).await?.id;
    shown(&core, id, set_expiry(&core, operator.by(), id, None).await).await
}

async fn shown(
    core: &Core,
    id: Id<Guest>,
    done: Result<bool, ActionError>,
) -> Result<Json<GuestBody>, ApiError> {
    done.map_err(|error| ApiError::of(error, core.now()))?;
    after(core, id).await
}
