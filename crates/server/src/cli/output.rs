//! What commands print: tables for people, JSON for programs, always on standard output.

use std::io::{self, ErrorKind, Write as _};

use clap::ValueEnum;
use comfy_table::{Table, presets};
pub(super) use domain::time::rfc3339 as moment;
use serde::Serialize;

use super::CliError;

/// The form of what is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum OutputForm {
    /// Tables and text.
    #[default]
    Table,
    /// JSON.
    Json,
}

/// A row of a table.
pub(super) trait Row: Serialize {
    /// What several of them are called: `guests`.
    const SEVERAL: &'static str;
    /// The heads of the columns.
    const HEADS: &'static [&'static str];

    /// The columns.
    fn cells(&self) -> Vec<String>;
}

/// Rows under their heads.
pub(super) fn table<R: Row>(rows: &[R]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(R::HEADS);
    for row in rows {
        table.add_row(row.cells());
    }
    trimmed(&table)
}

/// Names and values below one another.
pub(super) fn facts(facts: &[(&str, String)]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    for (name, value) in facts {
        table.add_row([*name, value]);
    }
    trimmed(&table)
}

fn trimmed(table: &Table) -> String {
    // Each cell has a blank on either side; the outer ones are of no use.
    let lines: Vec<String> = table
        .lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned())
        .collect();
    lines.join("\n")
}

/// An optional text as a cell.
pub(super) fn or_dash(text: Option<impl ToString>) -> String {
    text.map_or_else(|| "-".to_owned(), |text| text.to_string())
}

/// JSON as it is printed.
pub(super) fn json(value: &impl Serialize) -> Result<String, CliError> {
    serde_json::to_string_pretty(value)
        .map_err(|error| CliError::Failed(format!("cannot write JSON: {error}")))
}

/// Prints lines. A reader that has gone away ends the command without a complaint, as `head` expects.
pub(super) fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| match error.kind() {
            ErrorKind::BrokenPipe => CliError::OutputClosed,
            _ => CliError::Failed(format!("cannot write to standard output: {error}")),
        })
}

/// Says something on standard error. When that is closed as well, the message is dropped.
pub(super) fn say(text: &str) {
    if !text.is_empty() {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }
}
