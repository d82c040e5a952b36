//! `vestibule guest passkeys|remove-passkey`.

use clap::Args;
use domain::passkey::Passkey;
use serde::Serialize;
use sign_in::passkey::remove::remove_passkey;

use super::line::say;
use crate::cli::{
    CliError,
    context::Context,
    find,
    output::{Row, moment, or_dash},
};

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest passkeys anna@contoso.example")]
pub(in crate::cli) struct PasskeyListArgs {
    /// The guest's address or ID
    guest: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest remove-passkey anna@contoso.example 01a40051-6a80-7e8d-8775-d1abf24678ae

What the passkey has signed in stays signed in: `guest reset-method` ends that as well.")]
pub(in crate::cli) struct PasskeyRemoveArgs {
    /// The guest's address or ID
    guest: String,
    /// The passkey's ID, from `guest passkeys`
    #[arg(value_name = "PASSKEY")]
    passkey: String,
}

#[derive(Serialize)]
struct PasskeyLine {
    id: String,
    kind: &'static str,
    created_at: String,
    used_at: Option<String>,
}

impl From<&Passkey> for PasskeyLine {
    fn from(passkey: &Passkey) -> Self {
        Self {
            id: passkey.id.to_string(),
            kind: passkey.kind.name(),
            created_at: moment(passkey.created_at),
            used_at: passkey.used_at.map(moment),
        }
    }
}

impl Row for PasskeyLine {
    const SEVERAL: &'static str = "passkeys";
    const HEADS: &'static [&'static str] = &["PASSKEY", "KIND", "CREATED", "LAST USED"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.kind.to_owned(),
            self.created_at.clone(),
            or_dash(self.used_at.as_ref()),
        ]
    }
}

pub(super) async fn list(args: PasskeyListArgs, context: &Context) -> Result<(), CliError> {
    let reader = context.core().await?.store.reader();
    let guest = find::guest(&reader, &args.guest).await?;
    let passkeys = reader.passkeys_of(guest.id).await?;
    context.rows(&passkeys.iter().map(PasskeyLine::from).collect::<Vec<_>>())
}

pub(super) async fn remove(args: PasskeyRemoveArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let guest = find::guest(&core.store.reader(), &args.guest).await?;
    let named = &args.passkey;
    let id = named.parse().map_err(|_| {
        CliError::Usage(format!(
            "\"{named}\" is not the id of a passkey: `vestibule guest passkeys` lists them"
        ))
    })?;
    if !remove_passkey(&core, context.operator(), guest.id, id).await? {
        let text = format!("{} has no passkey \"{named}\"", guest.email.as_str());
        return Err(CliError::NotFound(text));
    }
    say(context, true, guest.email.as_str(), "no longer has this passkey")
}
