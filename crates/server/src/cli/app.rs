//! `vestibule app add|list|show|set|disable|enable|remove|secret|logo`.

mod line;
mod logo;
mod secret;
mod set;

use std::path::PathBuf;

use actions::{NewApp, NewAuthentication, disable_app, enable_app, register_app, remove_app};
use clap::{Args, Subcommand, ValueEnum};
use domain::{
    app::{AccessRule, Pkce, SecretMethod, SigningAlgorithm},
    inviter::Inviters,
};

use self::line::{AppDetails, AppLine};
use super::{CliError, context::Context, find};

/// Said where a secret was printed.
const SHOWN_ONCE: &str = "The secret is not kept and cannot be shown again: put it where the app reads it.";

#[derive(Debug, Subcommand)]
pub(super) enum AppCommand {
    /// Register an app; its secret is printed once
    Add(Box<AppAddArgs>),
    /// List apps
    List,
    /// Show one app
    Show {
        /// Its client ID
        client_id: String,
    },
    /// Change an app; options that are not given stay as they are
    Set(Box<set::AppSetArgs>),
    /// Disable an app: no guest can sign in to it, and its tokens are refused until it is enabled
    Disable {
        /// Its client ID
        client_id: String,
    },
    /// Enable an app again
    Enable {
        /// Its client ID
        client_id: String,
    },
    /// Remove an app, with its tokens, invitations and assignments
    Remove {
        /// Its client ID
        client_id: String,
    },
    /// Add, list and remove the secrets of an app; it may have two at once
    #[command(subcommand)]
    Secret(secret::SecretCommand),
    /// Set and remove the logo of an app
    #[command(subcommand)]
    Logo(logo::LogoCommand),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule app add notes --name \"Acme Notes\" --redirect-uri https://notes.acme.example/callback
  vestibule app add Files --redirect-uri https://files.acme.example/cb --access domain --domain contoso.example
  vestibule app add Reader --redirect-uri com.acme.reader:/cb --auth none --offline-access")]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub(super) struct AppAddArgs {
    /// Client ID, such as `notes`; or the app's full name, from which a client ID is made
    #[arg(value_name = "NAME")]
    called: String,
    /// Name shown on pages and in emails
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Redirect URI; can be given more than once
    #[arg(long, value_name = "URI", required = true)]
    redirect_uri: Vec<String>,
    /// Allowed redirect after sign-out; can be given more than once
    #[arg(long, value_name = "URI")]
    post_logout_redirect_uri: Vec<String>,
    /// The app's home page, linked from ours [default: root of the first redirect URI]
    #[arg(long, value_name = "URL")]
    home: Option<String>,
    /// Address of the person answerable for the app: guests who lack access can ask them for it
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<String>,
    /// Address to which guests turn for help with the app [default: the organisation's, `help.email`]
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Who can sign in
    #[arg(long, value_enum, default_value_t)]
    access: AccessChoice,
    /// With `--access domain`: email domains that need no invitation; can be given more than once
    #[arg(long, value_name = "DOMAIN")]
    domain: Vec<String>,
    /// Who can invite to it: `operators` only, its `owner` too, or the `sponsors` of its guests too
    #[arg(long, value_name = "operators|owner|sponsors", default_value = "operators", value_parser = inviters)]
    inviters: Inviters,
    /// How the app authenticates at the token endpoint
    #[arg(long, value_enum, default_value_t)]
    auth: Auth,
    /// With `--auth private_key_jwt`: file with the app's public keys (JWK Set)
    #[arg(long, value_name = "FILE", required_if_eq("auth", "private_key_jwt"))]
    jwks: Option<PathBuf>,
    /// Signing algorithm of its ID tokens
    #[arg(long, value_name = "RS256|ES256|EdDSA|PS256", default_value = "RS256", value_parser = algorithm)]
    alg: SigningAlgorithm,
    /// Whether PKCE is required. `optional` is for apps with a secret whose library lacks PKCE; they must send a nonce
    #[arg(long, value_name = "required|optional", default_value = "required", value_parser = pkce)]
    pkce: Pkce,
    /// Also put email and profile claims into the ID token, for apps that never call UserInfo (Auth.js)
    #[arg(long)]
    id_token_claims: bool,
    /// Accept only assertions whose `aud` is the issuer and that live at most 60 seconds (FAPI 2.0; with `private_key_jwt`)
    #[arg(long)]
    strict_assertions: bool,
    /// Issue refresh tokens that outlive the browser session (`offline_access`)
    #[arg(long)]
    offline_access: bool,
    /// Ask guests for consent
    #[arg(long)]
    ask_consent: bool,
    /// Show request details on error pages, and error causes to the app (development only)
    #[arg(long)]
    dev: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum AccessChoice {
    /// Invited guests
    #[default]
    Invited,
    /// Anyone with an address in these domains, and invited guests
    Domain,
    /// Anyone with a working email address
    AnyGuest,
}

/// The registered names, spelled as they are on the wire.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
#[value(rename_all = "snake_case")]
enum Auth {
    /// A secret, in the header or in the body, whichever its library uses
    #[default]
    ClientSecret,
    /// A secret in the Authorization header only
    ClientSecretBasic,
    /// A secret in the body only
    ClientSecretPost,
    /// A signed assertion
    PrivateKeyJwt,
    /// PKCE only, for apps that cannot keep a secret
    None,
}

impl Auth {
    /// With the keys that one of them needs.
    fn with(self, jwks: Option<PathBuf>) -> Result<NewAuthentication, CliError> {
        if jwks.is_some() && !matches!(self, Self::PrivateKeyJwt) {
            let text = "--jwks holds the keys of --auth private_key_jwt, which was not given";
            return Err(CliError::Usage(text.to_owned()));
        }
        Ok(match self {
            Self::ClientSecret => NewAuthentication::Secret(SecretMethod::Any),
            Self::ClientSecretBasic => NewAuthentication::Secret(SecretMethod::Basic),
            Self::ClientSecretPost => NewAuthentication::Secret(SecretMethod::Post),
            Self::PrivateKeyJwt => {
                let path = jwks.unwrap_or_default();
                let read = std::fs::read_to_string(&path);
                NewAuthentication::PrivateKeyJwt(
                    read.map_err(|error| {
                        CliError::Failed(format!("cannot read {}: {error}", path.display()))
                    })?,
                )
            }
            Self::None => NewAuthentication::None,
        })
    }
}

fn pkce(name: &str) -> Result<Pkce, &'static str> {
    Pkce::parse(name).ok_or("must be required or optional")
}

fn inviters(name: &str) -> Result<Inviters, &'static str> {
    Inviters::parse(name).ok_or("must be operators, owner or sponsors")
}

/// Who may come in, with the domains that one of the rules needs.
fn access_rule(access: AccessChoice, domains: Vec<String>) -> Result<AccessRule, CliError> {
    match (access, domains) {
        (AccessChoice::Domain, domains) => Ok(AccessRule::Domain(domains)),
        (_, domains) if !domains.is_empty() => {
            Err(CliError::Usage("--domain goes with --access domain".into()))
        }
        (AccessChoice::Invited, _) => Ok(AccessRule::Invited),
        (AccessChoice::AnyGuest, _) => Ok(AccessRule::AnyGuest),
    }
}

fn algorithm(name: &str) -> Result<SigningAlgorithm, String> {
    SigningAlgorithm::parse(name).ok_or_else(|| {
        let names = SigningAlgorithm::ALL.map(SigningAlgorithm::name);
        format!("choose one of {}", names.join(", "))
    })
}

pub(super) async fn run(command: AppCommand, context: &Context) -> Result<(), CliError> {
    match command {
        AppCommand::Add(args) => add(*args, context).await,
        AppCommand::List => {
            let apps = context.core().await?.store.reader().apps().await?;
            context.rows(&apps.iter().map(AppLine::from).collect::<Vec<_>>())
        }
        AppCommand::Show { client_id } => {
            let core = context.core().await?;
            let app = find::app(&core.store.reader(), &client_id).await?;
            let details = AppDetails::new(&app, core.settings.issuer.as_str(), None);
            context.thing(&details, &details.facts())
        }
        AppCommand::Set(args) => set::run(*args, context).await,
        AppCommand::Disable { client_id } => {
            let core = context.core().await?;
            let app = find::app(&core.store.reader(), &client_id).await?;
            context.confirm(&format!(
                "Nobody can sign in to {} then, and its tokens count for nothing until it is on again. Go on?",
                app.name
            ))?;
            disable_app(&core, context.operator(), &client_id).await?;
            context.remark(&format!("{client_id} is off."));
            Ok(())
        }
        AppCommand::Enable { client_id } => {
            let core = context.core().await?;
            enable_app(&core, context.operator(), &client_id).await?;
            context.remark(&format!("{client_id} is on."));
            Ok(())
        }
        AppCommand::Remove { client_id } => {
            let core = context.core().await?;
            let app = find::app(&core.store.reader(), &client_id).await?;
            context.confirm(&format!(
                "{} is removed, with its tokens, its invitations and who was assigned to it. Go on?",
                app.name
            ))?;
            remove_app(&core, context.operator(), &client_id).await?;
            context.remark(&format!("{client_id} is removed."));
            Ok(())
        }
        AppCommand::Secret(command) => secret::run(command, context).await,
        AppCommand::Logo(command) => logo::run(command, context).await,
    }
}

async fn add(args: AppAddArgs, context: &Context) -> Result<(), CliError> {
    let access = access_rule(args.access, args.domain)?;
    let authentication = args.auth.with(args.jwks)?;
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
        owner: args.owner,
        contact: args.contact,
        access,
        inviters: args.inviters,
        authentication,
        signing_algorithm: args.alg,
        pkce: args.pkce,
        id_token_claims: args.id_token_claims,
        strict_assertions: args.strict_assertions,
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
        context.remark(SHOWN_ONCE);
    }
    Ok(())
}
