//! `vestibule app add|list|show`.

use std::path::PathBuf;

use admin::actions::{NewApp, NewAuthentication, register_app};
use clap::{Args, Subcommand, ValueEnum};
use domain::app::{AccessRule, App, SigningAlgorithm};
use serde::Serialize;

use super::{
    CliError,
    context::Context,
    find,
    output::{Row, or_dash},
};

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Register an app; its secret is printed once
    Add(AddArgs),
    /// List apps
    List,
    /// Show one app
    Show {
        /// Its client id
        client_id: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule app add notes --name \"Acme Notes\" --redirect-uri https://notes.acme.example/callback
  vestibule app add Files --redirect-uri https://files.acme.example/cb --access domain --domain contoso.example
  vestibule app add Reader --redirect-uri com.acme.reader:/cb --auth none --offline-access")]
pub(super) struct AddArgs {
    /// Its client id, such as `notes`; or its full name, from which a client id is made
    #[arg(value_name = "NAME")]
    called: String,
    /// What pages and mails call it
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Where it receives answers; may be repeated
    #[arg(long, value_name = "URI", required = true)]
    redirect_uri: Vec<String>,
    /// Where browsers may go after signing out; may be repeated
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// Its front page, for links from ours; the root of the first redirect URI unless given
    #[arg(long, value_name = "URL")]
    home: Option<String>,
    /// Who may come in
    #[arg(long, value_enum, default_value_t)]
    access: Access,
    /// With `--access domain`: whose addresses come in uninvited; may be repeated
    #[arg(long, value_name = "DOMAIN")]
    domain: Vec<String>,
    /// How it proves itself at the token endpoint
    #[arg(long, value_enum, default_value_t)]
    auth: Auth,
    /// With `--auth private_key_jwt`: its public keys, a JWK Set file
    #[arg(long, value_name = "FILE", required_if_eq("auth", "private_key_jwt"))]
    jwks: Option<PathBuf>,
    /// What signs its ID tokens
    #[arg(long, value_name = "RS256|ES256|EdDSA|PS256", default_value = "RS256", value_parser = algorithm)]
    alg: SigningAlgorithm,
    /// Give it refresh tokens that outlive the browser's session
    #[arg(long)]
    offline_access: bool,
    /// Ask guests before it learns their data
    #[arg(long)]
    ask_consent: bool,
    /// Show the details of its malformed requests on error pages
    #[arg(long)]
    dev: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Access {
    /// Guests who were invited to it
    #[default]
    Invited,
    /// Anyone with an address in one of the domains, and invited guests
    Domain,
    /// Anyone who can read mail at the address they type
    AnyGuest,
}

/// The registered names, spelled as they are on the wire.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Auth {
    /// A secret in the Authorization header
    #[default]
    ClientSecretBasic,
    /// A secret in the body
    ClientSecretPost,
    /// A signed assertion
    PrivateKeyJwt,
    /// Nothing but PKCE, for apps that cannot keep a secret
    None,
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, String> {
    SigningAlgorithm::parse(name).ok_or_else(|| {
        let names = SigningAlgorithm::ALL.map(SigningAlgorithm::name);
        format!("choose one of {}", names.join(", "))
    })
}

/// An app in a list.
#[derive(Serialize)]
struct AppRow {
    client_id: String,
    name: String,
    access: String,
    authentication: &'static str,
    algorithm: &'static str,
    state: &'static str,
}

impl From<&App> for AppRow {
    fn from(app: &App) -> Self {
        let access = match &app.access {
            AccessRule::Domain(domains) => format!("domain {}", domains.join(", ")),
            other => other.name().to_owned(),
        };
        Self {
            client_id: app.client_id.clone(),
            name: app.name.clone(),
            access,
            authentication: app.authentication.name(),
            algorithm: app.signing_algorithm.name(),
            state: if app.disabled_at.is_some() { "off" } else { "on" },
        }
    }
}

impl Row for AppRow {
    const HEADS: &'static [&'static str] = &["CLIENT ID", "NAME", "ACCESS", "AUTHENTICATION", "ALG", "STATE"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.client_id.clone(),
            self.name.clone(),
            self.access.clone(),
            self.authentication.to_owned(),
            self.algorithm.to_owned(),
            self.state.to_owned(),
        ]
    }
}

/// All of an app.
#[derive(Serialize)]
struct AppDetails {
    #[serde(flatten)]
    row: AppRow,
    issuer: String,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    home: Option<String>,
    offline_access: bool,
    asks_consent: bool,
    dev: bool,
    /// Only when it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl AppDetails {
    fn new(app: &App, issuer: &str, client_secret: Option<String>) -> Self {
        Self {
            row: AppRow::from(app),
            issuer: issuer.to_owned(),
            redirect_uris: app.redirect_uris.clone(),
            post_logout_redirect_uris: app.post_logout_redirect_uris.clone(),
            home: app.home.as_ref().map(ToString::to_string),
            offline_access: app.offline_access,
            asks_consent: app.asks_consent,
            dev: app.dev,
            client_secret,
        }
    }

    fn facts(&self) -> Vec<(&'static str, String)> {
        let yes = |value: bool| if value { "yes" } else { "no" }.to_owned();
        let mut facts = vec![
            ("name", self.row.name.clone()),
            ("issuer", self.issuer.clone()),
            ("client_id", self.row.client_id.clone()),
        ];
        if let Some(secret) = &self.client_secret {
            facts.push(("client_secret", secret.clone()));
        }
        facts.extend([
            ("authentication", self.row.authentication.to_owned()),
            ("access", self.row.access.clone()),
            ("redirect URIs", self.redirect_uris.join("\n")),
            (
                "after sign-out",
                or_dash(
                    (!self.post_logout_redirect_uris.is_empty())
                        .then(|| self.post_logout_redirect_uris.join("\n")),
                ),
            ),
            ("home", or_dash(self.home.as_ref())),
            ("ID tokens", self.row.algorithm.to_owned()),
            ("offline access", yes(self.offline_access)),
            ("asks consent", yes(self.asks_consent)),
            ("dev", yes(self.dev)),
            ("state", self.row.state.to_owned()),
        ]);
        facts
    }
}

pub(super) async fn run(command: AppCommand, context: &Context) -> Result<(), CliError> {
    match command {
        AppCommand::Add(args) => add(args, context).await,
        AppCommand::List => {
            let apps = context.core().await?.store.reader().apps().await?;
            context.rows(&apps.iter().map(AppRow::from).collect::<Vec<_>>())
        }
        AppCommand::Show { client_id } => {
            let core = context.core().await?;
            let app = find::app(&core.store.reader(), &client_id).await?;
            let details = AppDetails::new(&app, core.settings.issuer.as_str(), None);
            context.thing(&details, &details.facts())
        }
    }
}

async fn add(args: AddArgs, context: &Context) -> Result<(), CliError> {
    let access = match (args.access, args.domain) {
        (Access::Domain, domains) => AccessRule::Domain(domains),
        (_, domains) if !domains.is_empty() => {
            return Err(CliError::Usage("--domain goes with --access domain".into()));
        }
        (Access::Invited, _) => AccessRule::Invited,
        (Access::AnyGuest, _) => AccessRule::AnyGuest,
    };
    if args.jwks.is_some() && !matches!(args.auth, Auth::PrivateKeyJwt) {
        let text = "--jwks holds the keys of --auth private_key_jwt, which was not given";
        return Err(CliError::Usage(text.to_owned()));
    }
    let jwks = args.jwks.map(|path| {
        std::fs::read_to_string(&path)
            .map_err(|error| CliError::Failed(format!("cannot read {}: {error}", path.display())))
    });
    let authentication = match args.auth {
        Auth::ClientSecretBasic => NewAuthentication::SecretBasic,
        Auth::ClientSecretPost => NewAuthentication::SecretPost,
        Auth::PrivateKeyJwt => NewAuthentication::PrivateKeyJwt(jwks.transpose()?.unwrap_or_default()),
        Auth::None => NewAuthentication::None,
    };
    let (name, client_id) = match args.name {
        Some(name) => (name, Some(args.called)),
        None => (args.called, None),
    };
    let new = NewApp {
        name,
        client_id,
        redirect_uris: args.redirect_uri,
        post_logout_redirect_uris: args.post_logout_redirect_uri,
        home: args.home,
        access,
        authentication,
        signing_algorithm: args.alg,
        offline_access: args.offline_access,
        asks_consent: args.ask_consent,
        dev: args.dev,
    };
    let core = context.core().await?;
    let registered = register_app(&core, context.operator(), new).await?;
    let secret = registered.secret.map(|secret| secret.expose().to_owned());
    let shown_once = secret.is_some();
    let details = AppDetails::new(&registered.app, core.settings.issuer.as_str(), secret);
    context.thing(&details, &details.facts())?;
    if shown_once {
        context.remark("The secret is not kept and cannot be shown again: put it where the app reads it.");
    }
    Ok(())
}
