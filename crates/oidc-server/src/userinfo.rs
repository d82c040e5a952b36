//! UserInfo (OpenID Connect Core §5.3), protected as RFC 6750 says.

use axum::{
    Json,
    body::Bytes,
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use domain::{Secret, access::Access, authorization::Scope};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use web::Failure;

use crate::{
    claims,
    error::no_store,
    parameters::{Parameters, is_form},
    state::State,
};

/// `GET /userinfo`.
pub(crate) async fn get(Extract(state): Extract<State>, headers: HeaderMap) -> Response {
    answer(&state, bearer(&headers)).await
}

/// `POST /userinfo`: the token in the header, or in the form (RFC 6750 §2.2). Never in the query.
pub(crate) async fn post(Extract(state): Extract<State>, headers: HeaderMap, body: Bytes) -> Response {
    let form = if is_form(&headers) {
        Parameters::parse(&body)
    } else {
        Parameters::default()
    };
    let in_header = bearer(&headers);
    match form.get("access_token") {
        // Twice in the form, or in two places (RFC 6750 §2, §3.1).
        _ if form.fault("access_token").is_some() => {
            challenge(StatusCode::BAD_REQUEST, Some("invalid_request"))
        }
        Some(_) if in_header.is_some() => challenge(StatusCode::BAD_REQUEST, Some("invalid_request")),
        Some(token) => answer(&state, Some(Secret::presented(token))).await,
        None => answer(&state, in_header).await,
    }
}

/// The token of an `Authorization` header; the scheme's case does not matter (RFC 9110 §11.1).
fn bearer(headers: &HeaderMap) -> Option<Secret> {
    let (scheme, token) = headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| Secret::presented(token.trim()))
}

async fn answer(state: &State, token: Option<Secret>) -> Response {
    let Some(token) = token else {
        return challenge(StatusCode::UNAUTHORIZED, None);
    };
    match look_up(state, &token).await {
        Ok(response) => response,
        Err(failure) => failure.into_response(),
    }
}

async fn look_up(state: &State, token: &Secret) -> Result<Response, Failure> {
    let invalid = || Ok(challenge(StatusCode::UNAUTHORIZED, Some("invalid_token")));
    let reader = state.core.store.reader();
    let now = state.core.now();
    let Some(held) = reader.held_access(&token.hash()).await? else {
        return invalid();
    };
    let (token, guest) = (&held.token, &held.guest);
    if token.expires_at <= now || held.grant.revoked_at.is_some() {
        return invalid();
    }
    if !token.scopes.contains(Scope::OpenId) {
        return Ok(challenge(StatusCode::FORBIDDEN, Some("insufficient_scope")));
    }
    if !matches!(held.admission.access(guest, now), Access::Allow) {
        return invalid();
    }
    let mut response = Json(claims::userinfo(guest, &token.scopes)).into_response();
    no_store(&mut response);
    Ok(response)
}

/// `WWW-Authenticate` (RFC 6750 §3): without an error when no token came.
fn challenge(status: StatusCode, error: Option<&'static str>) -> Response {
    let value = match error {
        None => "Bearer",
        Some("invalid_request") => "Bearer error=\"invalid_request\"",
        Some("insufficient_scope") => "Bearer error=\"insufficient_scope\", scope=\"openid\"",
        Some(_) => "Bearer error=\"invalid_token\"",
    };
    let mut response = match error {
        Some(error) => (status, Json(serde_json::json!({ "error": error }))).into_response(),
        None => (status, Json(serde_json::json!({}))).into_response(),
    };
    no_store(&mut response);
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(value));
    response
}
