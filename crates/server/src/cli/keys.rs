//! `vestibule keys list|rotate|revoke`.

use admin::{KeyStep, SigningKeyEntry};
use clap::Subcommand;
use domain::key_rotation::KeyState;

use super::{
    CliError,
    context::Context,
    output::{Row, moment},
};
use crate::app::key_step;

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// List signing keys
    List,
    /// Rotate signing keys (published first, used after `pending_for`)
    #[command(after_help = "Examples:
  vestibule keys rotate
  vestibule keys rotate --now --yes")]
    Rotate {
        /// Use the new keys at once. The old ones stay published for their tokens: use `keys revoke` if a key
        /// may have leaked
        #[arg(long)]
        now: bool,
    },
    /// Revoke a key that may have leaked: removed from the JWK Set at once and replaced
    Revoke {
        /// Key ID, from `keys list`
        kid: String,
    },
}

impl Row for SigningKeyEntry {
    const SEVERAL: &'static str = "keys";
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

impl Row for KeyStep {
    const SEVERAL: &'static str = "changes";
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
            context.rows(&keys.iter().map(SigningKeyEntry::from).collect::<Vec<_>>())
        }
        KeysCommand::Rotate { now } => {
            if now {
                context.confirm(
                    "The next keys sign at once. Apps that have not read the JWK Set again refuse tokens until they do. The keys \
                     before stay published, so a key that has leaked is not withdrawn by this: that is `keys revoke`.",
                )?;
            }
            let steps = oidc_server::rotate_now(&core, now, context.operator()).await?;
            let rows: Vec<KeyStep> = steps.iter().map(key_step).collect();
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
            context.remark(SOON);
            context.rows(&rows)
        }
        KeysCommand::Revoke { kid } => {
            context.confirm(
                "ID tokens that it signed are refused from now on by apps that read the JWK Set again, and its successor signs at \
                 once. Apps that keep the JWK Set longer than 15 minutes must be told. Go on?",
            )?;
            let steps = oidc_server::revoke_key(&core, &kid, context.operator()).await?;
            if steps.is_empty() {
                return Err(CliError::NotFound(format!("there is no signing key \"{kid}\"")));
            }
            context.remark(SOON);
            context.rows(&steps.iter().map(key_step).collect::<Vec<_>>())
        }
    }
}

/// How soon a command's change counts.
const SOON: &str = "Servers that are running follow within two seconds.";
