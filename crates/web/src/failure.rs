//! Our own failures: logged once, with a reference; the answer says nothing else.

use std::fmt;

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use store::StoreError;

/// Something went wrong on our side. [`crate::layers`] logs it and turns it into a page or a JSON body.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{cause}")]
pub struct Failure {
    /// 500, or 503 when trying again may help.
    pub status: StatusCode,
    /// For the log only.
    pub cause: String,
}

impl Failure {
    /// A bug, or a state that must not be.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            cause: cause.to_string(),
        }
    }

    /// A dependency is down: the same request will work later.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self {
            status: StatusCode::SERVICE_UNAVAILABLE,
            cause: cause.to_string(),
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        if let StoreError::Unavailable(cause) = &error {
            // «disk is full», «connection refused»: such a cause names no value of a row.
            Self::unavailable(format_args!("{error}: {cause}"))
        } else {
            Self::internal(error)
        }
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::internal(format_args!("a template failed: {error}"))
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
