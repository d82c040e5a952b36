//! `vestibule app secret add|list|remove`: two at once, so that an app can change without a gap.

use actions::{add_app_secret, remove_app_secret};
use clap::Subcommand;
use domain::{Id, app::AppSecret};
use serde::Serialize;

use super::{SHOWN_ONCE, line::SecretLine};
use crate::cli::{CliError, context::Context, find};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum SecretCommand {
    /// Add a secret; it is printed once, and the old one keeps working
    Add {
        /// The app's client ID
        client_id: String,
    },
    /// List the secrets of an app, and when each was last used
    List {
        /// The app's client ID
        client_id: String,
    },
    /// Remove a secret: the next request with it is refused
    #[command(after_help = "Example:
  vestibule app secret remove notes 01a405ae-b500-7998-9447-a506545d72eb")]
    Remove {
        /// The app's client ID
        client_id: String,
        /// The secret's ID, as `app secret list` shows it
        secret: Id<AppSecret>,
    },
}

#[derive(Serialize)]
struct NewSecretLine {
    client_id: String,
    client_secret: String,
}

pub(super) async fn run(command: SecretCommand, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    match command {
        SecretCommand::Add { client_id } => {
            let secret = add_app_secret(&core, context.operator(), &client_id).await?;
            let made = NewSecretLine {
                client_id,
                client_secret: secret.expose().to_owned(),
            };
            let facts = [
                ("client_id", made.client_id.clone()),
                ("client_secret", made.client_secret.clone()),
            ];
            context.thing(&made, &facts)?;
            context.remark(SHOWN_ONCE);
            context
                .remark("When the app uses it, remove the old one: vestibule app secret list, then remove.");
            Ok(())
        }
        SecretCommand::List { client_id } => {
            let reader = core.store.reader();
            let app = find::app(&reader, &client_id).await?;
            let secrets = reader.app_secrets(app.id).await?;
            context.rows(&secrets.iter().map(SecretLine::from).collect::<Vec<_>>())
        }
        SecretCommand::Remove { client_id, secret } => {
            context.confirm("The next request with that secret is refused. Go on?")?;
            remove_app_secret(&core, context.operator(), &client_id, secret).await?;
            context.remark("The secret is removed.");
            Ok(())
        }
    }
}
