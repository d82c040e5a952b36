//! What went wrong, as a page: for the guest in words, for the developer with its cause.

use std::borrow::Cow;

use axum::{
    extract::rejection::QueryRejection,
    response::{IntoResponse, Response},
};
use http::StatusCode;

use crate::pages::{Page, ProblemPage};

/// Why a page cannot be shown.
#[derive(Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    title: &'static str,
    words: Cow<'static, str>,
    /// What the provider said: `error` and `error_description` (RFC 6749 §4.1.2.1).
    said: Option<(String, Option<String>)>,
    cause: Option<anyhow::Error>,
}

impl Problem {
    fn new(status: StatusCode, title: &'static str, words: impl Into<Cow<'static, str>>) -> Self {
        Self {
            status,
            title,
            words: words.into(),
            said: None,
            cause: None,
        }
    }

    fn because(mut self, cause: impl Into<anyhow::Error>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Discovery, the token endpoint or UserInfo did not do their part.
    pub(crate) fn provider(cause: impl Into<anyhow::Error>) -> Self {
        let words = "Acme Notes could not finish this with the sign-in service. It may work in a moment.";
        Self::new(
            StatusCode::BAD_GATEWAY,
            "The sign-in service did not answer as it should",
            words,
        )
        .because(cause)
    }

    /// Something in the provider's answer is not what it must be: the sign-in is refused.
    pub(crate) fn not_verified(cause: impl Into<anyhow::Error>) -> Self {
        let words = "The answer of the sign-in service did not pass a check, so you are not signed in.";
        Self::new(
            StatusCode::BAD_REQUEST,
            "The sign-in could not be verified",
            words,
        )
        .because(cause)
    }

    /// An answer to a sign-in that this browser has not begun, or that was answered before.
    pub(crate) fn unknown_state() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This sign-in is not under way",
            "It was begun in another browser, or finished already, or too long ago. Nothing is lost: begin again.",
        )
    }

    /// The provider said no.
    pub(crate) fn refused(error: String, description: Option<String>) -> Self {
        let words = match error.as_str() {
            "access_denied" => "The sign-in was refused, or stopped before its end.",
            "login_required" | "interaction_required" | "consent_required" | "account_selection_required" => {
                "Acme Notes asked for a sign-in without a page, and the sign-in service has something to ask you first."
            }
            "temporarily_unavailable" | "server_error" => {
                "The sign-in service has trouble of its own. It may work in a moment."
            }
            _ => "The sign-in service did not accept the request of Acme Notes.",
        };
        let mut problem = Self::new(StatusCode::BAD_REQUEST, "You are not signed in", words);
        problem.said = Some((error, description));
        problem
    }

    /// A request that is no sign-in at all.
    pub(crate) fn bad_request(words: impl Into<Cow<'static, str>>) -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "This request cannot be understood",
            words,
        )
    }

    /// A form that another site sent.
    pub(crate) fn foreign_form() -> Self {
        let words = "It was not sent from a page of Acme Notes, so nothing was done.";
        Self::new(StatusCode::FORBIDDEN, "This form came from elsewhere", words)
    }

    /// The page that shows it.
    pub(crate) fn page(&self) -> ProblemPage<'_> {
        ProblemPage {
            title: self.title,
            words: &self.words,
            error: self.said.as_ref().map(|(error, _)| error.as_str()),
            description: self
                .said
                .as_ref()
                .and_then(|(_, description)| description.as_deref()),
            cause: self.cause.as_ref().map(|cause| format!("{cause:#}")),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        // Never `{:?}` here: the errors of HTTP libraries print whole answers that way, tokens included.
        let cause = self.cause.as_ref().map(|cause| format!("{cause:#}"));
        let error = self.said.as_ref().map(|(error, _)| error);
        tracing::warn!(status = self.status.as_u16(), ?error, ?cause, "{}", self.title);
        (self.status, Page(self.page())).into_response()
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad_request(rejection.body_text())
    }
}

/// Every address that is no route.
pub(crate) async fn not_found() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "There is no such page",
        "Acme Notes has notes, and hardly anything else.",
    )
}
