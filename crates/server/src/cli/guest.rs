//! `vestibule guest`: what operators do with guests, a file for each kind of act.

mod assign;
mod due;
mod groups;
mod life;
mod line;
mod passkeys;
mod pin_method;
mod reset_method;

use std::collections::HashSet;

use actions::reset_codes;
use clap::{Args, Subcommand, ValueEnum};
use domain::{EmailAddress, guest::GuestStatus};
use serde::Serialize;
use store::{GuestFilter, InvitationFilter};

pub(super) use self::line::GuestLine;
use self::line::say;
use super::{
    CliError,
    context::Context,
    find,
    output::{moment, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum GuestCommand {
    /// List guests
    List(GuestListArgs),
    /// Show one guest: apps, sessions
    Show {
        /// The guest's address or ID
        guest: String,
    },
    /// Assign a guest to an app, without an invitation
    Assign(assign::AssignArgs),
    /// End a guest's access to an app: revokes its tokens and invitations
    Unassign(assign::UnassignArgs),
    /// List which guests are assigned to which apps
    Assignments(assign::AssignmentListArgs),
    /// List the groups that a guest is in, and was
    Groups(groups::GroupListArgs),
    /// Block a guest: ends all sessions and revokes tokens
    Block(life::BlockArgs),
    /// Unblock a guest
    Unblock {
        /// The guest's address or ID
        guest: String,
    },
    /// Set when a guest's access to every app ends
    SetExpiry(life::ExpiryArgs),
    /// Remove a guest: ends all sessions, revokes tokens and invitations; can be undone for a while
    Remove(life::RemoveArgs),
    /// Restore a removed or converted guest
    Restore {
        /// The guest's address or ID
        guest: String,
    },
    /// Convert a guest into a member of the organisation: they no longer sign in as a guest
    Convert(life::ConvertArgs),
    /// Erase a removed guest for ever
    Erase(life::EraseArgs),
    /// List the guests whom a rule will block or remove
    Due(due::DueArgs),
    /// Reset how guests sign in; it is chosen again at their next sign-in. Ends their sessions; they are notified by email
    ResetMethod(reset_method::ResetArgs),
    /// Pin a guest to one sign-in method
    PinMethod(pin_method::PinArgs),
    /// List the passkeys of a guest
    Passkeys(passkeys::PasskeyListArgs),
    /// Remove a passkey of a guest; they sign in by code again
    RemovePasskey(passkeys::PasskeyRemoveArgs),
    /// Allow codes to an address again, after too many wrong ones in a row
    #[command(after_help = "Example:
  vestibule guest reset-codes anna@contoso.example")]
    ResetCodes {
        /// The address
        #[arg(value_name = "ADDRESS")]
        email: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest list --search contoso --status active -o json")]
pub(super) struct GuestListArgs {
    /// Filter by part of the address or the name
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Filter by status
    #[arg(long, value_enum)]
    status: Option<StatusChoice>,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum StatusChoice {
    /// Invited, never signed in
    Invited,
    /// Has signed in
    Active,
    /// Blocked
    Blocked,
    /// Works for the organisation by now
    Converted,
    /// Removed, can be restored
    Removed,
}

/// A guest with what they may use and where they are signed in.
#[derive(Serialize)]
struct GuestDetails {
    #[serde(flatten)]
    row: GuestLine,
    status_since: String,
    /// When their access to every app ends.
    valid_until: Option<String>,
    /// The short name of the tenant or provider of `method`.
    method_upstream: Option<String>,
    /// The method to which an operator has pinned the guest, with its tenant or provider.
    pinned_method: Option<String>,
    apps: Vec<String>,
    sessions: usize,
    passkeys: usize,
    /// Since when they do not want to be invited any more.
    invitations_blocked_since: Option<String>,
}

pub(super) async fn run(command: GuestCommand, context: &Context) -> Result<(), CliError> {
    match command {
        GuestCommand::List(args) => list(args, context).await,
        GuestCommand::Show { guest } => show(&guest, context).await,
        GuestCommand::Block(args) => life::block(args, context).await,
        GuestCommand::Unblock { guest } => life::unblock(&guest, context).await,
        GuestCommand::SetExpiry(args) => life::expire(args, context).await,
        GuestCommand::Remove(args) => life::remove(args, context).await,
        GuestCommand::Restore { guest } => life::restore(&guest, context).await,
        GuestCommand::Convert(args) => life::convert(args, context).await,
        GuestCommand::Erase(args) => life::erase(args, context).await,
        GuestCommand::Due(args) => due::list(args, context).await,
        GuestCommand::Assign(args) => assign::run(args, context).await,
        GuestCommand::Unassign(args) => assign::end(args, context).await,
        GuestCommand::Assignments(args) => assign::list(args, context).await,
        GuestCommand::ResetMethod(args) => reset_method::run(args, context).await,
        GuestCommand::Groups(args) => groups::list(args, context).await,
        GuestCommand::Passkeys(args) => passkeys::list(args, context).await,
        GuestCommand::RemovePasskey(args) => passkeys::remove(args, context).await,
        GuestCommand::PinMethod(args) => pin_method::run(args, context).await,
        GuestCommand::ResetCodes { email } => {
            let core = context.core().await?;
            let email = EmailAddress::parse(&email)
                .map_err(|error| CliError::Usage(format!("\"{email}\" is not an address: it {error}")))?;
            let changed = reset_codes(&core, context.operator(), &email).await?;
            say(context, changed, email.as_str(), "gets codes again")
        }
    }
}

async fn list(args: GuestListArgs, context: &Context) -> Result<(), CliError> {
    let filter = GuestFilter {
        search: args.search,
        status: args.status.map(|status| match status {
            StatusChoice::Invited => GuestStatus::Invited,
            StatusChoice::Active => GuestStatus::Active,
            StatusChoice::Blocked => GuestStatus::Blocked,
            StatusChoice::Converted => GuestStatus::Converted,
            StatusChoice::Removed => GuestStatus::Removed,
        }),
        limit: args.limit,
        ..GuestFilter::default()
    };
    let guests = context.core().await?.store.reader().guests(&filter).await?;
    context.rows(&guests.iter().map(GuestLine::from).collect::<Vec<_>>())
}

async fn show(named: &str, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let guest = find::guest(&core.store.reader(), named).await?;
    let (reader, now) = (core.store.reader(), core.now());
    let groups = reader.groups().await?;
    let mut apps = Vec::new();
    for assignment in reader.assignments_of(guest.id).await? {
        if let Some(app) = reader.app(assignment.app).await? {
            let group = groups.iter().find(|group| Some(group.id) == assignment.group);
            let through = group.map(|group| format!(" (group {})", group.name));
            let note = if assignment.is_active(now) {
                ""
            } else {
                " (not now)"
            };
            apps.push(format!("{}{}{note}", app.client_id, through.unwrap_or_default()));
        }
    }
    let open = InvitationFilter {
        guest: Some(guest.id),
        app: None,
        sponsor: None,
        standing: None,
        after: None,
        limit: 100,
    };
    // Invited several times to one app: the newest counts, and comes first.
    let mut seen = HashSet::new();
    for invitation in reader.invitations(&open).await? {
        if !seen.insert(invitation.app) || !invitation.is_open(now) {
            continue;
        }
        if let Some(app) = reader.app(invitation.app).await? {
            let ends = invitation.terms.access_until.map(moment);
            let ends = ends.map_or_else(String::new, |at| format!(", access ends {at}"));
            let until = moment(invitation.expires_at);
            let line = format!("{} (invited, can be accepted until {until}{ends})", app.client_id);
            apps.push(line);
        }
    }
    let details = GuestDetails {
        row: GuestLine::from(&guest),
        status_since: moment(guest.status_since),
        valid_until: guest.valid_until.map(moment),
        method_upstream: match guest.method {
            Some(method) => reader.upstream_of(method).await?.map(|upstream| upstream.name),
            None => None,
        },
        pinned_method: match guest.pinned_method {
            Some(method) => {
                let upstream = reader.upstream_of(method).await?.map(|upstream| upstream.name);
                Some(with_upstream(method.kind(), upstream.as_ref()))
            }
            None => None,
        },
        apps,
        sessions: reader.sessions_of(guest.id, now).await?.len(),
        passkeys: reader.passkeys_of(guest.id).await?.len(),
        invitations_blocked_since: reader.invitations_blocked_since(guest.id).await?.map(moment),
    };
    let method = details.row.method;
    let method = method.map(|kind| with_upstream(kind, details.method_upstream.as_ref()));
    let apps = (!details.apps.is_empty()).then(|| details.apps.join("\n"));
    let facts = [
        ("email", details.row.email.clone()),
        ("name", or_dash(details.row.name.as_ref())),
        ("id", details.row.id.clone()),
        ("sub", details.row.sub.clone()),
        (
            "status",
            format!("{}, since {}", details.row.status, details.status_since),
        ),
        ("access ends", or_dash(details.valid_until.as_ref())),
        ("method", or_dash(method)),
        ("pinned to", or_dash(details.pinned_method.as_ref())),
        ("last sign-in", or_dash(details.row.last_sign_in_at.as_ref())),
        ("apps", or_dash(apps)),
        ("sessions", details.sessions.to_string()),
        ("passkeys", details.passkeys.to_string()),
        (
            "invitations blocked since",
            or_dash(details.invitations_blocked_since.as_ref()),
        ),
    ];
    context.thing(&details, &facts)
}

fn with_upstream(kind: &str, upstream: Option<&String>) -> String {
    upstream.map_or_else(|| kind.to_owned(), |name| format!("{kind} ({name})"))
}
