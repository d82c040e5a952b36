//! `vestibule audit search` and `vestibule signin show`.

use std::collections::HashMap;

use admin::AuditEntry;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use domain::{EmailAddress, Id, audit::AuditRecord, my_access, sign_in::SignIn};
use serde::Serialize;
use store::{AuditQuery, Reader};
use web::routes;

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

#[derive(Debug, Subcommand)]
pub(super) enum SignInCommand {
    /// Show what happened in a sign-in, oldest first: why somebody could not sign in
    Show {
        /// The reference on the guest's page and in the mail, such as K7QF
        reference: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule audit search --reference K7QF
  vestibule audit search --address anna@contoso.example --since 2026-11-01T00:00:00Z
  vestibule audit search --action guest.signin --guest anna@contoso.example
  vestibule audit search --since 2026-11-01T00:00:00Z --limit 1000 -o json")]
pub(super) struct SearchArgs {
    /// Filter by action prefix, such as `guest.signin` or `session.started`
    #[arg(long, value_name = "PREFIX")]
    action: Option<String>,
    /// Filter by guest (address or ID), with everything in the sign-ins they proved
    #[arg(long)]
    guest: Option<String>,
    /// Filter by the address that was typed, in the directory or not
    #[arg(long, value_name = "ADDRESS", value_parser = find::address)]
    address: Option<EmailAddress>,
    /// Filter by the reference on the guest's page and in the mail, such as K7QF
    #[arg(long, value_name = "REFERENCE")]
    reference: Option<String>,
    /// Filter by app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Filter by sign-in (ID)
    #[arg(long, value_name = "ID")]
    sign_in: Option<Id<SignIn>>,
    /// Only events since this time
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    since: Option<DateTime<Utc>>,
    /// Only events before this time
    #[arg(long, value_name = "TIME", value_parser = parse_moment)]
    until: Option<DateTime<Utc>>,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

/// A time on the command line: RFC 3339.
pub(super) fn parse_moment(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.to_utc())
        .map_err(|_| "write a time such as 2027-03-01T00:00:00Z".to_owned())
}

/// An event, with names in place of ids.
#[derive(Serialize)]
struct EventLine {
    #[serde(flatten)]
    entry: AuditEntry,
    /// The guest's address.
    guest_email: Option<String>,
    /// The app's client ID.
    client_id: Option<String>,
}

impl Row for EventLine {
    const SEVERAL: &'static str = "events";
    const HEADS: &'static [&'static str] =
        &["AT", "ACTION", "BY", "GUEST", "APP", "REF", "REASON", "DETAILS"];

    fn cells(&self) -> Vec<String> {
        let entry = &self.entry;
        let details = entry.details.as_object().into_iter().flatten();
        // The trace of a decision has lines of its own: it stands in the JSON.
        let details: Vec<String> = details
            .filter(|(name, _)| name.as_str() != "trace")
            .map(|(name, value)| format!("{name}={}", value.as_str().unwrap_or_default()))
            .collect();
        vec![
            entry.at.clone(),
            entry.action.clone(),
            entry.actor.clone().unwrap_or_else(|| entry.actor_kind.clone()),
            or_dash(self.guest_email.as_ref()),
            or_dash(self.client_id.as_ref()),
            or_dash(entry.reference.as_ref()),
            or_dash(entry.reason.as_ref()),
            details.join(" "),
        ]
    }
}

pub(super) async fn run(command: AuditCommand, context: &Context) -> Result<(), CliError> {
    let AuditCommand::Search(args) = command;
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = match &args.guest {
        Some(named) => Some(find::guest_or_erased(&reader, named).await?),
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
        reference: args.reference.map(|reference| reference.to_ascii_uppercase()),
        mailbox: args.address,
        since: args.since,
        until: args.until,
        after: None,
        limit: args.limit,
    };
    let records = reader.audit_search(&query).await?;
    context.rows(&rows(&reader, records).await?)
}

pub(super) async fn sign_in(command: SignInCommand, context: &Context) -> Result<(), CliError> {
    let SignInCommand::Show { reference } = command;
    let core = context.core().await?;
    let reader = core.store.reader();
    let query = AuditQuery {
        reference: Some(reference.to_ascii_uppercase()),
        limit: 1000,
        ..AuditQuery::default()
    };
    let mut records = reader.audit_search(&query).await?;
    if records.is_empty() {
        return Err(CliError::NotFound(format!(
            "no sign-in has the reference \"{reference}\""
        )));
    }
    records.reverse();
    context.rows(&rows(&reader, records).await?)
}

/// With the names of guests and apps, each looked up once.
async fn rows(reader: &Reader, records: Vec<AuditRecord>) -> Result<Vec<EventLine>, CliError> {
    let (mut guests, mut apps) = (HashMap::new(), HashMap::new());
    for app in reader.apps().await? {
        apps.insert(app.id, app.client_id);
    }
    apps.insert(my_access::app_id(), routes::MY_ACCESS.to_owned());
    let mut rows = Vec::new();
    for record in records {
        if let Some(id) = record.guest
            && !guests.contains_key(&id)
        {
            let found = reader.guest(id).await?;
            guests.insert(id, found.map(|guest| guest.email.as_str().to_owned()));
        }
        rows.push(EventLine {
            guest_email: record.guest.and_then(|id| guests.get(&id).cloned().flatten()),
            client_id: record.app.and_then(|id| apps.get(&id).cloned()),
            entry: record.into(),
        });
    }
    Ok(rows)
}
