//! `ETag`, `If-Match` and `If-None-Match` (RFC 9110 §13.1): somebody who changes what they have read does not undo what another did
//! meanwhile, and who has read it already is not told again.

use std::{collections::HashMap, convert::Infallible, ops::Deref, sync::LazyLock};

use actions::{By, Version};
use axum::{
    Json,
    extract::{FromRequestParts, MatchedPath, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts};
use serde::Serialize;
use sign_in::Core;
use utoipa::{
    IntoParams, OpenApi as _,
    openapi::{
        RefOr,
        path::{Operation, Parameter},
    },
};

use super::OpenApiDocument;
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// The operator of a request that changes something, and what they say they have seen of it.
pub(super) struct Changer {
    operator: Operator,
    by: By,
}

impl FromRequestParts<Core> for Changer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, core: &Core) -> Result<Self, ApiError> {
        let operator = Operator::from_request_parts(parts, core).await?;
        let actor = operator.actor();
        let by = match listed(&parts.headers, &header::IF_MATCH) {
            Some(seen) if seen.iter().any(|tag| tag == "*") => By::who_saw_any(actor),
            Some(seen) => By::who_saw(actor, strong(seen)),
            None => actor.into(),
        };
        Ok(Self { operator, by })
    }
}

impl Deref for Changer {
    type Target = Operator;

    fn deref(&self) -> &Operator {
        &self.operator
    }
}

impl Changer {
    /// On whose behalf an action is done.
    pub(super) fn by(&self) -> By {
        self.by.clone()
    }
}

/// How the description names what [`Changer`] reads.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
pub(super) struct IfMatch {
    /// The `ETag` that was read: what has changed since is left as it is.
    #[param(rename = "If-Match")]
    _if_match: Option<String>,
}

/// What a reader says they have already.
pub(super) struct Known(Vec<String>);

impl<S: Sync> FromRequestParts<S> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(
            listed(&parts.headers, &header::IF_NONE_MATCH).unwrap_or_default(),
        ))
    }
}

impl Known {
    /// The answer to them: that they have it, or it.
    pub(super) fn answer(&self, version: &Version, body: impl Serialize) -> Response {
        let tag = quoted(version);
        // Compared weakly (§8.8.3.2): a proxy may have marked it so.
        let is_known = |known: &String| *known == "*" || known.trim_start_matches("W/") == tag;
        let headers = tagged(version);
        if self.0.iter().any(is_known) {
            return (StatusCode::NOT_MODIFIED, headers).into_response();
        }
        (headers, Json(body)).into_response()
    }
}

/// The header that says which version a body is.
fn tagged(version: &Version) -> [(HeaderName, HeaderValue); 1] {
    let value = HeaderValue::from_str(&quoted(version)).unwrap_or(HeaderValue::from_static("\"\""));
    [(header::ETAG, value)]
}

fn quoted(version: &Version) -> String {
    format!("\"{}\"", version.as_str())
}

/// The tags of a header, as they were written; `None`: it is not there.
fn listed(headers: &HeaderMap, name: &HeaderName) -> Option<Vec<String>> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let texts = values.filter_map(|value| value.to_str().ok());
    let tags = texts
        .flat_map(|text| text.split(','))
        .map(|tag| tag.trim().to_owned());
    Some(tags.collect())
}

/// The strong ones of some tags, without their quotes. A weak one never matches here (§13.1.1).
fn strong(tags: Vec<String>) -> Vec<String> {
    let opaque = |tag: String| Some(tag.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    tags.into_iter().filter_map(opaque).collect()
}

/// The operations that change something, and whether they take `If-Match`, as the description says.
static TAKE: LazyLock<HashMap<(String, Method), bool>> = LazyLock::new(|| {
    let takes = |operation: &Operation| {
        let mut parameters = operation.parameters.iter().flatten();
        parameters.any(|parameter| match parameter {
            RefOr::T(Parameter { name, .. }) => name == "If-Match",
            RefOr::Ref(_) => false,
        })
    };
    let mut found = HashMap::new();
    for (path, item) in OpenApiDocument::openapi().paths.paths {
        for (method, operation) in [
            (Method::PUT, &item.put),
            (Method::POST, &item.post),
            (Method::PATCH, &item.patch),
            (Method::DELETE, &item.delete),
        ] {
            if let Some(operation) = operation {
                found.insert((path.clone(), method), takes(operation));
            }
        }
    }
    found
});

/// Refuses a condition on a change where it is not looked at: what its sender relies on would not be so.
pub(super) async fn refuse_where_ignored(request: Request, next: Next) -> Response {
    let headers = request.headers();
    if request.method().is_safe() {
        return next.run(request).await;
    }
    if headers.contains_key(header::IF_NONE_MATCH) {
        let what = "is not looked at by what changes something: read it, and send its ETag as If-Match";
        return Problem::field("If-None-Match", what).into_response();
    }
    if !headers.contains_key(header::IF_MATCH) {
        return next.run(request).await;
    }
    let path = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let asked = (path.unwrap_or_default().to_owned(), request.method().clone());
    // A method that the path has not is answered as that.
    if TAKE.get(&asked).is_none_or(|takes| *takes) {
        return next.run(request).await;
    }
    let what = "is not looked at by this operation: send it where the description names it";
    Problem::field("If-Match", what).into_response()
}
