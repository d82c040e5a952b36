//! `[log]`: what the process says of itself, on standard error.

use tracing_subscriber::EnvFilter;

use crate::config::reader::Section;

/// What the process says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// The form of a line.
    pub format: LogFormat,
    /// Which lines, in the language of `RUST_LOG`, which goes before it.
    pub filter: String,
}

/// The form of a line of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Auto,
            // The steps of a migration are told by `serve`, once each.
            filter: "info,sea_orm_migration=warn,sqlx::postgres::notice=warn".into(),
        }
    }
}

pub(in crate::config) fn read(section: &mut Section<'_>) -> Log {
    let words = [
        ("auto", LogFormat::Auto),
        ("json", LogFormat::Json),
        ("text", LogFormat::Text),
    ];
    let log = Log {
        format: section.word("format", &words, "auto"),
        filter: section.get("filter", Log::default().filter),
    };
    if let Err(error) = EnvFilter::try_new(&log.filter) {
        section.refuse(
            "filter",
            format!("cannot be read: {error}"),
            "write \"info\", or \"info,store=debug\"",
        );
    }
    log
}
