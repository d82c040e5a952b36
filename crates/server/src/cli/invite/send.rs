//! `vestibule invite send`.

use admin::actions::{ActionError, Invite, Pin, invite_guest};
use chrono::{DateTime, Utc};
use clap::Args;
use domain::invitation::InvitationTerms;
use serde::Serialize;

use crate::cli::{CliError, audit, context::Context, output::moment};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule invite send anna@contoso.example --app notes
  vestibule invite send anna@contoso.example --app notes --by Lee --about \"Q3 kickoff notes\" \\
      --message \"Comments until Friday, please.\" --until 2027-03-01T00:00:00Z")]
pub(in crate::cli) struct SendArgs {
    /// Email address of the guest
    email: String,
    /// The app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: String,
    /// The guest's name
    #[arg(long)]
    name: Option<String>,
    /// Name of the inviter shown in the email [default: the organisation's name]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// Reply-to address of the email
    #[arg(long, value_name = "EMAIL")]
    reply_to: Option<String>,
    /// Subject of the invitation, for example a document title
    #[arg(long, value_name = "TEXT")]
    about: Option<String>,
    /// Message in the email: plain text, at most 500 characters
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// Language of the email, such as `de`
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// End of the guest's access to the app
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    until: Option<DateTime<Utc>>,
    /// Pin the guest to a sign-in method: `passcode`, `tenant:NAME` or `provider:NAME`
    #[arg(long, value_name = "METHOD")]
    pin: Option<Pin>,
}

#[derive(Serialize)]
struct Sent {
    id: String,
    email: String,
    app: String,
    method: &'static str,
    preview: String,
    expires_at: String,
}

pub(super) async fn run(args: SendArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let invite = Invite {
        email: args.email,
        app: args.app,
        name: args.name,
        terms: InvitationTerms {
            // The name of the operating system's user, such as root, would look like phishing.
            invited_by: args.by.unwrap_or_else(|| core.settings.organisation.clone()),
            reply_to: args.reply_to,
            about: args.about,
            message: args.message,
            language: args.language,
            access_until: args.until,
        },
        pin: args.pin,
        look_alike_is_meant: false,
        idempotency_key: None,
    };
    let invited = match invite_guest(&core, context.operator(), invite.clone()).await {
        Err(error @ ActionError::LookAlike { .. }) => {
            context.confirm(&format!("{error}. Go on?"))?;
            let look_alike_is_meant = true;
            let invite = Invite {
                look_alike_is_meant,
                ..invite
            };
            invite_guest(&core, context.operator(), invite).await?
        }
        invited => invited?,
    };
    let sent = Sent {
        id: invited.invitation.id.to_string(),
        email: invited.guest.email.as_str().to_owned(),
        app: invited.app.client_id,
        method: invited.preview.method,
        preview: invited.preview.text,
        expires_at: moment(invited.invitation.expires_at),
    };
    let facts = [
        ("invitation", sent.id.clone()),
        ("email", sent.email.clone()),
        ("app", sent.app.clone()),
        ("expires", sent.expires_at.clone()),
        ("sign-in", sent.preview.clone()),
    ];
    context.thing(&sent, &facts)
}
