//! Who asks: every handler of the API takes an [`Operator`] first.

use axum::extract::FromRequestParts;
use domain::{Secret, audit::Actor};
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
        match found.filter(|token| token.revoked_at.is_none()) {
            Some(token) => Ok(Self(token.name)),
            None => Err(Problem::unauthorized().into()),
        }
    }
}

/// The token of `Bearer …`, the scheme in any case (RFC 9110 §11.1).
fn bearer(value: &str) -> Option<Secret> {
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| Secret::presented(token))
}
