//! `/api/v1/apps/{client_id}/logo`.

use actions::set_app_logo;
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use data_encoding::BASE64;
use domain::app::logo::Logo;
use http::StatusCode;
use serde::Deserialize;
use sign_in::Core;
use utoipa::ToSchema;
use web::layers::BODY_MAX;

use super::{AppBody, NotStored, not_stored, refused};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

// The largest one fits into a request, with the JSON around it.
const _: () = assert!(Logo::MAX.div_ceil(3) * 4 + 1024 < BODY_MAX);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct LogoBody {
    /// A PNG, JPEG or WebP file of at most 40 KiB, in base64.
    #[schema(format = Byte, example = "iVBORw0KGgo=")]
    logo: String,
}

/// Gives an app a logo, which the pages of a sign-in show beside its name, in place of the one that it has.
#[utoipa::path(
    put,
    path = "/api/v1/apps/{client_id}/logo",
    operation_id = "setAppLogo",
    params(("client_id" = String, Path, description = "The app's client ID.")),
    request_body = LogoBody,
    responses((status = 200, body = AppBody)),
)]
pub(in crate::api) async fn put(
    operator: Operator,
    State(core): State<Core>,
    Path(client_id): Path<String>,
    body: Result<Json<LogoBody>, JsonRejection>,
) -> Result<NotStored<AppBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let file = BASE64
        .decode(body.logo.as_bytes())
        .map_err(|error| Problem::field("logo", format!("is not base64: {error}")))?;
    let app = set_app_logo(&core, operator.actor(), &client_id, Some(file))
        .await
        .map_err(refused(&core))?;
    Ok(not_stored(AppBody::new(&app, None)))
}

/// Takes the logo of an app away. Done again, it changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/apps/{client_id}/logo",
    operation_id = "removeAppLogo",
    params(("client_id" = String, Path, description = "The app's client ID.")),
    responses((status = 204)),
)]
pub(in crate::api) async fn remove(
    operator: Operator,
    State(core): State<Core>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ApiError> {
    set_app_logo(&core, operator.actor(), &client_id, None)
        .await
        .map_err(refused(&core))?;
    Ok(StatusCode::NO_CONTENT)
}
