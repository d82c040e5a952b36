//! `vestibule config impact`.

use actions::{are_upstreams_declared, impact_of_configuration, planned_changes};
use clap::Args;

use crate::cli::{
    CliError,
    context::Context,
    guest::GuestLine,
    preview::{self, watched},
    upstream::{in_words, reset_all},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule config impact -c new.toml
  vestibule config impact --reset")]
pub(in crate::cli) struct ImpactArgs {
    /// After the server uses this configuration: reset these guests; they are notified by email
    #[arg(long)]
    reset: bool,
    /// List every guest, not only the first 50; JSON always has them all
    #[arg(long, conflicts_with = "reset")]
    list_all: bool,
}

pub(super) async fn run(args: &ImpactArgs, context: &Context) -> Result<(), CliError> {
    let declared = context.settings()?.upstreams;
    let core = context.core().await?;
    for line in planned_changes(&core, &declared).await? {
        context.remark(&line);
    }
    let impact = watched(context, async |looked_at| {
        impact_of_configuration(&core, &declared, looked_at).await
    })
    .await?;
    if args.reset {
        // Before it is in force, their next sign-in would bind them to the same method again.
        if !are_upstreams_declared(&core, &declared).await? {
            return Err(CliError::Failed(
                "no server has started with this configuration yet: start it, then reset".into(),
            ));
        }
        if !impact.guests.is_empty() {
            context.confirm(&format!(
                "{} They are reset: their address decides anew, and they are told by mail. Go on?",
                in_words(&impact)
            ))?;
            let done = reset_all(&impact, &core, context).await?;
            context.remark(&format!("{} of {} were reset.", done.guests, impact.guests.len()));
        }
    } else {
        context.remark(&in_words(&impact));
        return preview::list(&impact.guests, args.list_all, context);
    }
    let rows: Vec<GuestLine> = impact.guests.iter().map(GuestLine::from).collect();
    context.affected(&rows)
}
