//! `vestibule guest due`.

use actions::{DueGuest, due_guests};
use clap::Args;
use domain::guest_rule::Due;
use serde::Serialize;

use crate::cli::{
    CliError,
    context::Context,
    output::{Row, moment, or_dash},
};

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule guest due --limit 1000 -o json

A dry run of the rules in the configuration ([[guests.rule]]). The server applies them once an hour.")]
pub(in crate::cli) struct DueArgs {
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

/// A guest for whom a rule means something.
#[derive(Serialize)]
struct DueLine {
    email: String,
    /// The condition of the rule.
    rule: &'static str,
    /// `remove` or `block`.
    action: &'static str,
    /// `notice`: the guest is told next; `noticed`: they were told; `now`: it is done next.
    due: &'static str,
    /// When it is done.
    on: Option<String>,
}

impl From<&DueGuest> for DueLine {
    fn from(due: &DueGuest) -> Self {
        Self {
            email: due.guest.email.as_str().to_owned(),
            rule: due.rule.when.name(),
            action: due.rule.act.name(),
            due: due.due.name(),
            on: match due.due {
                Due::Notice(on) | Due::Noticed(on) => Some(moment(on)),
                Due::Now | Due::NotYet => None,
            },
        }
    }
}

impl Row for DueLine {
    const SEVERAL: &'static str = "guests";
    const HEADS: &'static [&'static str] = &["EMAIL", "RULE", "ACTION", "DUE", "ON"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.email.clone(),
            self.rule.to_owned(),
            self.action.to_owned(),
            self.due.to_owned(),
            or_dash(self.on.as_ref()),
        ]
    }
}

pub(super) async fn list(args: DueArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    if core.settings.guest_rules.is_empty() {
        context.remark("no rule is configured: [[guests.rule]] sets one");
    }
    let limit = usize::try_from(args.limit).unwrap_or(usize::MAX);
    let due = due_guests(&core, limit).await?;
    context.rows(&due.iter().map(DueLine::from).collect::<Vec<_>>())
}
