//! What is wrong with a configuration: each problem says where, what, and what to do. All of them are
//! collected, so that one run of `vestibule check` is enough.

use std::fmt;

use super::value::Origin;

/// One thing that is wrong, doubtful, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// How bad it is.
    pub severity: Severity,
    /// Where the value was written; `None` when nothing was.
    pub origin: Option<Origin>,
    /// The setting, such as `mail.from`.
    pub key: Option<String>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A trade-off that the operator should know; never fails.
    Note,
    /// Probably a mistake; fails `check --strict`.
    Warning,
    /// Vestibule does not start.
    Error,
}

impl Severity {
    /// The word.
    pub fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl ConfigProblem {
    /// An error without a place.
    pub fn error(message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            origin: None,
            key: None,
            message: message.into(),
            help: None,
        }
    }

    /// At this place.
    #[must_use]
    pub fn at(mut self, origin: Option<Origin>) -> Self {
        self.origin = origin;
        self
    }

    /// About this setting.
    #[must_use]
    pub fn about(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// With this advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// As bad as this.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.severity.name())?;
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        f.write_str(&self.message)?;
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// Why a configuration was refused: at least one error, and whatever else was noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigRefused(pub Vec<ConfigProblem>);

impl fmt::Display for ConfigRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, problem) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigRefused {}
