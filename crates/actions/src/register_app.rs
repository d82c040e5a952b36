//! Registering an app.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, Secret,
    app::{
        AccessRule, App, AppAuthentication, AppSecret, Pkce, SecretMethod, SigningAlgorithm,
        check_redirect_uri,
    },
    audit::{Action, Actor, AuditEvent},
    email::canonical_domain,
    inviter::Inviters,
};
use sign_in::Core;
use store::Tx;
use url::Url;

use super::{ActionError, check::Faults, sponsors::may_be_sponsor};

/// What an operator says of a new app.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, and they combine freely"
)]
pub struct NewApp {
    /// What pages and mails call it.
    pub name: String,
    /// Its `client_id`; made from the name when there is none.
    pub client_id: Option<String>,
    /// Where it receives answers.
    pub redirect_uris: Vec<String>,
    /// Where browsers may go after signing out.
    pub post_logout_redirect_uris: Vec<String>,
    /// Its front page; the root of the first redirect URI when there is none.
    pub home: Option<String>,
    /// The address of the person answerable for it.
    pub owner: Option<String>,
    /// The address to which guests turn who need help with it.
    pub contact: Option<String>,
    /// Who may come in.
    pub access: AccessRule,
    /// Who may invite to it.
    pub inviters: Inviters,
    /// How it proves itself.
    pub authentication: NewAuthentication,
    /// What signs its ID tokens.
    pub signing_algorithm: SigningAlgorithm,
    /// Whether it must use PKCE.
    pub pkce: Pkce,
    /// Whether the claims of its scopes stand in ID tokens as well.
    pub id_token_claims: bool,
    /// Whether its assertions are held to the narrower rules; with `private_key_jwt`.
    pub strict_assertions: bool,
    /// Whether it gets refresh tokens that outlive the session.
    pub offline_access: bool,
    /// Whether guests are asked before it learns their data.
    pub asks_consent: bool,
    /// Whether error pages may show details.
    pub dev: bool,
}

impl NewApp {
    /// An app with a secret, for invited guests, and the usual everything else.
    pub fn new(name: impl Into<String>, redirect_uri: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            client_id: None,
            redirect_uris: vec![redirect_uri.into()],
            post_logout_redirect_uris: Vec::new(),
            home: None,
            owner: None,
            contact: None,
            access: AccessRule::Invited,
            inviters: Inviters::Operators,
            authentication: NewAuthentication::Secret(SecretMethod::Any),
            signing_algorithm: SigningAlgorithm::Rs256,
            pkce: Pkce::Required,
            id_token_claims: false,
            strict_assertions: false,
            offline_access: false,
            asks_consent: false,
            dev: false,
        }
    }
}

/// How an app is to prove itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NewAuthentication {
    /// By a secret that is made here.
    Secret(SecretMethod),
    /// `private_key_jwt`, with this JWK Set.
    PrivateKeyJwt(String),
    /// `none`.
    None,
}

impl NewAuthentication {
    /// As it is kept, once it is known to be good.
    pub(super) fn checked(self, faults: &mut Faults) -> Option<AppAuthentication> {
        match self {
            Self::Secret(method) => Some(AppAuthentication::Secret(method)),
            Self::PrivateKeyJwt(jwks) => faults
                .or("jwks", public_keys(&jwks))
                .map(|()| AppAuthentication::PrivateKeyJwt { jwks, strict: false }),
            Self::None => Some(AppAuthentication::None),
        }
    }
}

/// Holds an app's assertions to the narrower rules, or lets go of them. Another way of proving oneself has none.
pub(super) fn hold_to(faults: &mut Faults, authentication: &mut AppAuthentication, is_strict: bool) {
    match authentication {
        AppAuthentication::PrivateKeyJwt { strict, .. } => *strict = is_strict,
        _ if is_strict => faults.add(
            "strict_assertions",
            "is for apps that sign assertions (private_key_jwt)",
        ),
        _ => {}
    }
}

/// An app that was registered.
#[derive(Clone, Debug)]
pub struct Registered {
    /// The app.
    pub app: App,
    /// Its secret: shown now, and never again.
    pub secret: Option<Secret>,
}

/// The longest name, in characters.
pub(super) const NAME_MAX: usize = 80;

/// Registers an app. Its secret is made here, and only its hash is kept.
pub async fn register_app(core: &Core, by: Actor, new: NewApp) -> Result<Registered, ActionError> {
    let mut faults = Faults::default();
    let name = faults.line("name", &new.name, NAME_MAX);
    let client_id = client_id(&mut faults, new.client_id.as_deref(), &name);
    check_uris(&mut faults, &new.redirect_uris, &new.post_logout_redirect_uris);
    let home = new
        .home
        .as_deref()
        .and_then(|home| faults.or("home", web_page(home)));
    let home = home.or_else(|| new.redirect_uris.iter().find_map(|uri| front_page(uri)));
    let owner = faults.maybe_email("owner", new.owner.as_deref());
    let contact = faults.maybe_email("contact", new.contact.as_deref());
    let access = access(&mut faults, new.access);
    let mut authentication = new.authentication.checked(&mut faults);
    if let Some(authentication) = &mut authentication {
        hold_to(&mut faults, authentication, new.strict_assertions);
    }
    if let Some(authentication) = &authentication {
        check_pkce(&mut faults, new.pkce, authentication);
    }
    let authentication = faults.finish_with(authentication)?;

    let now = core.now();
    let app = App {
        id: Id::new(now, &*core.entropy),
        client_id,
        name,
        authentication,
        redirect_uris: new.redirect_uris,
        post_logout_redirect_uris: new.post_logout_redirect_uris,
        home,
        owner,
        contact,
        logo: None,
        access,
        inviters: new.inviters,
        asks_consent: new.asks_consent,
        offline_access: new.offline_access,
        signing_algorithm: new.signing_algorithm,
        pkce: new.pkce,
        id_token_claims: new.id_token_claims,
        dev: new.dev,
        disabled_at: None,
        created_at: now,
    };
    let tx = core.store.begin().await?;
    let owned_by = app.owner.as_ref().map(EmailAddress::as_str);
    may_be_sponsor(&tx, "owner", owned_by, now).await?;
    tx.insert_app(&app).await.map_err(|error| {
        ActionError::taken(error, || {
            format!(
                "an app with client ID \"{}\" already exists; choose another",
                app.client_id
            )
        })
    })?;
    let secret = match app.authentication {
        AppAuthentication::Secret(_) => Some(new_secret(core, &tx, app.id, now).await?),
        AppAuthentication::PrivateKeyJwt { .. } | AppAuthentication::None => None,
    };
    let event = AuditEvent::new(Action::AppAdded, by)
        .app(app.id)
        .detail("client_id", &app.client_id)
        .detail("access", app.access.name());
    tx.record(event, now).await?;
    tx.commit().await?;

    Ok(Registered { app, secret })
}

/// Makes a secret, of which the hash is kept.
pub(super) async fn new_secret(
    core: &Core,
    tx: &Tx,
    app: Id<App>,
    now: DateTime<Utc>,
) -> Result<Secret, ActionError> {
    let secret = Secret::generate(&*core.entropy);
    tx.insert_app_secret(&AppSecret {
        id: Id::new(now, &*core.entropy),
        app,
        hash: secret.hash(),
        created_at: now,
        last_used_at: None,
    })
    .await?;
    Ok(secret)
}

/// Nothing but PKCE protects a public app (RFC 9700 §2.1.1).
pub(super) fn check_pkce(faults: &mut Faults, pkce: Pkce, authentication: &AppAuthentication) {
    if pkce == Pkce::Optional && authentication.is_public() {
        faults.add("pkce", "must be required for an app that cannot keep a secret");
    }
}

/// Where an app's own pages begin, as far as its redirect URI says: invitations have to lead somewhere.
fn front_page(redirect_uri: &str) -> Option<Url> {
    let uri = Url::parse(redirect_uri).ok()?;
    matches!(uri.scheme(), "https" | "http")
        .then(|| uri.join("/").ok())
        .flatten()
}

/// The id that was chosen, or the name in a form that needs no quoting anywhere: `Acme Notes` → `acme-notes`.
fn client_id(faults: &mut Faults, given: Option<&str>, name: &str) -> String {
    let id = given.map_or_else(
        || {
            let words = name
                .to_lowercase()
                .split(|c: char| !c.is_ascii_alphanumeric())
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join("-");
            words.chars().take(40).collect()
        },
        str::to_owned,
    );
    faults.short_name("client_id", &id, "acme-notes");
    id
}

pub(super) fn check_uris(faults: &mut Faults, redirect_uris: &[String], post_logout: &[String]) {
    if redirect_uris.is_empty() {
        faults.add(
            "redirect_uris",
            "is empty: the app must receive its answers somewhere",
        );
    }
    for (field, uris) in [
        ("redirect_uris", redirect_uris),
        ("post_logout_redirect_uris", post_logout),
    ] {
        for (i, uri) in uris.iter().enumerate() {
            if let Err(error) = check_redirect_uri(uri) {
                faults.add(field, format!("holds \"{uri}\", which {error}"));
            } else if uris[..i].contains(uri) {
                faults.add(field, format!("holds \"{uri}\" twice"));
            }
        }
    }
}

pub(super) fn web_page(text: &str) -> Result<Url, &'static str> {
    match Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "https" | "http") && url.has_host() => Ok(url),
        _ => Err("is not a web address, such as https://notes.acme.example/"),
    }
}

pub(super) fn access(faults: &mut Faults, access: AccessRule) -> AccessRule {
    let AccessRule::Domain(domains) = access else {
        return access;
    };
    if domains.is_empty() {
        faults.add(
            "domains",
            "is empty: name at least one domain, such as contoso.example",
        );
    }
    let domains = domains.iter().filter_map(|domain| {
        let canonical = canonical_domain(domain.trim());
        faults.or(
            "domains",
            canonical.map_err(|_| format!("holds \"{domain}\", which is not a domain name")),
        )
    });
    AccessRule::Domain(domains.collect())
}

/// Checks a JWK Set: public keys only (RFC 7517 §5, §9.2).
fn public_keys(text: &str) -> Result<(), String> {
    const PRIVATE: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];
    const MAX: usize = 64 * 1024;
    if text.len() > MAX {
        return Err("is larger than 64 KiB".into());
    }
    let set: serde_json::Value = serde_json::from_str(text).map_err(|_| "is not JSON")?;
    let keys = set.get("keys").and_then(serde_json::Value::as_array);
    let keys = keys.filter(|keys| !keys.is_empty());
    let Some(keys) = keys else {
        return Err("is not a JWK Set: an object with \"keys\", a list that is not empty".into());
    };
    for key in keys {
        if key.get("kty").and_then(serde_json::Value::as_str).is_none() {
            return Err("holds a key without \"kty\"".into());
        }
        if PRIVATE.iter().any(|member| key.get(member).is_some()) {
            return Err(
                "holds a private or symmetric key: register public keys only, and replace this one".into(),
            );
        }
    }
    Ok(())
}
