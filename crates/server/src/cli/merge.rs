//! `vestibule merge ask|list|show|take-back`.

use ::domain::{
    Id,
    merge::{Merge, MergeRole, MergeState},
};
use actions::{MergeGives, ask_merge, merge_gives, take_back_merge};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;
use sign_in::{Core, merge::BothGuests};
use store::MergeFilter;

use super::{
    CliError,
    context::Context,
    find,
    output::{Row, moment, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum MergeCommand {
    /// Ask two guests by email whether they are one person
    ///
    /// Both answer at My access, each behind a sign-in of their own. Once both have said yes, the first can open what the second can, and the
    /// second is removed. It can be taken back until the second is erased.
    Ask(MergeAskArgs),
    /// List merges, newest first
    List(MergeListArgs),
    /// Show one merge, and what comes of it
    Show {
        /// The merge's ID, from `merge list`
        #[arg(value_name = "ID")]
        merge: String,
    },
    /// Take a merge back, also when it is done
    ///
    /// Before both have said yes, nobody is asked any more. After that, the guest who was removed is restored, and the other loses what they
    /// were given, unless it was changed since.
    TakeBack {
        /// The merge's ID, from `merge list`
        #[arg(value_name = "ID")]
        merge: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule merge ask anna@example.org anna@contoso.example --reason \"changed employer\"")]
pub(super) struct MergeAskArgs {
    /// The guest who stays: address or ID
    kept: String,
    /// The guest who is removed: address or ID
    other: String,
    /// Why, for the audit log
    #[arg(long)]
    reason: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule merge list --state merged --guest anna@example.org")]
pub(super) struct MergeListArgs {
    /// Only those that stand so
    #[arg(long, value_enum)]
    state: Option<MergeStateChoice>,
    /// Only this guest's, whichever of the two they are: address or ID
    #[arg(long)]
    guest: Option<String>,
    /// Maximum number of results
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=100_000))]
    limit: u64,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum MergeStateChoice {
    /// Both can still say yes
    Asked,
    /// One of them said no
    Declined,
    /// Taken back before both had said yes
    Withdrawn,
    /// They are one guest
    Merged,
    /// Taken back after that
    Undone,
}

/// A merge.
#[derive(Serialize)]
struct MergeLine {
    id: String,
    kept: String,
    other: String,
    state: &'static str,
    asked_at: String,
    expires_at: String,
    kept_agreed_at: Option<String>,
    other_agreed_at: Option<String>,
}

impl MergeLine {
    fn new(merge: &Merge, both: &BothGuests, now: DateTime<Utc>) -> Self {
        let agreed = |role| merge.agreed_at(role).map(moment);
        Self {
            id: merge.id.to_string(),
            kept: both.kept.email.as_str().to_owned(),
            other: both.other.email.as_str().to_owned(),
            state: merge.standing(now),
            asked_at: moment(merge.asked_at),
            expires_at: moment(merge.expires_at),
            kept_agreed_at: agreed(MergeRole::Kept),
            other_agreed_at: agreed(MergeRole::Other),
        }
    }
}

impl Row for MergeLine {
    const SEVERAL: &'static str = "merges";
    const HEADS: &'static [&'static str] = &["ID", "KEPT", "OTHER", "STATE", "ASKED"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.kept.clone(),
            self.other.clone(),
            self.state.to_owned(),
            self.asked_at.clone(),
        ]
    }
}

/// A merge, and what comes of it.
#[derive(Serialize)]
struct ShownMerge {
    #[serde(flatten)]
    line: MergeLine,
    gives: Option<GivesLine>,
}

#[derive(Serialize)]
struct GivesLine {
    apps: Vec<String>,
    groups: Vec<String>,
}

impl From<MergeGives> for GivesLine {
    fn from(gives: MergeGives) -> Self {
        Self {
            apps: gives.apps,
            groups: gives.groups,
        }
    }
}

pub(super) async fn run(command: MergeCommand, context: &Context) -> Result<(), CliError> {
    match command {
        MergeCommand::Ask(args) => ask(args, context).await,
        MergeCommand::List(args) => list(args, context).await,
        MergeCommand::Show { merge } => {
            let core = context.core().await?;
            show(&core, id(&merge)?, context).await
        }
        MergeCommand::TakeBack { merge } => take_back(&merge, context).await,
    }
}

async fn ask(args: MergeAskArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let kept = find::guest(&reader, &args.kept).await?;
    let other = find::guest(&reader, &args.other).await?;
    let by = context.operator();
    let merge = ask_merge(&core, by, kept.id, other.id, args.reason.as_deref()).await?;
    show(&core, merge.id, context).await
}

async fn list(args: MergeListArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let reader = core.store.reader();
    let guest = match &args.guest {
        Some(named) => Some(find::guest(&reader, named).await?.id),
        None => None,
    };
    let state = args.state.map(|state| match state {
        MergeStateChoice::Asked => MergeState::Asked,
        MergeStateChoice::Declined => MergeState::Declined,
        MergeStateChoice::Withdrawn => MergeState::Withdrawn,
        MergeStateChoice::Merged => MergeState::Merged,
        MergeStateChoice::Undone => MergeState::Undone,
    });
    let filter = MergeFilter {
        guest,
        state: state.map(|state| (state, core.now())),
        after: None,
        limit: args.limit,
    };
    let mut lines = Vec::new();
    for merge in reader.merges(&filter).await? {
        let both = BothGuests::read(&reader, &merge).await?;
        lines.extend(both.map(|both| MergeLine::new(&merge, &both, core.now())));
    }
    context.rows(&lines)
}

async fn take_back(named: &str, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let id = id(named)?;
    match take_back_merge(&core, context.operator(), id).await? {
        None => context.remark("it was taken back before"),
        Some(taken) if taken.stay > 0 => context.remark(&format!(
            "{} of what was given was changed since, and stays: end it with `vestibule guest unassign`",
            taken.stay
        )),
        Some(_) => {}
    }
    show(&core, id, context).await
}

fn id(named: &str) -> Result<Id<Merge>, CliError> {
    named.parse().map_err(|_| {
        CliError::Usage(format!(
            "\"{named}\" is not an id: `vestibule merge list` shows them"
        ))
    })
}

async fn show(core: &Core, id: Id<Merge>, context: &Context) -> Result<(), CliError> {
    let reader = core.store.reader();
    let gone = || CliError::NotFound(format!("there is no merge \"{id}\""));
    let merge = reader.merge(id).await?.ok_or_else(gone)?;
    let both = BothGuests::read(&reader, &merge).await?.ok_or_else(gone)?;
    let line = MergeLine::new(&merge, &both, core.now());
    let gives = merge_gives(core, &merge).await?.map(GivesLine::from);
    let listed = |names: fn(&GivesLine) -> &Vec<String>| {
        let names = gives.as_ref().map(names).filter(|names| !names.is_empty());
        or_dash(names.map(|names| names.join(", ")))
    };
    let facts = [
        ("id", line.id.clone()),
        ("kept", line.kept.clone()),
        ("other", line.other.clone()),
        ("state", line.state.to_owned()),
        ("expires", line.expires_at.clone()),
        ("kept agreed", or_dash(line.kept_agreed_at.as_ref())),
        ("other agreed", or_dash(line.other_agreed_at.as_ref())),
        ("gives apps", listed(|gives| &gives.apps)),
        ("gives groups", listed(|gives| &gives.groups)),
    ];
    context.thing(&ShownMerge { line, gives }, &facts)
}
