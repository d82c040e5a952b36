//! `vestibule migrate status|up`.

use clap::Subcommand;
use serde::Serialize;
use store::Backend;

use super::{CliError, context::Context, output::or_dash};

#[derive(Debug, Subcommand)]
pub(super) enum MigrateCommand {
    /// Show which migrations are missing
    Status,
    /// Apply the missing migrations, all or none
    #[command(after_help = "Example:
  vestibule migrate up -c /etc/vestibule/vestibule.toml")]
    Up,
}

/// The schema, for programs.
#[derive(Serialize)]
struct MigrationStatus {
    database: &'static str,
    /// The newest step of the schema before; none in a new database.
    from: Option<String>,
    /// The newest step of the schema now.
    to: Option<String>,
    pending: Vec<String>,
    applied: Vec<String>,
}

pub(super) async fn run(command: MigrateCommand, context: &Context) -> Result<(), CliError> {
    let store = context.open(&context.settings()?).await?;
    let database = match store.backend() {
        Backend::Sqlite => "SQLite",
        Backend::Postgres => "PostgreSQL",
    };
    let from = store.schema_version().await?;
    let (pending, applied) = match command {
        MigrateCommand::Status => (store.pending_migrations().await?, Vec::new()),
        MigrateCommand::Up => (Vec::new(), store.migrate().await?),
    };
    let said = match (&pending[..], &applied[..]) {
        ([], []) => "up to date".to_owned(),
        ([], applied) => format!("applied {}", applied.join(", ")),
        (pending, _) => format!("missing {}", pending.join(", ")),
    };
    let to = store.schema_version().await?;
    let version = if from == to {
        or_dash(to.as_ref())
    } else {
        format!("{} → {}", or_dash(from.as_ref()), or_dash(to.as_ref()))
    };
    let facts = [
        ("vestibule", env!("CARGO_PKG_VERSION").to_owned()),
        ("database", database.to_owned()),
        ("version", version),
        ("schema", said),
    ];
    let status = MigrationStatus {
        database,
        from,
        to,
        pending,
        applied,
    };
    context.thing(&status, &facts)
}
