//! Who asks: every handler of the API takes an [`Operator`] first, whose token must have the scope that its path and method need.

use axum::extract::FromRequestParts;
use domain::{
    Secret,
    api_scope::{ApiArea, ApiScope},
    audit::Actor,
};
use http::{header, request::Parts};
use sign_in::Core;

use crate::problem::{ApiError, Problem};

/// The bearer of a live API token.
#[derive(Clone, Debug)]
pub(crate) struct Operator(pub(crate) String);

impl Operator {
    /// As the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Operator(self.0.clone())
    }
}

impl FromRequestParts<Core> for Operator {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, ApiError> {
        let token = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(bearer)
            .ok_or_else(Problem::unauthorized)?;
        let found = core.store.reader().api_token(&token.hash()).await?;
        let token = found
            .filter(|token| token.revoked_at.is_none())
            .ok_or_else(Problem::unauthorized)?;
        let area = parts.extensions.get::<ApiArea>();
        let needed = area.map(|area| ApiScope::needed(*area, !parts.method.is_safe()));
        match needed {
            Some(needed) if token.scopes.iter().any(|held| held.allows(needed)) => Ok(Self(token.name)),
            // A path of no area is for nobody.
            _ => Err(Problem::insufficient_scope(needed, &token.scopes).into()),
        }
    }
}

/// The token of `Bearer …`, the scheme in any case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<Secret> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| Secret::presented(token))
}
