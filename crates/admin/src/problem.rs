//! What is wrong, for programs: `application/problem+json` (RFC 9457).

use actions::ActionError;
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::api_scope::ApiScope;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;
use web::Failure;

/// A problem. Whatever is our own fault is a [`Failure`] instead, which says nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A name for the kind of problem: `urn:vestibule:problem:invalid`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The kind in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// This very problem, in words.
    detail: String,
    /// The fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    #[serde(skip)]
    retry_after: Option<i64>,
    /// The scope that the token lacks.
    #[serde(skip)]
    needs: Option<&'static str>,
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldProblem {
    /// The field's name, as in the request.
    field: String,
    /// What is wrong with it.
    detail: String,
}

/// Why a request was not done.
#[derive(Debug)]
pub(crate) enum ApiError {
    Problem(Problem),
    Failure(Failure),
}

impl Problem {
    pub(crate) fn new(
        status: StatusCode,
        kind: &'static str,
        title: &'static str,
        detail: impl Into<String>,
    ) -> Self {
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            retry_after: None,
            needs: None,
        }
    }

    /// No token, or one that is not known. The answer does not tell the two apart.
    pub(crate) fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "urn:vestibule:problem:unauthorized",
            "A token is needed",
            "Send a live API token as `Authorization: Bearer …`; `vestibule token create` makes one.",
        )
    }

    /// A token that may not do this (RFC 6750 §3.1).
    pub(crate) fn insufficient_scope(needed: Option<ApiScope>, held: &[ApiScope]) -> Self {
        let held: Vec<&str> = held.iter().map(|scope| scope.name()).collect();
        let needed = needed.map_or("another", ApiScope::name);
        Self {
            needs: Some(needed),
            ..Self::new(
                StatusCode::FORBIDDEN,
                "urn:vestibule:problem:insufficient-scope",
                "The token may not do this",
                format!(
                    "It needs the scope {needed} and has {}. `vestibule token create` makes one with other scopes.",
                    held.join(" ")
                ),
            )
        }
    }

    /// One field of a request.
    pub(crate) fn field(field: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Self::invalid(format!("{field} {detail}"));
        problem.errors.push(FieldProblem {
            field: field.to_owned(),
            detail,
        });
        problem
    }

    /// What contradicts what is there.
    pub(crate) fn as_things_stand(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "urn:vestibule:problem:conflict",
            "Not possible as things stand",
            detail,
        )
    }

    /// A body or a query that cannot be read.
    pub(crate) fn invalid(detail: impl Into<String>) -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "urn:vestibule:problem:invalid",
            "The request is not valid",
            detail,
        )
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl ApiError {
    /// The answer to an action that was not done at `now`.
    pub(crate) fn of(error: ActionError, now: chrono::DateTime<chrono::Utc>) -> Self {
        let detail = error.to_string();
        Self::Problem(match error {
            ActionError::Store(error) => return Self::Failure(Failure::from(error)),
            ActionError::Invalid(faults) => Problem {
                errors: faults
                    .into_iter()
                    .map(|fault| FieldProblem {
                        field: fault.field.to_owned(),
                        detail: fault.message,
                    })
                    .collect(),
                ..Problem::invalid(detail)
            },
            ActionError::NotFound { .. } => Problem::new(
                StatusCode::NOT_FOUND,
                "urn:vestibule:problem:not-found",
                "Not found",
                detail,
            ),
            ActionError::Conflict(_) => Problem::as_things_stand(detail),
            ActionError::LookAlike { .. } => Problem::new(
                StatusCode::CONFLICT,
                "urn:vestibule:problem:look-alike",
                "The address looks like another one",
                format!("{detail}; send `look_alike_is_meant: true` as well if it is the right one"),
            ),
            ActionError::Changed => Problem::new(
                StatusCode::PRECONDITION_FAILED,
                "urn:vestibule:problem:changed",
                "It has changed since",
                detail,
            ),
            ActionError::TooMany { until, .. } => Problem {
                retry_after: Some((until - now).num_seconds().max(1)),
                ..Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    "urn:vestibule:problem:too-many",
                    "A limit is reached",
                    detail,
                )
            },
        })
    }
}

impl From<store::StoreError> for ApiError {
    fn from(error: store::StoreError) -> Self {
        Self::Failure(error.into())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let (retry_after, needs) = (self.retry_after, self.needs);
        let mut response = (status, Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        let lacks = needs.map(|scope| format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\""));
        if let Some(Ok(value)) = lacks.map(HeaderValue::try_from) {
            headers.insert(header::WWW_AUTHENTICATE, value);
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        match self {
            Self::Problem(problem) => problem.into_response(),
            Self::Failure(failure) => failure.into_response(),
        }
    }
}
