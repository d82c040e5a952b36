//! `POST /api/v1/upstreams/{kind}/{name}/test`.

use actions::begin_test;
use axum::{
    Extension, Json,
    extract::{Path, State, rejection::JsonRejection},
};
use federation::{UpstreamError, Upstreams};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use utoipa::ToSchema;
use web::routes;

use super::{UpstreamPath, entry::CertificateEntry, of};
use crate::{
    api::fields::address,
    guard::Operator,
    problem::{ApiError, Problem},
};

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct TestBody {
    /// An address: the answer then has a link, good for an hour, that tries a real sign-in as this person without signing anyone in.
    #[serde(rename = "as")]
    #[schema(example = "anna@contoso.example", format = Email)]
    person: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct TestedBody {
    authorization_endpoint: String,
    token_endpoint: Option<String>,
    /// How many keys it publishes.
    keys: usize,
    /// What it signs with, where it speaks SAML.
    certificates: Vec<CertificateEntry>,
    /// What does not fit, in sentences; none: it fits.
    remarks: Vec<String>,
    /// Where the round trip begins.
    link: Option<String>,
}

/// Asks a tenant or a provider what it is, and says what does not fit.
#[utoipa::path(
    post,
    path = "/api/v1/upstreams/{kind}/{name}/test",
    operation_id = "testUpstream",
    params(UpstreamPath),
    request_body = TestBody,
    responses(
        (status = 200, body = TestedBody),
        (status = 409, description = "Nothing says how to connect to it.", body = Problem, content_type = "application/problem+json"),
        (status = 502, description = "It does not answer, or not as it should.", body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn test(
    operator: Operator,
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(at): Path<UpstreamPath>,
    body: Result<Json<TestBody>, JsonRejection>,
) -> Result<Json<TestedBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let person = body.person.as_deref().map(address).transpose()?;
    let upstream = of(&core, &at).await?;
    let Some(connection) = upstream.declaration().connection else {
        return Err(Problem::as_things_stand("nothing says how to connect to it").into());
    };
    let found = upstreams.test(&connection, core.now()).await;
    let found = found.map_err(|error| does_not_answer(&error))?;
    let link = match &person {
        Some(person) => {
            let token = begin_test(&core, &operator.actor(), &upstream, person).await;
            let token = token.map_err(|error| ApiError::of(error, core.now()))?;
            Some(core.settings.issuer.at(&routes::test_sign_in(&token)))
        }
        None => None,
    };
    Ok(Json(TestedBody {
        authorization_endpoint: found.authorization_endpoint,
        token_endpoint: found.token_endpoint,
        keys: found.keys,
        certificates: found
            .certificates
            .into_iter()
            .map(CertificateEntry::from)
            .collect(),
        remarks: found.remarks,
        link,
    }))
}

/// That an upstream does not answer, or not as it should.
pub(super) fn does_not_answer(error: &UpstreamError) -> Problem {
    Problem::new(
        StatusCode::BAD_GATEWAY,
        "urn:vestibule:problem:upstream",
        "The upstream does not answer, or not as it should",
        error.to_string(),
    )
}
