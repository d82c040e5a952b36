//! `/api/v1/tokens`.

use actions::{create_api_token, revoke_api_token};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use domain::api_scope::ApiScope;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::ApiToken;
use utoipa::ToSchema;

use super::answers::moment;
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// A token of the API, as the API and the command line show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct TokenEntry {
    /// Its name: who did something, in the audit log.
    #[schema(example = "notes-backend")]
    pub name: String,
    /// What it may do.
    #[schema(example = json!(["invitations:write", "guests:read"]))]
    pub scopes: Vec<&'static str>,
    /// When it was made: RFC 3339.
    pub created_at: String,
    /// When it was revoked.
    pub revoked_at: Option<String>,
    /// The token itself, only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl From<ApiToken> for TokenEntry {
    fn from(token: ApiToken) -> Self {
        Self {
            scopes: token.scopes.iter().map(|scope| scope.name()).collect(),
            name: token.name,
            created_at: moment(token.created_at),
            revoked_at: token.revoked_at.map(moment),
            token: None,
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TokensBody {
    tokens: Vec<TokenEntry>,
}

/// Lists tokens of the API, revoked ones among them.
#[utoipa::path(
    get,
    path = "/api/v1/tokens",
    operation_id = "listTokens",
    responses((status = 200, body = TokensBody)),
)]
pub(super) async fn list(_: Operator, State(core): State<Core>) -> Result<Json<TokensBody>, ApiError> {
    let tokens = core.store.reader().api_tokens().await?;
    let tokens = tokens.into_iter().map(TokenEntry::from).collect();
    Ok(Json(TokensBody { tokens }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewToken {
    /// A name that no other token has or had.
    name: String,
    /// What it may do: nothing that the token which makes it may not.
    #[schema(example = json!(["guests:read"]))]
    scopes: Vec<String>,
}

/// Makes a token of the API. It is shown in this answer and never again.
#[utoipa::path(
    post,
    path = "/api/v1/tokens",
    operation_id = "createToken",
    request_body = NewToken,
    responses(
        (status = 201, body = TokenEntry),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn create(
    operator: Operator,
    State(core): State<Core>,
    body: Result<Json<NewToken>, JsonRejection>,
) -> Result<(StatusCode, Json<TokenEntry>), ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let mut scopes = Vec::new();
    for name in &body.scopes {
        let scope = ApiScope::parse(name).ok_or_else(|| {
            let all = ApiScope::ALL.map(ApiScope::name).join(", ");
            Problem::field("scopes", format!("holds \"{name}\", which is none of {all}"))
        })?;
        if !operator.may(scope) {
            return Err(operator.lacks(scope).into());
        }
        scopes.push(scope);
    }
    let made = create_api_token(&core, operator.actor(), &body.name, &scopes).await;
    let (token, secret) = made.map_err(|error| ApiError::of(error, core.now()))?;
    let entry = TokenEntry {
        token: Some(secret.expose().to_owned()),
        ..TokenEntry::from(token)
    };
    Ok((StatusCode::CREATED, Json(entry)))
}

/// Revokes a token: the next request with it is refused.
#[utoipa::path(
    delete,
    path = "/api/v1/tokens/{name}",
    operation_id = "revokeToken",
    params(("name" = String, Path, description = "The token's name.")),
    responses((status = 204, description = "It is revoked.")),
)]
pub(super) async fn revoke(
    operator: Operator,
    State(core): State<Core>,
    Path(name): Path<String>,
) -> Result<StatusCode, ApiError> {
    let revoked = revoke_api_token(&core, operator.actor(), &name).await;
    revoked.map_err(|error| ApiError::of(error, core.now()))?;
    Ok(StatusCode::NO_CONTENT)
}
