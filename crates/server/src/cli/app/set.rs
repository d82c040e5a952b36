//! `vestibule app set`.

use std::path::PathBuf;

use actions::{AppChange, By, Version, change_app};
use clap::Args;
use domain::{
    app::{App, Pkce, SigningAlgorithm},
    inviter::Inviters,
};

use super::{AccessChoice, Auth, SHOWN_ONCE, access_rule, algorithm, inviters, line::AppDetails, pkce};
use crate::cli::{CliError, context::Context, find};

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  vestibule app set notes --add-redirect-uri https://notes.acme.example/callback2
  vestibule app set notes --auth private_key_jwt --jwks keys.json
  vestibule app set portal --pkce optional --id-token-claims true
  vestibule app set notes --owner lee@acme.example --inviters owner")]
pub(in crate::cli) struct AppSetArgs {
    /// Its client ID
    client_id: String,
    /// Name shown on pages and in emails
    #[arg(long, value_name = "TEXT")]
    name: Option<String>,
    /// Redirect URI; replaces all that are registered; can be given more than once
    #[arg(long, value_name = "URI", conflicts_with_all = ["add_redirect_uri", "remove_redirect_uri"])]
    redirect_uri: Vec<String>,
    /// Add a redirect URI; can be given more than once
    #[arg(long, value_name = "URI")]
    add_redirect_uri: Vec<String>,
    /// Remove a redirect URI; can be given more than once
    #[arg(long, value_name = "URI")]
    remove_redirect_uri: Vec<String>,
    /// Allowed redirect after sign-out; replaces all that are registered; can be given more than once
    #[arg(long, value_name = "URI", conflicts_with_all = ["add_post_logout_redirect_uri", "remove_post_logout_redirect_uri"])]
    post_logout_redirect_uri: Vec<String>,
    /// Add an allowed redirect after sign-out; can be given more than once
    #[arg(long, value_name = "URI")]
    add_post_logout_redirect_uri: Vec<String>,
    /// Remove an allowed redirect after sign-out; can be given more than once
    #[arg(long, value_name = "URI")]
    remove_post_logout_redirect_uri: Vec<String>,
    /// The app's home page, linked from ours
    #[arg(long, value_name = "URL")]
    home: Option<String>,
    /// Address of the person answerable for the app, who is asked for access; "" removes it
    #[arg(long, value_name = "ADDRESS")]
    owner: Option<String>,
    /// Address to which guests turn for help with the app; "" removes it
    #[arg(long, value_name = "ADDRESS")]
    contact: Option<String>,
    /// Who can sign in
    #[arg(long, value_enum)]
    access: Option<AccessChoice>,
    /// With `--access domain`: email domains that need no invitation; can be given more than once
    #[arg(long, value_name = "DOMAIN", requires = "access")]
    domain: Vec<String>,
    /// Who can invite to it: `operators` only, its `owner` too, or the `sponsors` of its guests too
    #[arg(long, value_name = "operators|owner|sponsors", value_parser = inviters)]
    inviters: Option<Inviters>,
    /// How the app authenticates at the token endpoint
    #[arg(long, value_enum)]
    auth: Option<Auth>,
    /// With `--auth private_key_jwt`: file with the app's public keys (JWK Set)
    #[arg(
        long,
        value_name = "FILE",
        requires = "auth",
        required_if_eq("auth", "private_key_jwt")
    )]
    jwks: Option<PathBuf>,
    /// Signing algorithm of its ID tokens
    #[arg(long, value_name = "RS256|ES256|EdDSA|PS256", value_parser = algorithm)]
    alg: Option<SigningAlgorithm>,
    /// Whether PKCE is required
    #[arg(long, value_name = "required|optional", value_parser = pkce)]
    pkce: Option<Pkce>,
    /// Also put email and profile claims into the ID token
    #[arg(long, value_name = "BOOL")]
    id_token_claims: Option<bool>,
    /// Accept only assertions whose `aud` is the issuer and that live at most 60 seconds (with `private_key_jwt`)
    #[arg(long, value_name = "BOOL")]
    strict_assertions: Option<bool>,
    /// Issue refresh tokens that outlive the browser session (`offline_access`)
    #[arg(long, value_name = "BOOL")]
    offline_access: Option<bool>,
    /// Ask guests for consent
    #[arg(long, value_name = "BOOL")]
    ask_consent: Option<bool>,
    /// Show request details on error pages, and error causes to the app (development only)
    #[arg(long, value_name = "BOOL")]
    dev: Option<bool>,
}

pub(super) async fn run(args: AppSetArgs, context: &Context) -> Result<(), CliError> {
    let core = context.core().await?;
    let app = find::app(&core.store.reader(), &args.client_id).await?;
    let client_id = args.client_id.clone();
    // Else of two who add to a list at once one would undo what the other did.
    let seen = vec![Version::of(&app).as_str().to_owned()];
    let by = By::who_saw(context.operator(), seen);
    let change = args.change(&app)?;
    let changed = change_app(&core, by, &client_id, change).await?;
    let secret = changed.secret.map(|secret| secret.expose().to_owned());
    let shown_once = secret.is_some();
    let details = AppDetails::new(&changed.app, core.settings.issuer.as_str(), secret);
    context.thing(&details, &details.facts())?;
    if shown_once {
        context.remark(SHOWN_ONCE);
    }
    Ok(())
}

impl AppSetArgs {
    fn change(self, app: &App) -> Result<AppChange, CliError> {
        Ok(AppChange {
            name: self.name,
            redirect_uris: list(
                &app.redirect_uris,
                self.redirect_uri,
                self.add_redirect_uri,
                &self.remove_redirect_uri,
            )?,
            post_logout_redirect_uris: list(
                &app.post_logout_redirect_uris,
                self.post_logout_redirect_uri,
                self.add_post_logout_redirect_uri,
                &self.remove_post_logout_redirect_uri,
            )?,
            home: self.home,
            owner: self.owner,
            contact: self.contact,
            access: match self.access {
                Some(access) => Some(access_rule(access, self.domain)?),
                None => None,
            },
            inviters: self.inviters,
            authentication: match self.auth {
                Some(auth) => Some(auth.with(self.jwks)?),
                None => None,
            },
            signing_algorithm: self.alg,
            pkce: self.pkce,
            id_token_claims: self.id_token_claims,
            strict_assertions: self.strict_assertions,
            offline_access: self.offline_access,
            asks_consent: self.ask_consent,
            dev: self.dev,
        })
    }
}

/// The list as it will be; `None` where nothing was said of it.
fn list(
    known: &[String],
    instead: Vec<String>,
    more: Vec<String>,
    less: &[String],
) -> Result<Option<Vec<String>>, CliError> {
    if !instead.is_empty() {
        return Ok(Some(instead));
    }
    if more.is_empty() && less.is_empty() {
        return Ok(None);
    }
    if let Some(unknown) = less.iter().find(|uri| !known.contains(uri)) {
        let text = format!(
            "\"{unknown}\" is not registered; registered: {}",
            known.join(", ")
        );
        return Err(CliError::Usage(text));
    }
    let kept = known.iter().filter(|uri| !less.contains(uri)).cloned();
    Ok(Some(kept.chain(more).collect()))
}
