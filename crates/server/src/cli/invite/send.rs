//! `vestibule invite send`.

use admin::actions::{ActionError, Invite, Pin, invite_guest};
use clap::Args;
use serde::Serialize;

use super::terms::TermsArgs;
use crate::cli::{CliError, context::Context, output::moment};

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
    #[command(flatten)]
    terms: TermsArgs,
    /// Send no email; print the link, which signs nobody in
    #[arg(long)]
    no_mail: bool,
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
    /// Where no email carries it.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<String>,
}

pub(super) async fn run(args: SendArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let invite = Invite {
        email: args.email,
        app: args.app,
        name: args.name,
        terms: args.terms.terms(&core),
        pin: args.pin,
        look_alike_is_meant: false,
        idempotency_key: None,
        is_unmailed: args.no_mail,
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
        link: invited.link(&core),
        id: invited.invitation.id.to_string(),
        email: invited.guest.email.as_str().to_owned(),
        app: invited.app.client_id,
        method: invited.preview.method,
        preview: invited.preview.text,
        expires_at: moment(invited.invitation.expires_at),
    };
    let mut facts = vec![
        ("invitation", sent.id.clone()),
        ("email", sent.email.clone()),
        ("app", sent.app.clone()),
        ("expires", sent.expires_at.clone()),
        ("sign-in", sent.preview.clone()),
    ];
    facts.extend(sent.link.clone().map(|link| ("link", link)));
    context.thing(&sent, &facts)
}
