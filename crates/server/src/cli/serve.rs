//! `vestibule serve`: its arguments, and the start of what it runs.

use std::net::SocketAddr;

use clap::Args;

use super::{CliError, context::Context};
use crate::{
    config::{Flag, Loaded, Purpose, Severity},
    restore_marker::Accepted,
    serve as server, telemetry,
};

/// Serve real guests.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule serve -c /etc/vestibule/vestibule.toml
  VESTIBULE_DATABASE__URL_FILE=/run/secrets/database vestibule serve --listen 0.0.0.0:8080")]
pub struct ServeArgs {
    /// Listen address; overrides `server.listen`
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Start although the database has recorded a later time than this machine's clock: the recorded time is
    /// wrong
    #[arg(long)]
    accept_clock: bool,
    /// Start with a database restored from a backup: all sessions, tokens, codes and links of open invitations
    /// end. For one start, not for a unit file
    #[arg(long)]
    accept_restore: bool,
}

pub(super) async fn serve(args: ServeArgs, context: &Context) -> Result<(), CliError> {
    let flags: Vec<Flag> = args
        .listen
        .map(|listen| Flag {
            name: "--listen",
            key: "server.listen",
            value: listen.to_string(),
        })
        .into_iter()
        .collect();
    let Loaded {
        settings, remarks, ..
    } = context.load(Purpose::Serve, flags.clone())?;
    telemetry::start(&settings.log, context.environment());
    for remark in remarks {
        let key = remark.key.as_deref().unwrap_or_default();
        match remark.severity {
            // What is worth knowing warns of nothing: the defaults are among it.
            Severity::Note => tracing::info!(setting = key, "{}", remark.message),
            Severity::Warning | Severity::Error => tracing::warn!(setting = key, "{}", remark.message),
        }
    }
    let accepted = Accepted {
        restore: args.accept_restore,
        clock: args.accept_clock,
    };
    let again = context.clone();
    let reload = move || {
        let loaded = again.load(Purpose::Serve, flags.clone());
        loaded
            .map(|loaded| loaded.settings.upstreams)
            .map_err(|error| error.to_string())
    };
    Ok(server::run(settings, accepted, Box::new(reload)).await?)
}
