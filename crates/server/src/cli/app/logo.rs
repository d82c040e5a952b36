//! `vestibule app logo set|remove`.

use std::path::PathBuf;

use actions::set_app_logo;
use clap::Subcommand;

use super::line::AppDetails;
use crate::cli::{CliError, context::Context};

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum LogoCommand {
    /// Give an app a logo, shown beside its name where guests sign in
    #[command(after_help = "Example:
  vestibule app logo set notes logo.png

A picture about as high as a line of text is scaled to it: 96 pixels are enough for every screen.")]
    Set {
        /// The app's client ID
        client_id: String,
        /// PNG, JPEG or WebP file, at most 40 KiB
        file: PathBuf,
    },
    /// Remove the logo of an app
    Remove {
        /// The app's client ID
        client_id: String,
    },
}

pub(super) async fn run(command: LogoCommand, context: &Context) -> Result<(), CliError> {
    let (client_id, file) = match command {
        LogoCommand::Set { client_id, file } => {
            let read = std::fs::read(&file);
            let bytes =
                read.map_err(|error| CliError::Failed(format!("cannot read {}: {error}", file.display())))?;
            (client_id, Some(bytes))
        }
        LogoCommand::Remove { client_id } => (client_id, None),
    };
    let core = context.core().await?;
    let app = set_app_logo(&core, context.operator(), &client_id, file).await?;
    let details = AppDetails::new(&app, core.settings.issuer.as_str(), None);
    context.thing(&details, &details.facts())
}
