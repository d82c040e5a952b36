//! What can go wrong with an upstream, sorted by what is done about it.

use serde::{Deserialize, Serialize};

/// Why a round trip to an upstream failed. The texts are for operators; none carries a token or a secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum UpstreamError {
    /// It did not answer, or only that it cannot: later it may.
    #[error("the upstream cannot be reached: {0}")]
    Unreachable(String),
    /// It sent the browser back saying that it cannot at the moment. Only the browser says so.
    #[error("the upstream says that it cannot: {0}")]
    Busy(String),
    /// What it publishes, or what we are registered as there, does not fit: an operator must act.
    #[error("the upstream and its settings here do not fit: {0}")]
    Misconfigured(String),
    /// It said no, by the error code of RFC 6749 §4.1.2.1: the person cancelled, or may not sign in there.
    #[error("the upstream refused: {0}")]
    Refused(String),
    /// Its answer breaks a rule of the protocol: nothing in it is believed.
    #[error("the upstream's answer is not valid: {0}")]
    Invalid(String),
}

/// A text of theirs, fit for one line of a log: no control characters, and not long.
pub(crate) fn tame(text: &str) -> String {
    let line = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    line.take(300).collect()
}

impl UpstreamError {
    /// The word that the audit log uses.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Busy(_) => "busy",
            Self::Misconfigured(_) => "misconfigured",
            Self::Refused(_) => "refused",
            Self::Invalid(_) => "invalid_answer",
        }
    }
}

/// A request that was not answered: the host is unreachable, or its address is not allowed.
pub(crate) fn not_answered(error: &egress::Error) -> UpstreamError {
    match error {
        egress::Error::Transport { .. } | egress::Error::Failing { .. } => {
            UpstreamError::Unreachable(tame(&error.to_string()))
        }
        egress::Error::NotHttps(_) | egress::Error::NotPublic(_) | egress::Error::TooLong(_) => {
            UpstreamError::Misconfigured(tame(&error.to_string()))
        }
    }
}

pub(crate) fn invalid(text: &str) -> UpstreamError {
    UpstreamError::Invalid(text.to_owned())
}

/// An error code of theirs, fit for a log: RFC 6749 §5.2 allows little more than letters.
pub(crate) fn printable(code: &str) -> String {
    code.chars().filter(char::is_ascii_graphic).take(64).collect()
}
