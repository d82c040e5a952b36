//! `vestibule route explain`.

use actions::explain_route;
use clap::{Args, Subcommand};
use serde::Serialize;

use super::{CliError, context::Context, output};

#[derive(Debug, Subcommand)]
pub(super) enum RouteCommand {
    /// Explain how an address signs in
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  vestibule route explain anna@contoso.example --app notes")]
pub(super) struct ExplainArgs {
    /// Email address
    address: String,
    /// Also check access to this app (client ID)
    #[arg(long, value_name = "CLIENT_ID")]
    app: Option<String>,
}

#[derive(Serialize)]
struct Explained {
    address: String,
    known: bool,
    method: &'static str,
    text: String,
    because: &'static str,
    /// The kind of method that this sign-in offers or requires to move to.
    moves_to: Option<&'static str>,
    trace: Vec<TraceLine>,
    access: Option<String>,
}

#[derive(Serialize)]
struct TraceLine {
    rule: &'static str,
    decided: bool,
    said: &'static str,
}

pub(super) async fn run(command: RouteCommand, context: &Context) -> Result<(), CliError> {
    let RouteCommand::Explain(args) = command;
    let core = context.core().await?;
    let declared = context.settings()?.upstreams;
    if !actions::are_upstreams_declared(&core, &declared).await? {
        context.remark(
            "note: the configuration declares other tenants or providers than the database has; the database counts, \
             and `serve` brings them in when it starts",
        );
    }
    let explanation = explain_route(&core, &args.address, args.app.as_deref()).await?;
    let steps = explanation.resolution.trace.iter();
    let lines: Vec<String> = steps.map(|step| format!("  {step}")).collect();
    let explained = Explained {
        address: explanation.email.as_str().to_owned(),
        known: explanation.guest.is_some(),
        method: explanation.preview.method,
        text: explanation.preview.text,
        because: explanation.resolution.because.name(),
        moves_to: explanation.resolution.offer.map(domain::method::Method::kind),
        trace: explanation
            .resolution
            .trace
            .iter()
            .map(|step| TraceLine {
                rule: step.rule.name(),
                decided: step.decided,
                said: step.said,
            })
            .collect(),
        access: explanation.access.map(|access| match access {
            Ok(()) => "allowed".to_owned(),
            Err(reason) => format!("refused: {reason}"),
        }),
    };
    if context.is_json() {
        return output::print(&output::json(&explained)?);
    }
    let known = if explained.known {
        "in the directory"
    } else {
        "not in the directory"
    };
    let mut text = vec![format!("{} ({known})", explained.address)];
    text.extend(lines);
    if let (Some(app), Some(access)) = (&args.app, &explained.access) {
        text.push(format!("{app}: {access}"));
    }
    text.push(match explained.access.as_deref() {
        Some("refused: not_invited") => {
            "This person would see the same pages as a guest, and be sent no code.".to_owned()
        }
        Some("allowed") | None => explained.text,
        Some(_) => format!("{} The app stays shut.", explained.text),
    });
    output::print(&text.join("\n"))
}
