//! Invitations, and what became of their mails.

use std::collections::HashMap;

use actions::DeliveryStatus;
use clap::{Args, ValueEnum};
use domain::{
    EmailAddress, Id,
    invitation::{Invitation, Standing},
};
use serde::Serialize;
use store::{InvitationFilter, Reader};

use crate::cli::{
    CliError,
    context::Context,
    find,
    output::{Row, moment, or_dash},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule invite list --app notes --state pending
  vestibule invite list --sponsor lee@acme.example
  vestibule invite list --guest anna@contoso.example -o json")]
pub(in crate::cli) struct InviteListArgs {
    /// Filter by guest (address or ID)
    #[arg(long)]
    guest: Option<String>,
    /// Filter by app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
    /// Filter by who answers for them (address)
    #[arg(long, value_name = "ADDRESS", value_parser = find::address)]
    sponsor: Option<EmailAddress>,
    /// Filter by state
    #[arg(long, value_enum)]
    state: Option<InvitationFilterState>,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum InvitationFilterState {
    /// Not yet redeemed
    Pending,
    /// The guest has signed in
    Redeemed,
    /// Revoked
    Revoked,
    /// Declined by the guest
    Declined,
    /// Expired
    Expired,
}

/// An invitation.
#[derive(Serialize)]
struct InvitationLine {
    id: String,
    email: String,
    app: String,
    state: &'static str,
    invited_by: String,
    created_at: String,
    expires_at: String,
    access_until: Option<String>,
    /// When somebody first began to sign in by its link.
    opened_at: Option<String>,
}

impl Row for InvitationLine {
    const SEVERAL: &'static str = "invitations";
    const HEADS: &'static [&'static str] =
        &["ID", "EMAIL", "APP", "STATE", "INVITED BY", "CREATED", "EXPIRES"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.email.clone(),
            self.app.clone(),
            self.state.to_owned(),
            self.invited_by.clone(),
            self.created_at.clone(),
            self.expires_at.clone(),
        ]
    }
}

/// One of them, whole.
#[derive(Serialize)]
struct InvitationDetails {
    #[serde(flatten)]
    row: InvitationLine,
    about: Option<String>,
    message: Option<String>,
    reply_to: Option<String>,
    language: Option<String>,
    /// The groups into which the guest comes with it.
    groups: Vec<String>,
    mail: String,
}

pub(super) async fn list(args: InviteListArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let (reader, now) = (core.store.reader(), core.now());
    let guest = match &args.guest {
        Some(named) => Some(find::guest(&reader, named).await?.id),
        None => None,
    };
    let app = match &args.app {
        Some(client_id) => Some(find::app(&reader, client_id).await?.id),
        None => None,
    };
    let standing = args.state.map(|state| match state {
        InvitationFilterState::Pending => Standing::Pending,
        InvitationFilterState::Redeemed => Standing::Redeemed,
        InvitationFilterState::Revoked => Standing::Revoked,
        InvitationFilterState::Declined => Standing::Declined,
        InvitationFilterState::Expired => Standing::Expired,
    });
    let filter = InvitationFilter {
        guest,
        app,
        sponsor: args.sponsor,
        standing: standing.map(|standing| (standing, now)),
        after: None,
        limit: args.limit,
    };
    let apps = reader.apps().await?.into_iter();
    let apps: HashMap<_, _> = apps.map(|app| (app.id, app.client_id)).collect();
    let mut rows = Vec::new();
    for invitation in reader.invitations(&filter).await? {
        let app = apps.get(&invitation.app).cloned();
        rows.push(row(&reader, &invitation, app.unwrap_or_default(), now).await?);
    }
    context.rows(&rows)
}

pub(super) async fn show(id: Id<Invitation>, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let (reader, now) = (core.store.reader(), core.now());
    let found = reader.invitation(id).await?;
    let invitation = found.ok_or_else(|| CliError::NotFound(format!("there is no invitation \"{id}\"")))?;
    let app = reader.app(invitation.app).await?;
    let app = app.map(|app| app.client_id).unwrap_or_default();
    let groups = reader.groups_of_invitation(invitation.id).await?.into_iter();
    let details = InvitationDetails {
        groups: groups.map(|group| group.name).collect(),
        row: row(&reader, &invitation, app, now).await?,
        mail: in_words(&DeliveryStatus::of(&reader, &invitation).await?),
        about: invitation.terms.about,
        message: invitation.terms.message,
        reply_to: invitation.terms.reply_to,
        language: invitation.terms.language,
    };
    let facts = [
        ("invitation", details.row.id.clone()),
        ("email", details.row.email.clone()),
        ("app", details.row.app.clone()),
        (
            "groups",
            or_dash((!details.groups.is_empty()).then(|| details.groups.join(" "))),
        ),
        ("state", details.row.state.to_owned()),
        ("invited by", details.row.invited_by.clone()),
        ("about", or_dash(details.about.as_ref())),
        ("message", or_dash(details.message.as_ref())),
        ("answers to", or_dash(details.reply_to.as_ref())),
        ("language", or_dash(details.language.as_ref())),
        ("created", details.row.created_at.clone()),
        ("expires", details.row.expires_at.clone()),
        ("access until", or_dash(details.row.access_until.as_ref())),
        ("mail", details.mail.clone()),
        ("opened", or_dash(details.row.opened_at.as_ref())),
    ];
    context.thing(&details, &facts)
}

async fn row(
    reader: &Reader,
    invitation: &Invitation,
    app: String,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<InvitationLine, CliError> {
    let guest = reader.guest(invitation.guest).await?;
    Ok(InvitationLine {
        id: invitation.id.to_string(),
        email: guest
            .map(|guest| guest.email.as_str().to_owned())
            .unwrap_or_default(),
        app,
        state: invitation.standing(now).name(),
        invited_by: invitation.terms.invited_by.clone(),
        created_at: moment(invitation.created_at),
        expires_at: moment(invitation.expires_at),
        access_until: invitation.terms.access_until.map(moment),
        opened_at: invitation.opened_at.map(moment),
    })
}

/// What became of its newest mail, in words.
fn in_words(mail: &DeliveryStatus) -> String {
    match mail {
        DeliveryStatus::Queued => "waits to be sent: `vestibule mail list` says since when".into(),
        DeliveryStatus::Deferred(said) => {
            format!("deferred: the mail server said \"{said}\"; it is tried again")
        }
        DeliveryStatus::Accepted(at) => format!("accepted by the mail server on {}", moment(*at)),
        DeliveryStatus::Bounced(at, why) => format!("not sent ({why}) on {}", moment(*at)),
        DeliveryStatus::Unmailed => "none: whoever invited hands the link on".into(),
        DeliveryStatus::Unknown => "none is recorded".into(),
    }
}
