//! The command line: nouns, then verbs. Each noun has a file; what it does to the database is an action of
//! `admin`, the same that the API calls.

mod access_request;
mod app;
mod audit;
mod backup;
mod check;
mod config;
mod context;
#[cfg(feature = "dev")]
mod dev;
mod domain;
mod error;
mod find;
mod global;
mod group;
mod guest;
mod healthcheck;
mod invite;
mod keys;
mod mail;
mod merge;
mod migrate;
mod output;
mod preview;
mod progress;
mod route;
mod serve;
mod sponsor;
mod token;
mod upstream;

use std::process::ExitCode;

use ::domain::upstream::UpstreamKind;
use clap::{Parser, Subcommand};

#[cfg(feature = "dev")]
pub use dev::{DemoArgs, DevArgs};
pub use error::CliError;
pub use global::Global;
pub use output::OutputForm;
pub use serve::ServeArgs;

use context::Context;

/// Sign-in for the people you don't employ: an OpenID Connect provider for invited guests.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, max_term_width = 100, after_help = EXAMPLES)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

macro_rules! examples {
    ($of_the_demo:literal) => {
        concat!(
            "Examples:\n",
            $of_the_demo,
            "  vestibule config init /etc/vestibule   a configuration and a master key to begin with
  vestibule check                        what is wrong with the configuration, and where
  vestibule serve                        serve real guests
  vestibule app add notes --redirect-uri https://notes.acme.example/callback
  vestibule invite send anna@contoso.example --app notes

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 configuration invalid,
4 a dependency cannot be reached, 5 not found, 6 done in part."
        )
    };
}

#[cfg(feature = "dev")]
const EXAMPLES: &str =
    examples!("  vestibule demo                         the whole story on this machine\n");
#[cfg(not(feature = "dev"))]
const EXAMPLES: &str = examples!("");

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(ServeArgs),
    /// Run a demo on this machine: server, demo app, inbox
    #[cfg(feature = "dev")]
    Demo(DemoArgs),
    /// Run a server for app development on this machine: http, captured email, helpers under /dev
    #[cfg(feature = "dev")]
    Dev(DevArgs),
    /// Check the configuration, offline
    Check(check::CheckArgs),
    /// Create, show and explain configurations
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Database migrations
    #[command(subcommand)]
    Migrate(migrate::MigrateCommand),
    /// Backups of the SQLite database
    #[command(subcommand)]
    Backup(backup::BackupCommand),
    /// Signing keys
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Apps that guests sign in to
    #[command(subcommand)]
    App(app::AppCommand),
    /// Invitations
    #[command(subcommand)]
    Invite(invite::InviteCommand),
    /// Email: send a test, list what was sent
    #[command(subcommand)]
    Mail(mail::MailCommand),
    /// Guests in the directory
    #[command(subcommand)]
    Guest(guest::GuestCommand),
    /// Groups of guests, and the apps that they can use
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Sponsors: who is answerable, and who has left
    #[command(subcommand)]
    Sponsor(sponsor::SponsorCommand),
    /// Guests' access requests
    #[command(subcommand)]
    AccessRequest(access_request::AccessRequestCommand),
    /// Two guests who are one person: asked of both, and taken back
    #[command(subcommand)]
    Merge(merge::MergeCommand),
    /// Federated tenants: partners with a sign-in of their own
    #[command(subcommand)]
    Tenant(upstream::UpstreamCommand),
    /// Providers of personal accounts, such as Google or Microsoft
    #[command(subcommand)]
    Provider(upstream::UpstreamCommand),
    /// Domains of tenants, and the DNS records that prove them
    #[command(subcommand)]
    Domain(domain::DomainCommand),
    /// How an email address signs in
    #[command(subcommand)]
    Route(route::RouteCommand),
    /// The audit log
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Sign-ins, by the reference that the guest sees
    #[command(subcommand, name = "signin")]
    SignIn(audit::SignInCommand),
    /// API tokens
    #[command(subcommand)]
    Token(token::TokenCommand),
    /// Check whether a running server is ready
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Print the version
    Version,
}

/// Runs the command and says how it went: errors on standard error, the code for scripts.
pub async fn run(cli: Cli) -> ExitCode {
    let context = Context::new(cli.global);
    match Box::pin(dispatch(cli.command, &context)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::say(&error.to_string());
            ExitCode::from(error.code())
        }
    }
}

async fn dispatch(command: Command, context: &Context) -> Result<(), CliError> {
    match command {
        Command::Serve(args) => serve::serve(args, context).await,
        #[cfg(feature = "dev")]
        Command::Demo(args) => dev::demo(args, context).await,
        #[cfg(feature = "dev")]
        Command::Dev(args) => dev::dev(args, context).await,
        Command::Check(args) => check::check(&args, context).await,
        Command::Config(command) => config::run(command, context).await,
        Command::Migrate(command) => migrate::run(command, context).await,
        Command::Backup(command) => backup::run(command, context).await,
        Command::Keys(command) => keys::run(command, context).await,
        Command::App(command) => app::run(command, context).await,
        Command::Invite(command) => invite::run(command, context).await,
        Command::Mail(command) => mail::run(command, context).await,
        Command::Guest(command) => guest::run(command, context).await,
        Command::Group(command) => group::run(command, context).await,
        Command::Sponsor(command) => sponsor::run(command, context).await,
        Command::AccessRequest(command) => access_request::run(command, context).await,
        Command::Merge(command) => merge::run(command, context).await,
        Command::Tenant(command) => upstream::run(UpstreamKind::Tenant, command, context).await,
        Command::Provider(command) => upstream::run(UpstreamKind::Provider, command, context).await,
        Command::Domain(command) => domain::run(command, context).await,
        Command::Route(command) => route::run(command, context).await,
        Command::Audit(command) => audit::run(command, context).await,
        Command::SignIn(command) => audit::sign_in(command, context).await,
        Command::Token(command) => token::run(command, context).await,
        Command::Healthcheck(args) => healthcheck::run(args, context).await,
        Command::Version => version(context),
    }
}

fn version(context: &Context) -> Result<(), CliError> {
    #[derive(serde::Serialize)]
    struct BuildInfo {
        version: &'static str,
        /// The commit it was built from, where the build was told (`VESTIBULE_COMMIT`).
        commit: Option<&'static str>,
        /// Whether it speaks SAML 2.0.
        saml: bool,
        /// The newest step of the schema that it knows.
        schema: Option<String>,
    }
    // Told, and not asked of git: an image is built without the repository, and a commit need not build this crate again.
    let commit = option_env!("VESTIBULE_COMMIT").filter(|commit| !commit.is_empty());
    if !context.is_json() {
        let commit = commit.map(|commit| format!(" ({commit})")).unwrap_or_default();
        return output::print(&format!("vestibule {}{commit}", env!("CARGO_PKG_VERSION")));
    }
    let about = BuildInfo {
        version: env!("CARGO_PKG_VERSION"),
        commit,
        saml: cfg!(feature = "saml"),
        schema: migrations::names().pop(),
    };
    output::print(&output::json(&about)?)
}

#[cfg(test)]
mod tests;
