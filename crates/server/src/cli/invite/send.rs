//! `vestibule invite send`.

use actions::{ActionError, Invite, Pin, invite_guest};
use clap::Args;
use serde::Serialize;
use sign_in::Core;

use super::terms::TermsArgs;
use crate::cli::{
    CliError,
    context::Context,
    output::{Row, moment, or_dash},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule invite send anna@contoso.example --app notes
  vestibule invite send anna@contoso.example bob@fabrikam.example --app notes
  vestibule invite send anna@contoso.example --app notes --group auditors
  vestibule invite send anna@contoso.example --app notes --by Lee --about \"Q3 kickoff notes\" \\
      --message \"Comments until Friday, please.\" --until 2027-03-01T00:00:00Z")]
pub(in crate::cli) struct SendArgs {
    /// Email addresses of the guests
    #[arg(value_name = "EMAIL", required = true)]
    emails: Vec<String>,
    /// The app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: String,
    /// Group into which the guest comes with the invitation; can be given more than once
    #[arg(long = "group", value_name = "NAME")]
    groups: Vec<String>,
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

impl Row for Sent {
    const SEVERAL: &'static str = "invitations";
    const HEADS: &'static [&'static str] = &["EMAIL", "INVITATION", "SIGN-IN", "LINK"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.email.clone(),
            self.id.clone(),
            self.method.to_owned(),
            or_dash(self.link.as_ref()),
        ]
    }
}

pub(super) async fn run(args: SendArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let SendArgs {
        emails,
        app,
        groups,
        name,
        terms,
        no_mail,
        pin,
    } = args;
    if name.is_some() && emails.len() > 1 {
        return Err(CliError::Usage(
            "--name is one guest's: `invite import` reads names of many".into(),
        ));
    }
    let to_each = Invite {
        app,
        groups,
        name,
        terms: terms.terms(&core),
        pin,
        is_unmailed: no_mail,
        ..Invite::default()
    };
    let of = |email: &String| Invite {
        email: email.clone(),
        ..to_each.clone()
    };
    if let [email] = emails.as_slice() {
        let sent = send(of(email), &core, context).await?;
        return context.thing(&sent, &sent.facts());
    }
    let (mut sent, mut failed) = (Vec::new(), Vec::new());
    for email in &emails {
        match send(of(email), &core, context).await {
            Ok(one) => sent.push(one),
            // Nothing that follows would be answered either.
            Err(error @ CliError::Unreachable(_)) => return Err(error),
            Err(error) => {
                let text = error.to_string();
                failed.push(format!(
                    "{email}: {}",
                    text.strip_prefix("error: ").unwrap_or(&text)
                ));
            }
        }
    }
    context.rows(&sent)?;
    let text = failed.join("\n");
    match (sent.is_empty(), failed.is_empty()) {
        (_, true) => Ok(()),
        (true, false) => Err(CliError::Failed(format!("nobody was invited\n{text}"))),
        (false, false) => Err(CliError::Partly(format!(
            "{} of {} were not invited\n{text}",
            failed.len(),
            emails.len()
        ))),
    }
}

/// Invites one guest; asks first where the address looks like another one.
async fn send(invite: Invite, core: &Core, context: &Context) -> Result<Sent, CliError> {
    let invited = match invite_guest(core, context.operator(), invite.clone()).await {
        Err(error @ ActionError::LookAlike { .. }) => {
            context.confirm(&format!("{error}. Go on?"))?;
            let look_alike_is_meant = true;
            let invite = Invite {
                look_alike_is_meant,
                ..invite
            };
            invite_guest(core, context.operator(), invite).await?
        }
        invited => invited?,
    };
    Ok(Sent {
        link: invited.link(core),
        id: invited.invitation.id.to_string(),
        email: invited.guest.email.as_str().to_owned(),
        app: invited.app.client_id,
        method: invited.preview.method,
        preview: invited.preview.text,
        expires_at: moment(invited.invitation.expires_at),
    })
}

impl Sent {
    fn facts(&self) -> Vec<(&'static str, String)> {
        let mut facts = vec![
            ("invitation", self.id.clone()),
            ("email", self.email.clone()),
            ("app", self.app.clone()),
            ("expires", self.expires_at.clone()),
            ("sign-in", self.preview.clone()),
        ];
        facts.extend(self.link.clone().map(|link| ("link", link)));
        facts
    }
}
