//! `vestibule guest assign|unassign|assignments`.

use std::collections::HashMap;

use actions::{NewAssignment, NewGroupAssignment, assign, assign_to_group, unassign, unassign_from_group};
use admin::GroupAssignmentEntry;
use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args};
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
#[command(group(ArgGroup::new("assigned").required(true).args(["app", "group"])))]
#[command(after_help = "Examples:
  vestibule guest assign anna@contoso.example --app notes
  vestibule guest assign anna@contoso.example --app notes --until 2027-03-01T00:00:00Z --reason \"kickoff\" --sponsor lee@acme.example
  vestibule guest assign anna@contoso.example --group auditors

Nobody is mailed: `invite send` invites. Assigned again, the new times count; `unassign` ends the access at once.
A guest in a group can use all of its apps, from now on.")]
pub(in crate::cli) struct AssignArgs {
    /// The guest's address or ID
    guest: String,
    /// The app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// The group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Start of the guest's access to the app [default: now]
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment, conflicts_with = "group")]
    from: Option<DateTime<Utc>>,
    /// End of the guest's access
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    until: Option<DateTime<Utc>>,
    /// Reason, kept with the assignment
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Address of the person answerable for the guest, at which they are asked; or a name
    #[arg(long, value_name = "ADDRESS")]
    sponsor: Option<String>,
}

#[derive(Debug, Args)]
#[command(group(ArgGroup::new("assigned").required(true).args(["app", "group"])))]
#[command(after_help = "Examples:
  vestibule guest unassign anna@contoso.example --app notes --reason \"project is over\" --yes
  vestibule guest unassign anna@contoso.example --group auditors --yes

Invitations to the app are revoked as well, and no group lets the guest into it until they are assigned again.
Sessions go on, for other apps: `guest block` ends them.")]
pub(in crate::cli) struct UnassignArgs {
    /// The guest's address or ID
    guest: String,
    /// The app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// The group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// Reason, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule guest assignments anna@contoso.example
  vestibule guest assignments --app notes -o json
  vestibule guest assignments --group auditors

Guests' own and those through groups.")]
pub(in crate::cli) struct AssignmentListArgs {
    /// Only this guest's: address or ID
    guest: Option<String>,
    /// Only those to this app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Only those through this group
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
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
    /// The group through which the guest has it.
    group: Option<String>,
}

impl AssignmentLine {
    fn new(
        assignment: Assignment,
        guest: &Guest,
        app: &App,
        group: Option<String>,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            email: guest.email.as_str().to_owned(),
            app: app.client_id.clone(),
            from: moment(assignment.starts_at),
            until: assignment.ends_at.map(moment),
            active: assignment.is_active(now),
            reason: assignment.reason,
            sponsor: assignment.sponsor,
            group,
        }
    }
}

impl Row for AssignmentLine {
    const SEVERAL: &'static str = "assignments";
    const HEADS: &'static [&'static str] = &["EMAIL", "APP", "FROM", "UNTIL", "ACTIVE", "GROUP", "SPONSOR"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.email.clone(),
            self.app.clone(),
            self.from.clone(),
            or_dash(self.until.as_ref()),
            if self.active { "yes" } else { "no" }.to_owned(),
            or_dash(self.group.as_ref()),
            or_dash(self.sponsor.as_ref()),
        ]
    }
}

pub(in crate::cli) async fn run(args: AssignArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = find::guest(&reader, &args.guest).await?;
    let by = context.operator();
    if let Some(group) = args.group {
        let new = NewGroupAssignment {
            guest: guest.id,
            group: group.clone(),
            ends_at: args.until,
            reason: args.reason,
            sponsor: args.sponsor,
        };
        let assignment = assign_to_group(&core, by, new).await?;
        let done = GroupAssignmentEntry::new(assignment, &guest, group, core.now());
        let facts = [
            ("email", done.email.clone()),
            ("group", done.group.clone()),
            ("from", done.starts_at.clone()),
            ("until", or_dash(done.ends_at.as_ref())),
            ("reason", or_dash(done.reason.as_ref())),
            ("sponsor", or_dash(done.sponsor.as_ref())),
        ];
        return context.thing(&done, &facts);
    }
    let app = find::app(&reader, &args.app.unwrap_or_default()).await?;
    let new = NewAssignment {
        guest: guest.id,
        app: app.id,
        starts_at: args.from,
        ends_at: args.until,
        reason: args.reason,
        sponsor: args.sponsor,
    };
    let assignment = assign(&core, by, new).await?;
    let done = AssignmentLine::new(assignment, &guest, &app, None, core.now());
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
    let (by, reason) = (context.operator(), args.reason.as_deref());
    if let Some(name) = &args.group {
        find::group(&reader, name).await?;
        context.confirm(&format!(
            "This takes {} out of \"{name}\", and revokes the tokens of its apps that they cannot use otherwise.",
            guest.email.as_str()
        ))?;
        let changed = unassign_from_group(&core, by, guest.id, name, reason).await?;
        return say(context, changed, guest.email.as_str(), "taken out of the group");
    }
    let app = find::app(&reader, &args.app.unwrap_or_default()).await?;
    context.confirm(&format!(
        "This ends the access of {} to \"{}\", and revokes every token that it holds.",
        guest.email.as_str(),
        app.client_id
    ))?;
    let changed = unassign(&core, by, guest.id, app.id, reason).await?;
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
        group: match &args.group {
            Some(name) => Some(find::group(&reader, name).await?.id),
            None => None,
        },
        after: None,
        limit: args.limit,
    };
    let apps = reader.apps().await?;
    let apps: HashMap<_, _> = apps.into_iter().map(|app| (app.id, app)).collect();
    let groups = reader.groups().await?;
    let mut lines = Vec::new();
    for assignment in reader.assignments(&filter).await? {
        let guest = match &of {
            Some(guest) => Some(guest.clone()),
            None => reader.guest(assignment.guest).await?,
        };
        if let Some((guest, app)) = guest.zip(apps.get(&assignment.app)) {
            let group = groups.iter().find(|group| Some(group.id) == assignment.group);
            let group = group.map(|group| group.name.clone());
            lines.push(AssignmentLine::new(assignment, &guest, app, group, now));
        }
    }
    context.rows(&lines)
}
