//! `GET /app-logo/{client_id}/{file}`: the picture that pages show beside an app's name.

use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Response},
};
use http::header;
use sign_in::Core;
use web::{ErrorKind, ErrorPage, Failure};

/// Under another name than that of its content it is not found, so that it is kept for ever.
pub(crate) async fn show(
    State(core): State<Core>,
    Path((client_id, file)): Path<(String, String)>,
) -> Result<Response, Failure> {
    let known = core.store.known_client(&client_id).await?;
    let Some(app) = known else {
        return Ok(ErrorPage::new(ErrorKind::NotFound).into_response());
    };
    let logo = core.store.reader().app_logo(app.app.id).await?;
    let Some(logo) = logo.filter(|logo| logo.name() == file) else {
        return Ok(ErrorPage::new(ErrorKind::NotFound).into_response());
    };
    let headers = [
        (header::CONTENT_TYPE, logo.media_type()),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    Ok((headers, logo.into_bytes()).into_response())
}
