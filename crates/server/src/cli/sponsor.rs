//! `vestibule sponsor list|remove|hand-over|restore`.

use actions::{hand_over, remove_sponsor, restore_sponsor};
use admin::SponsorEntry;
use clap::{Args, Subcommand};
use store::SponsorFilter;

use super::{
    CliError,
    context::Context,
    output::{Row, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum SponsorCommand {
    /// List sponsors and owners of apps, and those who were removed
    List(SponsorListArgs),
    /// Note that somebody is a sponsor no more: nobody asks them
    Remove(SponsorRemoveArgs),
    /// Have somebody else answer for all that a sponsor answers for
    HandOver(HandOverArgs),
    /// Let somebody who was removed be a sponsor again
    Restore {
        /// Their address
        address: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule sponsor list --removed

Guests who are left without one are found by the rule `sponsor-gone` (`[[guests.rule]]`).")]
pub(super) struct SponsorListArgs {
    /// Only those who were removed
    #[arg(long)]
    removed: bool,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule sponsor remove lee@acme.example --to kim@acme.example

What they were asked, and have not answered, is asked of whoever is answerable beside them.")]
pub(super) struct SponsorRemoveArgs {
    /// Their address
    address: String,
    /// Address of who answers in their place
    #[arg(long, value_name = "ADDRESS")]
    to: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule sponsor hand-over lee@acme.example --to kim@acme.example")]
pub(super) struct HandOverArgs {
    /// Their address
    address: String,
    /// Address of who answers in their place
    #[arg(long, value_name = "ADDRESS")]
    to: String,
}

impl Row for SponsorEntry {
    const SEVERAL: &'static str = "sponsors";
    const HEADS: &'static [&'static str] = &["ADDRESS", "ASSIGNMENTS", "APPS", "REMOVED"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.address.clone(),
            self.assignments.to_string(),
            self.apps.to_string(),
            or_dash(self.removed_at.as_ref()),
        ]
    }
}

pub(super) async fn run(command: SponsorCommand, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let by = context.operator();
    let sponsor = match command {
        SponsorCommand::List(args) => {
            let filter = SponsorFilter {
                removed: args.removed,
                after: None,
                limit: args.limit,
            };
            let found = core.store.reader().sponsors(&filter, core.now()).await?;
            let rows: Vec<SponsorEntry> = found.into_iter().map(SponsorEntry::from).collect();
            return context.rows(&rows);
        }
        SponsorCommand::Remove(args) => remove_sponsor(&core, by, &args.address, args.to.as_deref()).await?,
        SponsorCommand::HandOver(args) => hand_over(&core, by, &args.address, &args.to).await?,
        SponsorCommand::Restore { address } => restore_sponsor(&core, by, &address).await?,
    };
    let entry = SponsorEntry::from(sponsor);
    let facts = [
        ("address", entry.address.clone()),
        ("assignments", entry.assignments.to_string()),
        ("apps", entry.apps.to_string()),
        ("removed", or_dash(entry.removed_at.as_ref())),
    ];
    context.thing(&entry, &facts)
}
