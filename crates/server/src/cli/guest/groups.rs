//! `vestibule guest groups`.

use admin::{GroupAssignmentEntry, groups_of};
use clap::Args;
use serde::Serialize;

use crate::cli::{
    CliError,
    context::Context,
    find,
    output::{Row, or_dash},
};

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest groups anna@contoso.example

They come into one by `guest assign ADDRESS --group NAME`.")]
pub(in crate::cli) struct GroupListArgs {
    /// The guest's address or ID
    guest: String,
}

/// A group of the guest.
#[derive(Serialize)]
struct GroupOfGuestLine(GroupAssignmentEntry);

impl Row for GroupOfGuestLine {
    const SEVERAL: &'static str = "groups";
    const HEADS: &'static [&'static str] = &["GROUP", "FROM", "UNTIL", "ACTIVE", "SPONSOR"];

    fn cells(&self) -> Vec<String> {
        let Self(entry) = self;
        vec![
            entry.group.clone(),
            entry.starts_at.clone(),
            or_dash(entry.ends_at.as_ref()),
            if entry.active { "yes" } else { "no" }.to_owned(),
            or_dash(entry.sponsor.as_ref()),
        ]
    }
}

pub(super) async fn list(args: GroupListArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = find::guest(&reader, &args.guest).await?;
    let groups = groups_of(&reader, &guest, core.now()).await?;
    let lines: Vec<GroupOfGuestLine> = groups.into_iter().map(GroupOfGuestLine).collect();
    context.rows(&lines)
}
