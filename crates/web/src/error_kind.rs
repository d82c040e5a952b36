//! What kind of trouble an error page tells of.

use http::StatusCode;

/// The kinds of error pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request names no app that we know.
    UnknownApp,
    /// The request's `redirect_uri` is missing or not registered.
    BadRedirectUri,
    /// The request cannot be understood at all.
    BadRequest,
    /// The sign-in is over, or belongs to another browser (G9).
    StartAgain,
    /// A form came from elsewhere, or its token is wrong.
    Forged,
    /// Nothing is here.
    NotFound,
    /// The method is not allowed here.
    MethodNotAllowed,
    /// Too much, too fast.
    TooMany,
    /// The request is too large.
    TooLarge,
    /// The `Host` is not ours.
    WrongHost,
    /// Our fault.
    Internal,
    /// Our fault, and it will pass.
    Unavailable,
}

impl ErrorKind {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::UnknownApp,
        Self::BadRedirectUri,
        Self::BadRequest,
        Self::StartAgain,
        Self::Forged,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::TooMany,
        Self::TooLarge,
        Self::WrongHost,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Whether the visitor has to find an app or somebody who knows it: then the page leads to `GET /`, where that stands.
    pub(crate) fn leads_to_the_start(self) -> bool {
        match self {
            Self::UnknownApp
            | Self::BadRequest
            | Self::StartAgain
            | Self::Forged
            | Self::NotFound
            | Self::MethodNotAllowed => true,
            Self::BadRedirectUri
            | Self::TooMany
            | Self::TooLarge
            | Self::WrongHost
            | Self::Internal
            | Self::Unavailable => false,
        }
    }

    /// The HTTP status.
    pub fn status(self) -> StatusCode {
        match self {
            Self::UnknownApp | Self::BadRedirectUri | Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::StartAgain => StatusCode::GONE,
            Self::Forged => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongHost => StatusCode::MISDIRECTED_REQUEST,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
