//! `POST /token` (RFC 6749 §3.2): who asks, and for what.

use axum::{
    Json,
    body::Bytes,
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use http::HeaderMap;

use super::{authorization_code, refresh_token};
use crate::{
    State, client_auth,
    error::{OAuthError, Refused, no_store},
    parameters::{Parameters, is_form},
};

/// `POST /token`.
pub(crate) async fn post(Extract(state): Extract<State>, headers: HeaderMap, body: Bytes) -> Response {
    match token(&state, &headers, &body).await {
        Ok(response) => {
            let mut response = Json(response).into_response();
            no_store(&mut response);
            response
        }
        Err(refused) => refused.into_response(),
    }
}

async fn token(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<serde_json::Value, Refused> {
    let form = form(headers, body)?;
    let authenticated = client_auth::authenticate(&state.core, headers, &form).await?;
    let granted = match form.get("grant_type") {
        Some("authorization_code") => authorization_code::grant(state, &authenticated, &form).await,
        Some("refresh_token") => refresh_token::grant(state, &authenticated, &form).await,
        Some(_) => Err(OAuthError::new(
            "unsupported_grant_type",
            "Only authorization_code and refresh_token are supported",
        )
        .into()),
        None => Err(OAuthError::invalid_request("grant_type is missing").into()),
    };
    granted.map_err(|refused| refused.told(&authenticated.app))
}

/// The form of a back-channel request, without fault.
pub(crate) fn form(headers: &HeaderMap, body: &[u8]) -> Result<Parameters, OAuthError> {
    if !is_form(headers) {
        return Err(OAuthError::invalid_request(
            "The body must be application/x-www-form-urlencoded",
        ));
    }
    let form = Parameters::parse(body);
    if form.are_too_many() {
        return Err(OAuthError::invalid_request("There are too many parameters"));
    }
    match form.any_fault() {
        Some(fault) => Err(fault.into()),
        None => Ok(form),
    }
}
