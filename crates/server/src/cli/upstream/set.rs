//! `… set`: changes one, after showing who could no longer sign in.

use actions::{ActionError, change_upstream, impact_of_change};
use clap::Args;
use domain::upstream::{Declaration, UpstreamKind};
use sign_in::Core;

use super::{
    off::{in_words, reset_all},
    saml::look_up_entity,
    show, test_sign_in,
    wish::{Wish, domain},
};
use crate::cli::{
    CliError,
    context::Context,
    find,
    preview::{self, watched},
};

#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(in crate::cli) struct UpstreamSetArgs {
    /// Short name
    name: String,
    #[command(flatten)]
    wish: Wish,
    /// Add an email domain; can be given more than once
    #[arg(long, value_name = "DOMAIN", value_parser = domain, conflicts_with = "domain")]
    add_domain: Vec<String>,
    /// Remove an email domain; can be given more than once
    #[arg(long, value_name = "DOMAIN", value_parser = domain, conflicts_with = "domain")]
    remove_domain: Vec<String>,
    /// Don't test the connection
    #[arg(long)]
    no_test: bool,
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

pub(super) async fn run(
    kind: UpstreamKind,
    args: UpstreamSetArgs,
    core: &Core,
    context: &Context,
) -> Result<(), CliError> {
    let reader = core.store.reader();
    let there = find::upstream(&reader, kind, &args.name).await?;
    let seen = there.declaration();
    let mut declaration = seen.clone();
    args.wish.apply(&mut declaration, kind, context.environment())?;
    look_up_entity(&mut declaration.connection, core).await?;
    for domain in &args.remove_domain {
        if !declaration.domains.contains(domain) {
            let text = format!("{domain} does not lead to \"{}\"", args.name);
            return Err(CliError::NotFound(text));
        }
    }
    declaration
        .domains
        .retain(|domain| !args.remove_domain.contains(domain));
    for domain in args.add_domain {
        if !declaration.domains.contains(&domain) {
            declaration.domains.push(domain);
        }
    }
    if !args.no_test {
        test_sign_in::fits(&declaration, core, context).await?;
    }
    let impact = watched(context, async |looked_at| {
        impact_of_change(core, &there, &declaration, looked_at).await
    })
    .await?;
    if args.dry_run {
        context.remark(&in_words(&impact));
        return preview::list(&impact.guests, args.list_all, context);
    }
    if !impact.guests.is_empty() {
        let then = if args.reset {
            " They are reset: their address decides anew, and they are told by mail."
        } else {
            " --reset lets their address decide anew."
        };
        context.confirm(&format!("{}{then} Go on?", in_words(&impact)))?;
    }
    let become_that = |there: &mut Declaration| {
        if !there.differences(&seen).is_empty() {
            let text = format!(
                "\"{}\" was changed by somebody else just now: look, and try again",
                args.name
            );
            return Err(ActionError::Conflict(text));
        }
        *there = declaration;
        Ok(())
    };
    let fields = change_upstream(core, context.operator(), (kind, &args.name), become_that).await?;
    if fields.is_empty() {
        context.remark("nothing to change");
    }
    if args.reset && !impact.guests.is_empty() {
        let done = reset_all(&impact, core, context).await?;
        context.remark(&format!("{} of {} were reset.", done.guests, impact.guests.len()));
    }
    show(&find::upstream(&reader, kind, &args.name).await?, core, context).await
}
