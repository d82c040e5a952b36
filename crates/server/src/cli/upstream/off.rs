//! `… disable` and `… remove`: who could no longer sign in comes first.

use actions::{Impact, impact, reset_method, switch_off};
use clap::Args;
use domain::upstream::UpstreamKind;
use serde::Serialize;
use sign_in::Core;

use crate::cli::{
    CliError,
    context::Context,
    find,
    preview::{self, watched},
};

#[derive(Debug, Args)]
pub(in crate::cli) struct OffArgs {
    /// Short name
    name: String,
    /// Dry run: list who would lose access, change nothing
    #[arg(long)]
    dry_run: bool,
    /// Reset the guests who would lose access: their method is chosen again; they are notified by email
    #[arg(long, conflicts_with = "dry_run")]
    reset: bool,
    /// List every guest, not only the first 50; JSON always has them all
    #[arg(long, requires = "dry_run")]
    list_all: bool,
}

/// What was done.
#[derive(Serialize)]
struct SwitchedOff {
    name: String,
    locked_out: usize,
    reset: usize,
    sessions_ended: usize,
}

pub(super) async fn run(
    kind: UpstreamKind,
    args: OffArgs,
    remove: bool,
    core: &Core,
    context: &Context,
) -> Result<(), CliError> {
    let upstream = find::upstream(&core.store.reader(), kind, &args.name).await?;
    let impact = watched(context, async |looked_at| {
        impact(core, &upstream, looked_at).await
    })
    .await?;
    if args.dry_run {
        context.remark(&in_words(&impact));
        return preview::list(&impact.guests, args.list_all, context);
    }
    let then = if args.reset && !impact.guests.is_empty() {
        " They are reset: their address decides anew, and they are told by mail."
    } else {
        ""
    };
    let ends = "The sessions that began there end now, with what apps hold of them.";
    context.confirm(&format!("{}{then} {ends} Go on?", in_words(&impact)))?;
    let sessions_ended = switch_off(core, context.operator(), (kind, &args.name), remove).await?;
    let offer = "Reset them as well, so that their address decides anew? They are told by mail.";
    let reset = if args.reset || (!impact.guests.is_empty() && context.offer(offer)) {
        reset_all(&impact, core, context).await?
    } else {
        Reset::default()
    };
    let done = SwitchedOff {
        name: args.name,
        locked_out: impact.guests.len() - reset.free,
        reset: reset.guests,
        sessions_ended,
    };
    let facts = [
        ("name", done.name.clone()),
        ("can no longer sign in", done.locked_out.to_string()),
        ("reset", done.reset.to_string()),
        ("sessions ended", done.sessions_ended.to_string()),
    ];
    context.thing(&done, &facts)
}

/// What a reset came to.
#[derive(Default)]
pub(in crate::cli) struct Reset {
    /// How many guests have forgotten their method.
    pub(in crate::cli) guests: usize,
    /// For how many of them their address decides now: the others are pinned.
    pub(in crate::cli) free: usize,
}

/// Resets exactly those.
pub(in crate::cli) async fn reset_all(
    impact: &Impact,
    core: &Core,
    context: &Context,
) -> Result<Reset, CliError> {
    let mut done = Reset::default();
    for guest in &impact.guests {
        if reset_method(core, context.operator(), guest.id).await? {
            done.guests += 1;
            done.free += usize::from(guest.pinned_method.is_none());
        }
    }
    Ok(done)
}

pub(in crate::cli) fn in_words(impact: &Impact) -> String {
    match (impact.guests.len(), impact.lately) {
        (0, _) => "Everyone who can sign in now still can.".to_owned(),
        (1, 0) => "1 guest can no longer sign in.".to_owned(),
        (1, _) => "1 guest, who has signed in this week, can no longer sign in.".to_owned(),
        (many, lately) => {
            format!("{many} guests can no longer sign in, {lately} of them have signed in this week.")
        }
    }
}
