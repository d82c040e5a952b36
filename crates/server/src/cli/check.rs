//! `vestibule check`.

use clap::Args;
use serde::Serialize;

use super::{CliError, context::Context, output};
use crate::config::{Origin, Problem, Purpose, Refused, Severity};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule check
  vestibule check --strict -o json -c /etc/vestibule/vestibule.toml")]
pub(super) struct CheckArgs {
    /// Fail on warnings as well
    #[arg(long)]
    strict: bool,
}

/// A problem, for programs.
#[derive(Serialize)]
struct ProblemRow<'a> {
    severity: &'static str,
    key: Option<&'a str>,
    file: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    origin: Option<String>,
    message: &'a str,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct Verdict<'a> {
    ok: bool,
    problems: Vec<ProblemRow<'a>>,
}

/// Checks the configuration as `serve` would, and says everything that is wrong.
pub(super) fn check(args: &CheckArgs, context: &Context) -> Result<(), CliError> {
    let problems = match context.load(Purpose::Serve, Vec::new()) {
        Ok(loaded) => loaded.remarks,
        Err(CliError::Config(Refused(problems))) => problems,
        Err(other) => return Err(other),
    };
    let worst = problems.iter().map(|problem| problem.severity).max();
    let limit = if args.strict {
        Severity::Warning
    } else {
        Severity::Error
    };
    let ok = worst.is_none_or(|worst| worst < limit);
    if context.is_json() {
        let verdict = Verdict {
            ok,
            problems: problems.iter().map(row).collect(),
        };
        output::print(&output::json(&verdict)?)?;
        return if ok {
            Ok(())
        } else {
            Err(CliError::Config(Refused(Vec::new())))
        };
    }
    if !ok {
        return Err(CliError::Config(Refused(problems)));
    }
    for problem in &problems {
        context.remark(&problem.to_string());
    }
    output::print("The configuration is valid.")
}

fn row(problem: &Problem) -> ProblemRow<'_> {
    let (file, line, column) = match &problem.origin {
        Some(Origin::File { path, line, column }) => {
            (Some(path.display().to_string()), Some(*line), Some(*column))
        }
        _ => (None, None, None),
    };
    ProblemRow {
        severity: problem.severity.name(),
        key: problem.key.as_deref(),
        file,
        line,
        column,
        origin: problem.origin.as_ref().map(ToString::to_string),
        message: &problem.message,
        help: problem.help.as_deref(),
    }
}
