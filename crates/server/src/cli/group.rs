//! `vestibule group add|list|show|set|remove|guests`.

use actions::{GroupChange, add_group, change_group, remove_group};
use admin::{GroupAssignmentEntry, GroupEntry};
use clap::{Args, Subcommand};
use store::GroupAssignmentFilter;

use super::{
    CliError,
    context::Context,
    find,
    output::{Row, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum GroupCommand {
    /// Add a group: guests who can use the same apps
    Add(GroupAddArgs),
    /// List groups
    List,
    /// Show one group
    Show {
        /// Its name
        name: String,
    },
    /// Change a group: its name, its apps
    Set(GroupSetArgs),
    /// Remove a group; its guests stay in the directory
    Remove {
        /// Its name
        name: String,
    },
    /// List the guests of a group
    Guests(GroupGuestsArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule group add auditors --app notes --app files

Guests come into it by `guest assign ADDRESS --group auditors`.")]
pub(super) struct GroupAddArgs {
    /// Its name: lower-case letters, digits, dots, dashes and underscores
    name: String,
    /// App that its guests can use (client ID); can be given more than once
    #[arg(long, value_name = "CLIENT_ID")]
    app: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule group set auditors --add-app wiki
  vestibule group set auditors --remove-app files --name auditors-2027

Guests whose access to an app was ended by `guest unassign` stay out of it when it comes into their group.")]
pub(super) struct GroupSetArgs {
    /// Its name
    called: String,
    /// New name
    #[arg(long, value_name = "NAME", required_unless_present_any = ["add_app", "remove_app"])]
    name: Option<String>,
    /// App that its guests can use as well (client ID); can be given more than once
    #[arg(long, value_name = "CLIENT_ID")]
    add_app: Vec<String>,
    /// App that its guests can no longer use through it (client ID); can be given more than once
    #[arg(long, value_name = "CLIENT_ID")]
    remove_app: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule group guests auditors -o json")]
pub(super) struct GroupGuestsArgs {
    /// Its name
    name: String,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

impl Row for GroupEntry {
    const SEVERAL: &'static str = "groups";
    const HEADS: &'static [&'static str] = &["NAME", "APPS", "CREATED"];

    fn cells(&self) -> Vec<String> {
        let apps = (!self.apps.is_empty()).then(|| self.apps.join(" "));
        vec![self.name.clone(), or_dash(apps), self.created_at.clone()]
    }
}

impl Row for GroupAssignmentEntry {
    const SEVERAL: &'static str = "guests";
    const HEADS: &'static [&'static str] = &["EMAIL", "FROM", "UNTIL", "ACTIVE", "SPONSOR"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.email.clone(),
            self.starts_at.clone(),
            or_dash(self.ends_at.as_ref()),
            if self.active { "yes" } else { "no" }.to_owned(),
            or_dash(self.sponsor.as_ref()),
        ]
    }
}

pub(super) async fn run(command: GroupCommand, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let by = context.operator();
    let group = match command {
        GroupCommand::Add(args) => add_group(&core, by, &args.name, &args.app).await?,
        GroupCommand::Show { name } => find::group(&reader, &name).await?,
        GroupCommand::Set(args) => {
            if !args.remove_app.is_empty() {
                context.confirm(&format!(
                    "Guests of \"{}\" can no longer use {} through it, and the tokens of those who have no other access are revoked.",
                    args.called,
                    args.remove_app.join(", ")
                ))?;
            }
            let change = GroupChange {
                name: args.name,
                add_apps: args.add_app,
                remove_apps: args.remove_app,
            };
            change_group(&core, by, &args.called, change).await?
        }
        GroupCommand::List => {
            let apps = reader.apps().await?;
            let groups = reader.groups().await?.into_iter();
            let rows: Vec<GroupEntry> = groups.map(|group| GroupEntry::new(group, &apps)).collect();
            return context.rows(&rows);
        }
        GroupCommand::Guests(args) => return guests(args, context).await,
        GroupCommand::Remove { name } => {
            find::group(&reader, &name).await?;
            context.confirm(&format!(
                "The group \"{name}\" is removed; guests who have access through it alone lose it at once. Go on?"
            ))?;
            remove_group(&core, by, &name).await?;
            context.remark(&format!("{name} is removed."));
            return Ok(());
        }
    };
    let entry = GroupEntry::new(group, &reader.apps().await?);
    let facts = [
        ("name", entry.name.clone()),
        (
            "apps",
            or_dash((!entry.apps.is_empty()).then(|| entry.apps.join(" "))),
        ),
        ("created", entry.created_at.clone()),
    ];
    context.thing(&entry, &facts)
}

async fn guests(args: GroupGuestsArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let (reader, now) = (core.store.reader(), core.now());
    let group = find::group(&reader, &args.name).await?;
    let filter = GroupAssignmentFilter {
        guest: None,
        group: Some(group.id),
        after: None,
        limit: args.limit,
    };
    let mut rows = Vec::new();
    for assignment in reader.group_assignments(&filter).await? {
        if let Some(guest) = reader.guest(assignment.guest).await? {
            rows.push(GroupAssignmentEntry::new(
                assignment,
                &guest,
                group.name.clone(),
                now,
            ));
        }
    }
    context.rows(&rows)
}
