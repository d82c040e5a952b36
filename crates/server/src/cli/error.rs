//! How a command fails: what is said, and the exit code.

use actions::ActionError;
use store::StoreError;
use web::Failure;

use crate::{config::ConfigRefused, serve::Unopened};

/// Why a command failed.
#[derive(Debug)]
pub enum CliError {
    /// It was tried and did not work.
    Failed(String),
    /// What was asked for makes no sense.
    Usage(String),
    /// The configuration is invalid.
    Config(ConfigRefused),
    /// Something that is needed cannot be reached.
    Unreachable(String),
    /// What was named is not there.
    NotFound(String),
    /// A part of it was done.
    Partly(String),
    /// stdout was closed (`EPIPE`).
    OutputClosed,
}

impl CliError {
    /// The exit code: 1 failed, 2 usage, 3 configuration, 4 unreachable, 5 not found, 6 done in part.
    pub fn code(&self) -> u8 {
        match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Config(_) => 3,
            Self::Unreachable(_) => 4,
            Self::NotFound(_) => 5,
            Self::Partly(_) => 6,
            Self::OutputClosed => 0,
        }
    }
}

impl std::fmt::Display for CliError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Failed(text)
            | Self::Usage(text)
            | Self::Unreachable(text)
            | Self::NotFound(text)
            | Self::Partly(text) => write!(f, "error: {text}"),
            Self::Config(refused) => refused.fmt(f),
            Self::OutputClosed => Ok(()),
        }
    }
}

impl std::error::Error for CliError {}

impl From<ConfigRefused> for CliError {
    fn from(refused: ConfigRefused) -> Self {
        Self::Config(refused)
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        let text = with_causes(&error);
        if error.is_unavailable() {
            Self::Unreachable(text)
        } else {
            Self::Failed(text)
        }
    }
}

impl From<ActionError> for CliError {
    fn from(error: ActionError) -> Self {
        match error {
            ActionError::Store(error) => error.into(),
            ActionError::Invalid(_) => Self::Usage(error.to_string()),
            ActionError::NotFound { .. } => Self::NotFound(error.to_string()),
            ActionError::Conflict(_)
            | ActionError::LookAlike { .. }
            | ActionError::Changed
            | ActionError::TooMany { .. } => Self::Failed(error.to_string()),
        }
    }
}

impl From<Failure> for CliError {
    fn from(failure: Failure) -> Self {
        if failure.status == http::StatusCode::SERVICE_UNAVAILABLE {
            Self::Unreachable(failure.cause)
        } else {
            Self::Failed(failure.cause)
        }
    }
}

impl From<Unopened> for CliError {
    fn from(error: Unopened) -> Self {
        let text = with_causes(&error);
        Self::Unreachable(format!(
            "{text}\n  help: check `database.url`, that the database exists, and that this user may write there"
        ))
    }
}

impl From<anyhow::Error> for CliError {
    fn from(error: anyhow::Error) -> Self {
        let error = match error.downcast::<ConfigRefused>() {
            Ok(refused) => return Self::Config(refused),
            Err(error) => error,
        };
        let error = match error.downcast::<Unopened>() {
            Ok(unopened) => return unopened.into(),
            Err(error) => error,
        };
        let text = with_causes(&*error);
        let unreachable = error
            .chain()
            .filter_map(|cause| cause.downcast_ref::<StoreError>())
            .any(StoreError::is_unavailable);
        if unreachable {
            Self::Unreachable(text)
        } else {
            Self::Failed(text)
        }
    }
}

/// An error and what caused it. On the command line the operator is the only reader.
pub(super) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.contains(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        cause = error.source();
    }
    text
}
