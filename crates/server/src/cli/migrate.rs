//! `vestibule migrate status|up`.

use clap::Subcommand;
use serde::Serialize;
use store::Backend;

use super::{CliError, context::Context};

#[derive(Debug, Subcommand)]
pub(super) enum MigrateCommand {
    /// Say which migrations are missing
    Status,
    /// Apply the migrations that are missing, all or none
    #[command(after_help = "Example:
  vestibule migrate up -c /etc/vestibule/vestibule.toml")]
    Up,
}

/// The schema, for programs.
#[derive(Serialize)]
struct Status {
    database: &'static str,
    pending: Vec<String>,
    applied: Vec<String>,
}

pub(super) async fn run(command: MigrateCommand, context: &Context) -> Result<(), CliError> {
    let store = context.open(&context.settings()?).await?;
    let database = match store.backend() {
        Backend::Sqlite => "SQLite",
        Backend::Postgres => "PostgreSQL",
    };
    let (pending, applied) = match command {
        MigrateCommand::Status => (store.pending_migrations().await?, Vec::new()),
        MigrateCommand::Up => (Vec::new(), store.migrate().await?),
    };
    let said = match (&pending[..], &applied[..]) {
        ([], []) => "up to date".to_owned(),
        ([], applied) => format!("applied {}", applied.join(", ")),
        (pending, _) => format!("missing {}", pending.join(", ")),
    };
    let facts = [("database", database.to_owned()), ("schema", said)];
    let status = Status {
        database,
        pending,
        applied,
    };
    context.thing(&status, &facts)
}
