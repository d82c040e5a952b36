//! `vestibule check`.

use std::sync::Arc;

use actions::planned_changes;
use clap::Args;
use serde::Serialize;
use store::Store;

use super::{
    CliError,
    context::{self, Context},
    output,
};
use crate::{
    config::{ConfigProblem, ConfigRefused, Origin, Purpose, Severity, settings::ServerSettings},
    edge::SystemEntropy,
    mail::Smtp,
    serve::connect,
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule check
  vestibule check --database
  vestibule check --strict -o json -c /etc/vestibule/vestibule.toml")]
pub(super) struct CheckArgs {
    /// Treat warnings as errors
    #[arg(long)]
    strict: bool,
    /// Also check the database: reachable, right master key, current schema
    #[arg(long)]
    database: bool,
}

/// A problem, for programs.
#[derive(Serialize)]
struct ProblemLine<'a> {
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
struct CheckVerdict<'a> {
    ok: bool,
    problems: Vec<ProblemLine<'a>>,
}

/// Checks the configuration as `serve` would, and says everything that is wrong.
pub(super) async fn check(args: &CheckArgs, context: &Context) -> Result<(), CliError> {
    let problems = match context.load(Purpose::Serve, Vec::new()) {
        Ok(loaded) => {
            let mut problems = loaded.remarks;
            problems.extend(loads(&loaded.settings, args.database).await);
            problems
        }
        Err(CliError::Config(ConfigRefused(problems))) => problems,
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
        let verdict = CheckVerdict {
            ok,
            problems: problems.iter().map(row).collect(),
        };
        output::print(&output::json(&verdict)?)?;
        return if ok {
            Ok(())
        } else {
            Err(CliError::Config(ConfigRefused(Vec::new())))
        };
    }
    if !ok {
        return Err(CliError::Config(ConfigRefused(problems)));
    }
    for problem in &problems {
        context.remark(&problem.to_string());
    }
    output::print("The configuration is valid.")
}

/// Everything that `serve` loads before it listens, loaded.
async fn loads(settings: &ServerSettings, database: bool) -> Vec<ConfigProblem> {
    let mut found = Vec::new();
    let mut must = |key: &str, error: Option<String>, help: &str| {
        if let Some(error) = error {
            found.push(ConfigProblem {
                severity: Severity::Error,
                key: Some(key.to_owned()),
                origin: None,
                message: error,
                help: Some(help.to_owned()),
            });
        }
    };
    if let Some(tls) = &settings.server.tls {
        let loaded = crate::listener::tls(&tls.cert, &tls.key).await;
        must(
            "server.tls",
            loaded.err().map(|error| format!("{error:#}")),
            "both must be PEM, and the key must be the certificate's own, without a passphrase",
        );
    }
    let client = crate::app::upstreams(&settings.web);
    must(
        "egress.ca_file",
        client.err().map(|error| format!("{error:#}")),
        "it must be certificates in PEM",
    );
    if let Some(smtp) = &settings.mail.smtp {
        must(
            "mail.smtp",
            Smtp::new(smtp).err().map(|error| error.to_string()),
            "look at mail.smtp.ca_file: it must be certificates in PEM",
        );
    }
    if database {
        let opened = opens(settings).await;
        let (store, error) = match opened {
            Ok(store) => (store, None),
            Err(error) => (None, Some(format!("{error:#}"))),
        };
        must(
            "database.url",
            error,
            "look at the address, at the master key, and at `vestibule migrate status`",
        );
        if let Some(store) = store {
            found.extend(changes(store, settings).await);
        }
    }
    found
}

/// What the next start does to tenants and providers that are there: where it would fail, an error before it does.
async fn changes(store: Store, settings: &ServerSettings) -> Vec<ConfigProblem> {
    let core = context::core_of(store, settings);
    let problem = |severity, message, help: &str| ConfigProblem {
        severity,
        key: None,
        origin: None,
        message,
        help: Some(help.to_owned()),
    };
    match planned_changes(&core, &settings.upstreams).await {
        Err(error) => vec![problem(
            Severity::Error,
            error.to_string(),
            "a domain or an address leads to one place: take it from one of them",
        )],
        Ok(lines) => lines
            .into_iter()
            .map(|line| {
                problem(
                    Severity::Note,
                    format!("at the next start {line}"),
                    "`vestibule config impact` says who could no longer sign in",
                )
            })
            .collect(),
    }
}

/// The database, when there is one to look into.
async fn opens(settings: &ServerSettings) -> anyhow::Result<Option<Store>> {
    // Looking must not make a file.
    let file = settings.store.url.strip_prefix("sqlite:").map(|rest| {
        let path = rest.split('?').next().unwrap_or(rest);
        path.strip_prefix("//").unwrap_or(path)
    });
    if file.is_some_and(|path| !std::path::Path::new(path).exists()) {
        return Ok(None);
    }
    let store = connect(settings, Arc::new(SystemEntropy)).await?;
    let pending = store.pending_migrations().await?;
    if !pending.is_empty() && !settings.auto_migrate {
        anyhow::bail!(
            "the database lacks {} schema steps: run `vestibule migrate up`",
            pending.len()
        );
    }
    Ok(pending.is_empty().then_some(store))
}

fn row(problem: &ConfigProblem) -> ProblemLine<'_> {
    let (file, line, column) = match &problem.origin {
        Some(Origin::File { path, line, column }) => {
            (Some(path.display().to_string()), Some(*line), Some(*column))
        }
        _ => (None, None, None),
    };
    ProblemLine {
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
