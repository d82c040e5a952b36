//! `vestibule demo` and `vestibule dev`: their arguments, and the start of what they run.

use std::path::PathBuf;

use clap::Args;

use super::{CliError, context::Context};
use crate::{
    config::settings::{Log, LogFormat},
    demo::{self, Demo, Dev},
    process_limits, telemetry,
};

/// The whole story on this machine.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule demo
  vestibule demo --check          play the story without a browser; exit code 0 or 1")]
pub struct DemoArgs {
    /// Server port [default: 8080; any free one with --check]
    #[arg(long)]
    port: Option<u16>,
    /// Demo app port [default: 8081; any free one with --check]
    #[arg(long)]
    app_port: Option<u16>,
    /// Play the demo without a browser, and report whether every step worked
    #[arg(long)]
    check: bool,
    /// With --check: the report as JSON
    #[arg(long, requires = "check")]
    json: bool,
    /// Database URL instead of a temporary SQLite file; the database must be empty
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

/// Serve on this machine for developing an app.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule dev --data-dir ./vestibule-dev")]
pub struct DevArgs {
    /// Server port
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Directory for configuration, key and database [default: a temporary one]
    #[arg(long, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
    /// Database URL instead of a SQLite file there
    #[arg(long, value_name = "URL")]
    database: Option<String>,
}

pub(super) async fn demo(args: DemoArgs, context: &Context) -> Result<(), CliError> {
    context.takes_no_configuration("the demo makes its own, and throws it away")?;
    telemetry::start(&quiet_log(), context.environment());
    let json = args.json || (args.check && context.is_json());
    let demo = Demo {
        // A check listens on free ports, so that it can run beside another server.
        port: args.port.unwrap_or(if args.check { 0 } else { 8080 }),
        app_port: args.app_port.unwrap_or(if args.check { 0 } else { 8081 }),
        check: args.check,
        json,
        database: args.database,
    };
    if demo.port == demo.app_port && demo.port != 0 {
        let text = format!(
            "--port and --app-port are both {}: give one of them another",
            demo.port
        );
        return Err(CliError::Usage(text));
    }
    if demo::demo(demo).await? {
        Ok(())
    } else {
        Err(CliError::Failed("the story did not go as told".into()))
    }
}

pub(super) async fn dev(args: DevArgs, context: &Context) -> Result<(), CliError> {
    context.takes_no_configuration("name the directory that holds vestibule.toml with --data-dir")?;
    telemetry::start(
        &Log {
            format: LogFormat::Text,
            ..Log::default()
        },
        context.environment(),
    );
    process_limits::with_all_open_files();
    let dev = Dev {
        port: args.port,
        data_dir: args.data_dir,
        database: args.database,
    };
    Ok(demo::dev(dev).await?)
}

/// The demo prints for people: only what is wrong joins in.
fn quiet_log() -> Log {
    Log {
        format: LogFormat::Text,
        filter: "warn".into(),
    }
}
