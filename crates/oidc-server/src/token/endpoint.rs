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
    client_auth,
    error::{OAuthError, TokenRefused, either, no_store},
    parameters::{Parameters, is_form},
    state::State,
};

/// What is granted for what (RFC 6749 §1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GrantType {
    AuthorizationCode,
    RefreshToken,
}

impl GrantType {
    /// All of them.
    pub(crate) const ALL: [Self; 2] = [Self::AuthorizationCode, Self::RefreshToken];

    /// The value of `grant_type`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
        }
    }

    fn of(form: &Parameters) -> Result<Self, OAuthError> {
        let Some(name) = form.get("grant_type") else {
            return Err(OAuthError::invalid_request("grant_type is missing"));
        };
        let known = Self::ALL.into_iter().find(|grant| grant.name() == name);
        known.ok_or_else(|| {
            let all = either(&Self::ALL.map(Self::name));
            OAuthError::new("unsupported_grant_type", format!("grant_type must be {all}"))
        })
    }
}

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

async fn token(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<serde_json::Value, TokenRefused> {
    let form = form(headers, body)?;
    let authenticated = client_auth::authenticate(&state.core, headers, &form).await?;
    let granted = match GrantType::of(&form) {
        Ok(GrantType::AuthorizationCode) => authorization_code::grant(state, &authenticated, &form).await,
        Ok(GrantType::RefreshToken) => refresh_token::grant(state, &authenticated, &form).await,
        Err(error) => Err(error.into()),
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
