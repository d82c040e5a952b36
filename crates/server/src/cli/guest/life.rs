//! `vestibule guest block|unblock|set-expiry|remove|restore|convert|erase`.

use actions::{
    block_guest, convert_guest, erase_guest, remove_guest, restore_guest, set_expiry, unblock_guest,
};
use chrono::{DateTime, Utc};
use clap::{ArgGroup, Args};
use domain::guest::Guest;
use sign_in::Core;

use super::line::say;
use crate::cli::{CliError, audit, context::Context, find, output::moment};

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest block anna@contoso.example --reason \"project is over\" --yes")]
pub(in crate::cli) struct BlockArgs {
    #[command(flatten)]
    whom: WhomAndWhy,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest remove anna@contoso.example --reason \"left Contoso\" --yes

`guest restore` brings the guest back, with their apps, within guests.restorable_for (30 days); then they are erased.")]
pub(in crate::cli) struct RemoveArgs {
    #[command(flatten)]
    whom: WhomAndWhy,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest convert anna@contoso.example --reason \"hired in March\" --yes

They sign in as the organisation's people do from now on. `guest restore` makes them a guest again.")]
pub(in crate::cli) struct ConvertArgs {
    #[command(flatten)]
    whom: WhomAndWhy,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest erase anna@contoso.example --reason \"asked for it\" --yes

Only a guest who was removed. Sign-ins under way and mail that was sent are forgotten within days; backups keep what they hold.")]
pub(in crate::cli) struct EraseArgs {
    #[command(flatten)]
    whom: WhomAndWhy,
}

#[derive(Debug, Args)]
struct WhomAndWhy {
    /// The guest's address or ID
    guest: String,
    /// Reason, for the audit log
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("when").required(true).args(["until", "never"]))]
#[command(after_help = "Examples:
  vestibule guest set-expiry anna@contoso.example --until 2027-03-01T00:00:00Z
  vestibule guest set-expiry anna@contoso.example --never

A time that has come ends the guest's sessions and tokens at once.")]
pub(in crate::cli) struct ExpiryArgs {
    /// The guest's address or ID
    guest: String,
    /// End of the guest's access to every app
    #[arg(long, value_name = "TIME", value_parser = audit::parse_moment)]
    until: Option<DateTime<Utc>>,
    /// Remove the end
    #[arg(long)]
    never: bool,
}

pub(super) async fn block(args: BlockArgs, context: &Context) -> Result<(), CliError> {
    let (core, guest, reason) = args.whom.found(context).await?;
    context.confirm("This ends every session of the guest and revokes every token.")?;
    let changed = block_guest(&core, context.operator(), guest.id, reason.as_deref()).await?;
    say(context, changed, guest.email.as_str(), "blocked")
}

pub(super) async fn unblock(named: &str, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let guest = find::guest(&core.store.reader(), named).await?;
    let changed = unblock_guest(&core, context.operator(), guest.id).await?;
    say(context, changed, guest.email.as_str(), "unblocked")
}

pub(super) async fn remove(args: RemoveArgs, context: &Context) -> Result<(), CliError> {
    let (core, guest, reason) = args.whom.found(context).await?;
    let until = moment(core.now() + core.settings.removed_kept_for);
    context.confirm(&format!(
        "This ends every session of the guest and revokes every token and invitation. They can be restored until {until}."
    ))?;
    let changed = remove_guest(&core, context.operator(), guest.id, reason.as_deref()).await?;
    say(context, changed, guest.email.as_str(), "removed")
}

pub(super) async fn restore(named: &str, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let guest = find::guest(&core.store.reader(), named).await?;
    let changed = restore_guest(&core, context.operator(), guest.id).await?;
    say(context, changed, guest.email.as_str(), "restored")
}

pub(super) async fn convert(args: ConvertArgs, context: &Context) -> Result<(), CliError> {
    let (core, guest, reason) = args.whom.found(context).await?;
    context.confirm("This ends every session of the guest and revokes every token and invitation.")?;
    let changed = convert_guest(&core, context.operator(), guest.id, reason.as_deref()).await?;
    say(context, changed, guest.email.as_str(), "is no guest any more")
}

pub(super) async fn erase(args: EraseArgs, context: &Context) -> Result<(), CliError> {
    let (core, guest, reason) = args.whom.found(context).await?;
    context.confirm("This erases everything that is known of the guest, for ever.")?;
    erase_guest(&core, context.operator(), guest.id, reason.as_deref()).await?;
    say(context, true, &guest.id.to_string(), "erased")
}

pub(super) async fn expire(args: ExpiryArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let guest = find::guest(&core.store.reader(), &args.guest).await?;
    if args.until.is_some_and(|until| until <= core.now()) {
        context
            .confirm("That time has come: this ends every session of the guest and revokes every token.")?;
    }
    let changed = set_expiry(&core, context.operator(), guest.id, args.until).await?;
    let what = if args.until.is_some() {
        "access ends then"
    } else {
        "access has no end"
    };
    say(context, changed, guest.email.as_str(), what)
}

impl WhomAndWhy {
    async fn found(self, context: &Context) -> Result<(Core, Guest, Option<String>), CliError> {
        let core = context.core().await?;
        let guest = find::guest(&core.store.reader(), &self.guest).await?;
        Ok((core, guest, self.reason))
    }
}
