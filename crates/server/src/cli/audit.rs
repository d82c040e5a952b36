//! `vestibule audit search`.

use admin::AuditEntry;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use domain::{Id, sign_in::SignIn};
use store::AuditQuery;

use super::{
    CliError,
    context::Context,
    find,
    output::{Row, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Search the audit log, newest first
    Search(SearchArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule audit search --action guest.signin --guest anna@contoso.example
  vestibule audit search --since 2026-11-01T00:00:00Z --limit 1000 -o json")]
pub(super) struct SearchArgs {
    /// Actions that begin so, such as `guest.signin` or `session.started`
    #[arg(long, value_name = "PREFIX")]
    action: Option<String>,
    /// Concerning this guest: address or id
    #[arg(long)]
    guest: Option<String>,
    /// Concerning this app: its client id
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Within this sign-in
    #[arg(long, value_name = "ID")]
    sign_in: Option<Id<SignIn>>,
    /// Not before
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<DateTime<Utc>>,
    /// Before
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<DateTime<Utc>>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

/// A moment on the command line: RFC 3339.
pub(super) fn parse_moment(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|_| "write a moment such as 2027-03-01T00:00:00Z".to_owned())
}

impl Row for AuditEntry {
    const HEADS: &'static [&'static str] = &["AT", "ACTION", "BY", "GUEST", "APP", "REASON"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.at.clone(),
            self.action.clone(),
            self.actor.clone().unwrap_or_else(|| self.actor_kind.clone()),
            or_dash(self.guest.as_ref()),
            or_dash(self.app.as_ref()),
            or_dash(self.reason.as_ref()),
        ]
    }
}

pub(super) async fn run(command: AuditCommand, context: &Context) -> Result<(), CliError> {
    let AuditCommand::Search(args) = command;
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = match &args.guest {
        Some(named) => Some(find::guest(&reader, named).await?.id),
        None => None,
    };
    let app = match &args.app {
        Some(client_id) => Some(find::app(&reader, client_id).await?.id),
        None => None,
    };
    let query = AuditQuery {
        action: args.action,
        guest,
        app,
        sign_in: args.sign_in,
        since: args.since,
        until: args.until,
        limit: args.limit,
    };
    let rows: Vec<AuditEntry> = reader
        .audit_search(&query)
        .await?
        .into_iter()
        .map(AuditEntry::from)
        .collect();
    context.rows(&rows)
}
