//! What comes back from an upstream.

use domain::{Secret, upstream::Arrival};

use crate::error::{UpstreamError, invalid, printable};
#[cfg(feature = "saml")]
use crate::saml::Received;

/// What a browser brings back.
#[derive(Clone, Debug)]
pub enum UpstreamAnswer {
    /// From an authorization endpoint.
    Code(CodeAnswer),
    /// From a SAML identity provider: what it posted, and what came of reading it.
    #[cfg(feature = "saml")]
    Saml(Result<Received, UpstreamError>),
}

impl UpstreamAnswer {
    /// The ID of the assertion in it, which counts once.
    pub fn assertion(&self) -> Option<&str> {
        match self {
            #[cfg(feature = "saml")]
            Self::Saml(Ok(received)) => Some(&received.assertion),
            _ => None,
        }
    }
}

/// Somebody who came back from an upstream.
#[derive(Clone, Debug)]
pub struct Came {
    /// What the upstream said of them.
    pub arrival: Arrival,
    /// Why UserInfo said nothing, when it was asked because the ID token has no address. Only who needs an address
    /// needs it.
    pub without_user_info: Option<UpstreamError>,
}

impl From<Arrival> for Came {
    fn from(arrival: Arrival) -> Self {
        Self {
            arrival,
            without_user_info: None,
        }
    }
}

/// What a browser brings back from an authorization endpoint (RFC 6749 §4.1.2, RFC 9207).
#[derive(Clone, Debug, Default)]
pub struct CodeAnswer {
    /// The authorization code.
    pub code: Option<Secret>,
    /// Who answers.
    pub iss: Option<String>,
    /// What went wrong there.
    pub error: Option<String>,
}

/// The code that a browser brought back, or why it brought none (RFC 6749 §4.1.2.1).
pub(crate) fn answered(answer: CodeAnswer) -> Result<Secret, UpstreamError> {
    if let Some(error) = answer.error {
        return Err(match error.as_str() {
            "server_error" | "temporarily_unavailable" => UpstreamError::Busy(error),
            "invalid_request" | "unauthorized_client" | "unsupported_response_type" | "invalid_scope" => {
                UpstreamError::Misconfigured(format!("it answered {error}"))
            }
            _ => UpstreamError::Refused(printable(&error)),
        });
    }
    answer.code.ok_or_else(|| invalid("neither a code nor an error"))
}
