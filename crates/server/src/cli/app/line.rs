//! One app, as it is printed.

use domain::app::{AccessRule, App, AppSecret};
use serde::Serialize;
use web::routes;

use crate::cli::output::{Row, moment, or_dash};

/// An app in a list.
#[derive(Serialize)]
pub(super) struct AppLine {
    client_id: String,
    name: String,
    access: String,
    authentication: &'static str,
    algorithm: &'static str,
    state: &'static str,
}

impl From<&App> for AppLine {
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

impl Row for AppLine {
    const SEVERAL: &'static str = "apps";
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
#[expect(clippy::struct_excessive_bools, reason = "each is printed by its name")]
pub(super) struct AppDetails {
    #[serde(flatten)]
    row: AppLine,
    issuer: String,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    home: Option<String>,
    owner: Option<String>,
    contact: Option<String>,
    logo: Option<String>,
    inviters: &'static str,
    pkce: &'static str,
    id_token_claims: bool,
    strict_assertions: bool,
    offline_access: bool,
    asks_consent: bool,
    dev: bool,
    /// Only when it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl AppDetails {
    pub(super) fn new(app: &App, issuer: &str, client_secret: Option<String>) -> Self {
        Self {
            row: AppLine::from(app),
            issuer: issuer.to_owned(),
            redirect_uris: app.redirect_uris.clone(),
            post_logout_redirect_uris: app.post_logout_redirect_uris.clone(),
            home: app.home.as_ref().map(ToString::to_string),
            owner: app.owner.as_ref().map(|owner| owner.as_str().to_owned()),
            contact: app.contact.as_ref().map(|contact| contact.as_str().to_owned()),
            logo: routes::logo_of(app),
            inviters: app.inviters.name(),
            pkce: app.pkce.name(),
            id_token_claims: app.id_token_claims,
            strict_assertions: app.authentication.is_strict(),
            offline_access: app.offline_access,
            asks_consent: app.asks_consent,
            dev: app.dev,
            client_secret,
        }
    }

    pub(super) fn facts(&self) -> Vec<(&'static str, String)> {
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
            ("authentication", self.proof()),
            ("PKCE", self.pkce_in_words()),
            ("access", self.row.access.clone()),
            ("inviters", self.inviters.to_owned()),
            ("redirect URIs", self.redirect_uris.join("\n")),
            (
                "after sign-out",
                or_dash(
                    (!self.post_logout_redirect_uris.is_empty())
                        .then(|| self.post_logout_redirect_uris.join("\n")),
                ),
            ),
            ("home", or_dash(self.home.as_ref())),
            ("owner", or_dash(self.owner.as_ref())),
            ("contact", or_dash(self.contact.as_ref())),
            ("logo", or_dash(self.logo.as_ref())),
            ("ID tokens", self.id_tokens()),
            ("offline access", yes(self.offline_access)),
            ("asks consent", yes(self.asks_consent)),
            ("dev", yes(self.dev)),
            ("state", self.row.state.to_owned()),
        ]);
        facts
    }

    fn pkce_in_words(&self) -> String {
        match self.pkce {
            "optional" => {
                "optional: the nonce protects what the app does not; prefer a library that sends PKCE".into()
            }
            other => other.to_owned(),
        }
    }

    fn proof(&self) -> String {
        let strict = if self.strict_assertions {
            ", strict: aud is the issuer, 60 seconds at most"
        } else {
            ""
        };
        format!("{}{strict}", authentication(self.row.authentication))
    }

    fn id_tokens(&self) -> String {
        let claims = if self.id_token_claims {
            ", with the claims of the scopes"
        } else {
            "; email and name are at UserInfo"
        };
        format!("{}{claims}", self.row.algorithm)
    }
}

/// How it proves itself, in words.
fn authentication(name: &str) -> String {
    match name {
        "client_secret" => "client_secret_basic or client_secret_post".into(),
        other => other.to_owned(),
    }
}

/// A secret of an app.
#[derive(Serialize)]
pub(super) struct SecretLine {
    id: String,
    created_at: String,
    /// To the hour.
    last_used_at: Option<String>,
}

impl From<&AppSecret> for SecretLine {
    fn from(secret: &AppSecret) -> Self {
        Self {
            id: secret.id.to_string(),
            created_at: moment(secret.created_at),
            last_used_at: secret.last_used_at.map(moment),
        }
    }
}

impl Row for SecretLine {
    const SEVERAL: &'static str = "secrets";
    const HEADS: &'static [&'static str] = &["ID", "CREATED", "LAST USED"];

    fn cells(&self) -> Vec<String> {
        vec![
            self.id.clone(),
            self.created_at.clone(),
            or_dash(self.last_used_at.as_ref()),
        ]
    }
}
