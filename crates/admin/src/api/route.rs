//! `/api/v1/route`: which way of signing in an address gets, and why.

use actions::explain_route;
use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
};
use serde::{Deserialize, Serialize};
use sign_in::Core;
use utoipa::{IntoParams, ToSchema};

use super::answers::MethodPreviewBody;
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct RouteQuery {
    /// The address.
    #[param(example = "anna@contoso.example", format = Email)]
    address: String,
    /// An app's client id, to learn whether they may enter it.
    app: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RouteBody {
    /// Whether the directory knows the address.
    known: bool,
    preview: MethodPreviewBody,
    /// The rule that decided.
    because: &'static str,
    /// The kind of method that this sign-in offers to move to, or requires where the rule is `move_required`.
    moves_to: Option<&'static str>,
    /// Every rule that was asked, in order.
    trace: Vec<TraceBody>,
    /// With `app`: whether they may enter it.
    access: Option<AccessBody>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TraceBody {
    rule: &'static str,
    decided: bool,
    said: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AccessBody {
    allowed: bool,
    /// Why not: `not_invited`, `blocked`, …
    reason: Option<&'static str>,
}

/// Explains the way of an address.
#[utoipa::path(
    get,
    path = "/api/v1/route",
    operation_id = "explainRoute",
    params(RouteQuery),
    responses(
        (status = 200, body = RouteBody),
        (status = 404, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn explain(
    _: Operator,
    State(core): State<Core>,
    query: Result<Query<RouteQuery>, QueryRejection>,
) -> Result<Json<RouteBody>, ApiError> {
    let Query(query) = query.map_err(|error| Problem::invalid(error.body_text()))?;
    let explanation = explain_route(&core, &query.address, query.app.as_deref())
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    let resolution = explanation.resolution;
    Ok(Json(RouteBody {
        known: explanation.guest.is_some(),
        preview: explanation.preview.into(),
        because: resolution.because.name(),
        moves_to: resolution.offer.map(domain::method::Method::kind),
        trace: resolution
            .trace
            .iter()
            .map(|step| TraceBody {
                rule: step.rule.name(),
                decided: step.decided,
                said: step.said,
            })
            .collect(),
        access: explanation.access.map(|access| AccessBody {
            allowed: access.is_ok(),
            reason: access.err(),
        }),
    }))
}
