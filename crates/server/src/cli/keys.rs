//! `vestibule keys list|rotate`.

use clap::Subcommand;
use domain::key_rotation::KeyState;
use oidc_server::Rotated;
use serde::Serialize;
use store::StoredKey;

use super::{
    CliError,
    context::Context,
    output::{Row, moment},
};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// List signing keys
    List,
    /// Publish the next signing keys; once apps have had the time to learn them, let them sign
    #[command(after_help = "Examples:
  vestibule keys rotate
  vestibule keys rotate --now --yes")]
    Rotate {
        /// Let the next keys sign at once: for keys that may be known to others
        #[arg(long)]
        now: bool,
    },
}

#[derive(Serialize)]
struct KeyRow {
    kid: String,
    algorithm: &'static str,
    state: &'static str,
    since: String,
}

impl From<&StoredKey> for KeyRow {
    fn from(stored: &StoredKey) -> Self {
        Self {
            kid: stored.key.kid.clone(),
            algorithm: stored.key.algorithm.name(),
            state: stored.key.state.name(),
            since: moment(stored.key.since),
        }
    }
}

impl Row for KeyRow {
    const HEADS: &'static [&'static str] = &["KID", "ALG", "STATE", "SINCE"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.kid.clone(),
            self.algorithm.to_owned(),
            self.state.to_owned(),
            self.since.clone(),
        ]
    }
}

/// A step that was taken.
#[derive(Serialize)]
struct StepRow {
    kid: String,
    algorithm: &'static str,
    state: &'static str,
}

impl From<&Rotated> for StepRow {
    fn from(step: &Rotated) -> Self {
        Self {
            kid: step.kid.clone(),
            algorithm: step.algorithm.name(),
            state: step.state.map_or("gone", KeyState::name),
        }
    }
}

impl Row for StepRow {
    const HEADS: &'static [&'static str] = &["KID", "ALG", "NOW"];

    fn cells(&self) -> Vec<String> {
        vec![self.kid.clone(), self.algorithm.to_owned(), self.state.to_owned()]
    }
}

pub(super) async fn run(command: KeysCommand, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    match command {
        KeysCommand::List => {
            let keys = core.store.reader().signing_keys().await?;
            context.rows(&keys.iter().map(KeyRow::from).collect::<Vec<_>>())
        }
        KeysCommand::Rotate { now } => {
            if now {
                context.confirm(
                    "The next keys sign at once. Apps that have not read the JWK Set again refuse tokens until they do.",
                )?;
            }
            let steps = oidc_server::rotate_now(&core, now, context.operator()).await?;
            let rows: Vec<StepRow> = steps.iter().map(StepRow::from).collect();
            if rows.is_empty() && !context.is_json() {
                let none = core.store.reader().signing_keys().await?.is_empty();
                context.remark(if none {
                    "There are no keys yet: the server makes the first ones when it starts."
                } else {
                    "The next keys are published, and not yet for long enough to sign."
                });
                return Ok(());
            }
            if steps.iter().any(|step| step.state == Some(KeyState::Pending)) {
                context.remark(&format!(
                    "The next keys are published. They sign when their predecessors' time is over, or when you run \
                     this again after {}.",
                    moment(core.now() + core.settings.keys.pending_for)
                ));
            }
            context.rows(&rows)
        }
    }
}
