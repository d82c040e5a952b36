//! Errors that an app reads (RFC 6749 §4.1.2.1, §5.2; OpenID Connect Core §3.1.2.6). What the app may read and
//! what the log may read are two fields.

use std::borrow::Cow;

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use domain::app::App;
use http::{HeaderValue, StatusCode, header};
use serde_json::json;

/// An error of the protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OAuthError {
    pub(crate) code: &'static str,
    pub(crate) description: Cow<'static, str>,
    /// For the log, and for apps that are being developed.
    pub(crate) cause: Option<String>,
    /// Whom it is told, for the log.
    client_id: Option<String>,
    status: StatusCode,
    challenge: Option<&'static str>,
}

impl OAuthError {
    /// An error of that code. `description` keeps to the characters that RFC 6749 appendix A.8 allows.
    pub(crate) fn new(code: &'static str, description: impl Into<Cow<'static, str>>) -> Self {
        let description = description.into();
        debug_assert!(is_describable(&description));
        Self {
            code,
            description,
            cause: None,
            client_id: None,
            status: StatusCode::BAD_REQUEST,
            challenge: None,
        }
    }

    pub(crate) fn invalid_request(description: impl Into<Cow<'static, str>>) -> Self {
        Self::new("invalid_request", description)
    }

    pub(crate) fn invalid_grant(description: &'static str) -> Self {
        Self::new("invalid_grant", description)
    }

    /// A failure of ours, told to an app in place of a page that it forbade (RFC 6749 §4.1.2.1).
    pub(crate) fn of_failure(failure: &web::Failure) -> Self {
        if failure.status == StatusCode::SERVICE_UNAVAILABLE {
            Self::new("temporarily_unavailable", "Try again in a moment")
        } else {
            Self::new("server_error", "Something went wrong on our side")
        }
    }

    /// 401, with a challenge when the app tried HTTP authentication (RFC 6749 §5.2).
    pub(crate) fn invalid_client(description: &'static str, by_header: bool) -> Self {
        Self {
            status: StatusCode::UNAUTHORIZED,
            challenge: by_header.then_some("Basic realm=\"apps\", charset=\"UTF-8\""),
            ..Self::new("invalid_client", description)
        }
    }

    #[must_use]
    pub(crate) fn cause(mut self, cause: impl Into<String>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// The error of an app that calls itself so.
    #[must_use]
    pub(crate) fn named(mut self, client_id: &str) -> Self {
        self.client_id.get_or_insert_with(|| client_id.to_owned());
        self
    }

    /// The error of this app. One that is being developed is told the cause as well: others might learn by it what a thief
    /// wants to know.
    #[must_use]
    pub(crate) fn told(mut self, app: &App) -> Self {
        if let Some(cause) = self.cause.as_ref().filter(|_| app.dev) {
            let cause: String = cause
                .chars()
                .map(|c| {
                    if u8::try_from(c).is_ok_and(is_describable_byte) {
                        c
                    } else {
                        ' '
                    }
                })
                .collect();
            self.description = format!("{}: {cause}", self.description).into();
        }
        self.named(&app.client_id)
    }

    /// For the log, with whom it was told.
    pub(crate) fn log(&self, what: &'static str) {
        tracing::info!(
            client_id = self.client_id,
            error = self.code,
            description = &*self.description,
            cause = self.cause,
            "{what}"
        );
    }
}

/// `a or b`; `a, b or c`: what a parameter may be, for a description.
pub(crate) fn either(names: &[&str]) -> String {
    match names {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        _ => names.concat(),
    }
}

/// RFC 6749 appendix A.8: no quotes, no backslash, no line breaks.
fn is_describable_byte(byte: u8) -> bool {
    matches!(byte, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}

fn is_describable(text: &str) -> bool {
    text.bytes().all(is_describable_byte)
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        self.log("an app was refused");
        let body = Json(json!({ "error": self.code, "error_description": self.description }));
        let mut response = (self.status, body).into_response();
        no_store(&mut response);
        if let Some(challenge) = self.challenge {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge));
        }
        response
    }
}

/// RFC 6749 §5.1.
pub(crate) fn no_store(response: &mut Response) {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
}

impl TokenRefused {
    /// Told this app, where it is the app's business.
    pub(crate) fn told(self, app: &App) -> Self {
        match self {
            Self::App(error) => Self::App(error.told(app)),
            other @ Self::Us(_) => other,
        }
    }
}

/// What a back-channel handler can end with.
pub(crate) enum TokenRefused {
    /// The app's business.
    App(OAuthError),
    /// Our own fault, or the database's.
    Us(web::Failure),
}

impl From<OAuthError> for TokenRefused {
    fn from(error: OAuthError) -> Self {
        Self::App(error)
    }
}

impl From<web::Failure> for TokenRefused {
    fn from(failure: web::Failure) -> Self {
        Self::Us(failure)
    }
}

impl From<store::StoreError> for TokenRefused {
    fn from(error: store::StoreError) -> Self {
        Self::Us(error.into())
    }
}

impl IntoResponse for TokenRefused {
    fn into_response(self) -> Response {
        match self {
            Self::App(error) => error.into_response(),
            Self::Us(failure) => failure.into_response(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parameter_may_be() {
        for (names, text) in [
            (&["a"][..], "a"),
            (&["a", "b"], "a or b"),
            (&["a", "b", "c"], "a, b or c"),
        ] {
            assert_eq!(either(names), text);
        }
    }

    #[test]
    fn what_a_description_may_hold() {
        for (text, allowed) in [
            ("prompt must be none alone, or [so]!", true),
            ("", true),
            ("scope must contain \"openid\"", false),
            ("back\\slash", false),
            ("two\nlines", false),
            ("für", false),
        ] {
            assert_eq!(is_describable(text), allowed, "{text}");
        }
    }

    #[test]
    fn a_challenge_only_answers_a_header() {
        let challenge = |by_header| {
            let response = OAuthError::invalid_client("No", by_header).into_response();
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
            assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
            response.headers().get(header::WWW_AUTHENTICATE).cloned()
        };
        assert!(
            challenge(true)
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with("Basic realm=")
        );
        assert_eq!(challenge(false), None);
        let plain = OAuthError::invalid_grant("No").into_response();
        assert_eq!(plain.status(), StatusCode::BAD_REQUEST);
    }
}
