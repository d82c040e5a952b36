//! `vestibule guest assign|unassign|assignments`.

use std::collections::HashMap;

use admin::actions::{NewAssignment, assign, unassign};
use chrono::{DateTime, Utc};
use clap::Args;
use domain::{app::App, assignment::Assignment, guest::Guest};
use serde::Serialize;
use store::AssignmentFilter;

use super::line::say;
use crate::cli::{
    CliError, audit,
    context::Context,
    find,
    output::{Row, moment, or_dash},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule guest assign anna@contoso.example --app notes
  vestibule guest assign anna@contoso.example --app notes --until 2027-03-01T00:00:00Z --reason \"kickoff\" --sponsor Lee

Nobody is mailed: `invite send` invites. Assigned again, the new times count; `unassign` ends the access at once.")]
pub(in crate::cli) struct AssignArgs {
    /// The guest's address or ID
    guest: String,
    /// The app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: String,
    /// Start of the guest's access to the app [default: now]
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    from: Option<DateTime<Utc>>,
    /// End of the guest's access to the app
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    until: Option<DateTime<Utc>>,
    /// Reason, kept with the assignment
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The person answerable for the guest
    #[arg(long, value_name = "NAME")]
    sponsor: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest unassign anna@contoso.example --app notes --reason \"project is over\" --yes

Invitations to the app are revoked as well. Sessions go on, for other apps: `guest block` ends them.")]
pub(in crate::cli) struct UnassignArgs {
    /// The guest's address or ID
    guest: String,
    /// The app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: String,
    /// Reason, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule guest assignments anna@contoso.example
  vestibule guest assignments --app notes -o json")]
pub(in crate::cli) struct AssignmentListArgs {
    /// Only this guest's: address or ID
    guest: Option<String>,
    /// Only those to this app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

/// An assignment.
#[derive(Serialize)]
struct AssignmentLine {
    email: String,
    app: String,
    from: String,
    until: Option<String>,
    /// Whether it lets the guest in now.
    active: bool,
    reason: Option<String>,
    sponsor: Option<String>,
}

impl AssignmentLine {
    fn new(assignment: Assignment, guest: &Guest, app: &App, now: DateTime<Utc>) -> Self {
        Self {
            email: guest.email.as_str().to_owned(),
            app: app.client_id.clone(),
            from: moment(assignment.starts_at),
            until: assignment.ends_at.map(moment),
            active: assignment.is_active(now),
            reason: assignment.reason,
            sponsor: assignment.sponsor,
        }
    }
}

impl Row for AssignmentLine {
    const SEVERAL: &'static str = "assignments";
    const HEADS: &'static [&'static str] = &["EMAIL", "APP", "FROM", "UNTIL", "ACTIVE", "SPONSOR"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.email.clone(),
            self.app.clone(),
            self.from.clone(),
            or_dash(self.until.as_ref()),
            if self.active { "yes" } else { "no" }.to_owned(),
            or_dash(self.sponsor.as_ref()),
        ]
    }
}

pub(in crate::cli) async fn run(args: AssignArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = find::guest(&reader, &args.guest).await?;
    let app = find::app(&reader, &args.app).await?;
    let new = NewAssignment {
        guest: guest.id,
        app: app.id,
        starts_at: args.from,
        ends_at: args.until,
        reason: args.reason,
        sponsor: args.sponsor,
    };
    let assignment = assign(&core, context.operator(), new).await?;
    let done = AssignmentLine::new(assignment, &guest, &app, core.now());
    let facts = [
        ("email", done.email.clone()),
        ("app", done.app.clone()),
        ("from", done.from.clone()),
        ("until", or_dash(done.until.as_ref())),
        ("reason", or_dash(done.reason.as_ref())),
        ("sponsor", or_dash(done.sponsor.as_ref())),
    ];
    context.thing(&done, &facts)
}

pub(in crate::cli) async fn end(args: UnassignArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = find::guest(&reader, &args.guest).await?;
    let app = find::app(&reader, &args.app).await?;
    context.confirm(&format!(
        "This ends the access of {} to \"{}\", and revokes every token that it holds.",
        guest.email.as_str(),
        app.client_id
    ))?;
    let by = context.operator();
    let changed = unassign(&core, by, guest.id, app.id, args.reason.as_deref()).await?;
    say(context, changed, guest.email.as_str(), "access ended")
}

pub(in crate::cli) async fn list(args: AssignmentListArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let (reader, now) = (core.store.reader(), core.now());
    let of = match &args.guest {
        Some(named) => Some(find::guest(&reader, named).await?),
        None => None,
    };
    let to = match &args.app {
        Some(client_id) => Some(find::app(&reader, client_id).await?),
        None => None,
    };
    let filter = AssignmentFilter {
        guest: of.as_ref().map(|guest| guest.id),
        app: to.map(|app| app.id),
        after: None,
        limit: args.limit,
    };
    let apps = reader.apps().await?;
    let apps: HashMap<_, _> = apps.into_iter().map(|app| (app.id, app)).collect();
    let mut lines = Vec::new();
    for assignment in reader.assignments(&filter).await? {
        let guest = match &of {
            Some(guest) => Some(guest.clone()),
            None => reader.guest(assignment.guest).await?,
        };
        if let Some((guest, app)) = guest.zip(apps.get(&assignment.app)) {
            lines.push(AssignmentLine::new(assignment, &guest, app, now));
        }
    }
    context.rows(&lines)
}
