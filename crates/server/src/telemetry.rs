//! What the process says of itself: one line an event on standard error, for people on a terminal and as JSON
//! everywhere else.

use std::{collections::BTreeMap, io::IsTerminal as _};

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

use crate::config::settings::{Log, LogFormat};

/// Starts logging. `RUST_LOG` goes before `log.filter`, and `NO_COLOR` is honoured (no-color.org). A second
/// start changes nothing.
pub fn start(log: &Log, environment: &BTreeMap<String, String>) {
    let terminal = std::io::stderr().is_terminal();
    let json = is_json(log.format, std::io::stdout().is_terminal());
    let color = terminal && environment.get("NO_COLOR").is_none_or(String::is_empty);
    let registry = tracing_subscriber::registry().with(filter(log, environment));
    // Fails only when a subscriber is in place already, which is then good enough.
    let _ = if json {
        let layer = fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true)
            .with_span_list(false)
            .with_writer(std::io::stderr);
        registry.with(layer).try_init()
    } else {
        let layer = fmt::layer()
            .compact()
            .with_ansi(color)
            .with_target(false)
            .with_writer(std::io::stderr);
        registry.with(layer).try_init()
    };
}

/// Standard output says where we run: a supervisor takes both streams, a person may divert one.
fn is_json(format: LogFormat, terminal: bool) -> bool {
    match format {
        LogFormat::Json => true,
        LogFormat::Text => false,
        LogFormat::Auto => !terminal,
    }
}

fn filter(log: &Log, environment: &BTreeMap<String, String>) -> EnvFilter {
    let wanted = environment
        .get("RUST_LOG")
        .filter(|filter| !filter.is_empty())
        .and_then(|filter| EnvFilter::try_new(filter).ok());
    wanted.unwrap_or_else(|| EnvFilter::new(&log.filter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_off_the_terminal_unless_told_otherwise() {
        assert!(is_json(LogFormat::Auto, false));
        assert!(!is_json(LogFormat::Auto, true));
        assert!(is_json(LogFormat::Json, true));
        assert!(!is_json(LogFormat::Text, false));
    }

    #[test]
    fn rust_log_goes_first_and_nonsense_is_ignored() {
        let log = Log::default();
        let with = |value: &str| BTreeMap::from([("RUST_LOG".to_owned(), value.to_owned())]);
        let usual = filter(&log, &BTreeMap::new()).to_string();
        assert!(usual.split(',').any(|directive| directive == "info"), "{usual}");
        assert_eq!(filter(&log, &with("debug")).to_string(), "debug");
        assert_eq!(filter(&log, &with("")).to_string(), usual);
        assert_eq!(filter(&log, &with("store=not-a-level")).to_string(), usual);
    }
}
