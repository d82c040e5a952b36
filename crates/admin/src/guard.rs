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
pub(crate) struct Operator {
    name: String,
    scopes: Vec<ApiScope>,
}

impl Operator {
    /// As the audit log names them.
    pub(crate) fn actor(&self) -> Actor {
        Actor::Operator(self.name.clone())
    }

    /// What they are called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether they may do that themselves.
    pub(crate) fn may(&self, needed: ApiScope) -> bool {
        self.scopes.iter().any(|held| held.allows(needed))
    }

    /// That they lack a scope.
    pub(crate) fn lacks(&self, needed: ApiScope) -> Problem {
        Problem::insufficient_scope(Some(needed), &self.scopes)
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
        let operator = Self {
            name: token.name,
            scopes: token.scopes,
        };
        match needed {
            Some(needed) if operator.may(needed) => Ok(operator),
            // A path of no area is for nobody.
            _ => Err(Problem::insufficient_scope(needed, &operator.scopes).into()),
        }
    }
}

/// The token of `Bearer …`, the scheme in any case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<Secret> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| Secret::presented(token))
}
