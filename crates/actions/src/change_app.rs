//! Changing an app, switching it off and on, removing it, and its secrets.

use std::fmt::Display;

use domain::{
    EmailAddress, Id, Secret,
    app::{AccessRule, App, AppAuthentication, AppSecret, Pkce, SECRETS_MAX, SigningAlgorithm},
    audit::{Action, Actor, AuditEvent},
    inviter::Inviters,
};
use sign_in::{Core, access_request::hand_on_found};
use store::{AccessRequestFilter, Tx};

use super::{
    ActionError, By, NewAuthentication,
    check::Faults,
    register_app::{NAME_MAX, access, check_pkce, check_uris, hold_to, new_secret, web_page},
    sponsors::may_be_sponsor,
};

/// What an operator wants to be otherwise; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AppChange {
    /// What pages and mails call it.
    pub name: Option<String>,
    /// Where it receives answers: all of them.
    pub redirect_uris: Option<Vec<String>>,
    /// Where browsers may go after signing out: all of them.
    pub post_logout_redirect_uris: Option<Vec<String>>,
    /// Its front page.
    pub home: Option<String>,
    /// The address of the person answerable for it; empty: nobody.
    pub owner: Option<String>,
    /// The address to which guests turn who need help with it; empty: the organisation's.
    pub contact: Option<String>,
    /// Who may come in.
    pub access: Option<AccessRule>,
    /// Who may invite to it.
    pub inviters: Option<Inviters>,
    /// How it proves itself.
    pub authentication: Option<NewAuthentication>,
    /// What signs its ID tokens.
    pub signing_algorithm: Option<SigningAlgorithm>,
    /// Whether it must use PKCE.
    pub pkce: Option<Pkce>,
    /// Whether the claims of its scopes stand in ID tokens as well.
    pub id_token_claims: Option<bool>,
    /// Whether its assertions are held to the narrower rules; with `private_key_jwt`.
    pub strict_assertions: Option<bool>,
    /// Whether it gets refresh tokens that outlive the session.
    pub offline_access: Option<bool>,
    /// Whether guests are asked before it learns their data.
    pub asks_consent: Option<bool>,
    /// Whether it is told the causes of errors.
    pub dev: Option<bool>,
}

/// An app after a change.
#[derive(Clone, Debug)]
pub struct ChangedApp {
    /// The app.
    pub app: App,
    /// Its first secret, where it proves itself by one from now on.
    pub secret: Option<Secret>,
}

/// Changes an app. Where it stops proving itself by a secret, its secrets are gone; where it begins to, it gets one.
///
/// # Errors
///
/// Every field that is wrong; no app of that name; [`ActionError::Changed`].
pub async fn change_app(
    core: &Core,
    by: impl Into<By>,
    client_id: &str,
    change: AppChange,
) -> Result<ChangedApp, ActionError> {
    let (by, now) = (by.into(), core.now());
    let tx = core.store.begin().await?;
    let was = locked(&tx, client_id).await?;
    by.check(&was)?;
    let app = checked(was.clone(), change)?;
    let key = |app: &App| app.owner.as_ref().map(EmailAddress::key);
    let has_new_owner = key(&app) != key(&was);
    if has_new_owner {
        let owner = app.owner.as_ref().map(EmailAddress::as_str);
        may_be_sponsor(&tx, "owner", owner, now).await?;
    }
    let by_secret = |app: &App| matches!(app.authentication, AppAuthentication::Secret(_));
    let secret = match (by_secret(&was), by_secret(&app)) {
        (false, true) => Some(new_secret(core, &tx, app.id, now).await?),
        (true, false) => {
            tx.remove_app_secrets(app.id).await?;
            None
        }
        _ => None,
    };
    let event = differences(
        AuditEvent::new(Action::AppChanged, by.actor).app(app.id),
        &was,
        &app,
    );
    tx.update_app(&app).await?;
    tx.record(event, now).await?;
    tx.commit().await?;
    if has_new_owner {
        // What guests asked of the former one.
        let filter = AccessRequestFilter {
            app: Some(app.id),
            ..AccessRequestFilter::default()
        };
        hand_on_found(core, filter).await;
    }
    Ok(ChangedApp { app, secret })
}

/// The app as it will be.
fn checked(mut app: App, change: AppChange) -> Result<App, ActionError> {
    let mut faults = Faults::default();
    if let Some(name) = change.name {
        app.name = faults.line("name", &name, NAME_MAX);
    }
    app.redirect_uris = change.redirect_uris.unwrap_or(app.redirect_uris);
    app.post_logout_redirect_uris = change
        .post_logout_redirect_uris
        .unwrap_or(app.post_logout_redirect_uris);
    check_uris(&mut faults, &app.redirect_uris, &app.post_logout_redirect_uris);
    if let Some(home) = change.home {
        app.home = faults.or("home", web_page(&home));
    }
    if let Some(owner) = change.owner {
        app.owner = faults.maybe_email("owner", Some(&owner));
    }
    if let Some(contact) = change.contact {
        app.contact = faults.maybe_email("contact", Some(&contact));
    }
    if let Some(rule) = change.access {
        app.access = access(&mut faults, rule);
    }
    app.inviters = change.inviters.unwrap_or(app.inviters);
    let was_strict = app.authentication.is_strict();
    if let Some(authentication) = change.authentication.and_then(|new| new.checked(&mut faults)) {
        app.authentication = authentication;
    }
    // New keys are held to what the former ones were held to.
    let keeps = was_strict && matches!(app.authentication, AppAuthentication::PrivateKeyJwt { .. });
    hold_to(
        &mut faults,
        &mut app.authentication,
        change.strict_assertions.unwrap_or(keeps),
    );
    app.signing_algorithm = change.signing_algorithm.unwrap_or(app.signing_algorithm);
    app.pkce = change.pkce.unwrap_or(app.pkce);
    check_pkce(&mut faults, app.pkce, &app.authentication);
    app.id_token_claims = change.id_token_claims.unwrap_or(app.id_token_claims);
    app.offline_access = change.offline_access.unwrap_or(app.offline_access);
    app.asks_consent = change.asks_consent.unwrap_or(app.asks_consent);
    app.dev = change.dev.unwrap_or(app.dev);
    faults.finish_with(Some(app))
}

/// The event with each field that differs: what it was, and what it is.
fn differences(mut event: AuditEvent, was: &App, is: &App) -> AuditEvent {
    let all = |uris: &[String]| uris.join(" ");
    let home = |app: &App| app.home.as_ref().map_or_else(String::new, ToString::to_string);
    let address = |email: &Option<EmailAddress>| {
        let email = email.as_ref().map(EmailAddress::as_str);
        email.unwrap_or_default().to_owned()
    };
    let access = |app: &App| match &app.access {
        AccessRule::Domain(domains) => format!("domain {}", domains.join(" ")),
        other => other.name().to_owned(),
    };
    let keys = |app: &App| match &app.authentication {
        AppAuthentication::PrivateKeyJwt { jwks, .. } => format!("{} bytes", jwks.len()),
        AppAuthentication::Secret(_) | AppAuthentication::None => String::new(),
    };
    let pair = |before: &dyn Display, after: &dyn Display| (before.to_string(), after.to_string());
    for (field, (before, after)) in [
        ("name", pair(&was.name, &is.name)),
        (
            "redirect_uris",
            pair(&all(&was.redirect_uris), &all(&is.redirect_uris)),
        ),
        (
            "post_logout_redirect_uris",
            pair(
                &all(&was.post_logout_redirect_uris),
                &all(&is.post_logout_redirect_uris),
            ),
        ),
        ("home", pair(&home(was), &home(is))),
        ("owner", pair(&address(&was.owner), &address(&is.owner))),
        ("contact", pair(&address(&was.contact), &address(&is.contact))),
        ("access", pair(&access(was), &access(is))),
        ("inviters", pair(&was.inviters.name(), &is.inviters.name())),
        (
            "authentication",
            pair(&was.authentication.name(), &is.authentication.name()),
        ),
        ("jwks", pair(&keys(was), &keys(is))),
        (
            "signing_algorithm",
            pair(&was.signing_algorithm.name(), &is.signing_algorithm.name()),
        ),
        ("pkce", pair(&was.pkce.name(), &is.pkce.name())),
        ("id_token_claims", pair(&was.id_token_claims, &is.id_token_claims)),
        (
            "strict_assertions",
            pair(&was.authentication.is_strict(), &is.authentication.is_strict()),
        ),
        ("offline_access", pair(&was.offline_access, &is.offline_access)),
        ("asks_consent", pair(&was.asks_consent, &is.asks_consent)),
        ("dev", pair(&was.dev, &is.dev)),
    ] {
        if before != after {
            event = event.detail(field, format!("{before} → {after}"));
        }
    }
    event
}

/// Switches an app off: no guest is signed in to it, and its tokens and codes are refused until it is on again.
///
/// # Errors
///
/// No app of that name.
pub async fn disable_app(core: &Core, by: Actor, client_id: &str) -> Result<App, ActionError> {
    switch(core, by, client_id, false).await
}

/// Switches an app on again.
///
/// # Errors
///
/// No app of that name.
pub async fn enable_app(core: &Core, by: Actor, client_id: &str) -> Result<App, ActionError> {
    switch(core, by, client_id, true).await
}

async fn switch(core: &Core, by: Actor, client_id: &str, on: bool) -> Result<App, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let mut app = locked(&tx, client_id).await?;
    // As it is already: nothing to do, and nothing to record.
    if app.disabled_at.is_none() == on {
        return Ok(app);
    }
    app.disabled_at = (!on).then_some(now);
    tx.update_app(&app).await?;
    let action = if on {
        Action::AppEnabled
    } else {
        Action::AppDisabled
    };
    tx.record(AuditEvent::new(action, by).app(app.id), now).await?;
    tx.commit().await?;
    Ok(app)
}

/// How often a removal is tried that sign-ins at the same time get in the way of.
const REMOVALS: usize = 3;

/// Removes an app, with its tokens, its invitations and who was assigned to it. The audit log keeps what it says of it.
///
/// # Errors
///
/// No app of that name; [`ActionError::Changed`].
pub async fn remove_app(core: &Core, by: impl Into<By>, client_id: &str) -> Result<App, ActionError> {
    let by = by.into();
    for _ in 1..REMOVALS {
        match try_remove(core, by.clone(), client_id).await {
            // A sign-in added a row meanwhile, or each waited for the other and PostgreSQL ended one of them.
            Err(ActionError::Store(error)) if error.is_crossed() => {}
            done => return done,
        }
    }
    try_remove(core, by, client_id).await
}

async fn try_remove(core: &Core, by: By, client_id: &str) -> Result<App, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let app = locked(&tx, client_id).await?;
    by.check(&app)?;
    tx.remove_app(app.id).await?;
    let event = AuditEvent::new(Action::AppRemoved, by.actor)
        .app(app.id)
        .detail("client_id", &app.client_id)
        .detail("name", &app.name);
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(app)
}

/// Gives an app another secret beside the one it has, so that it can change without a gap.
///
/// # Errors
///
/// No app of that name; it has two already; it proves itself in another way.
pub async fn add_app_secret(core: &Core, by: Actor, client_id: &str) -> Result<Secret, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let app = locked(&tx, client_id).await?;
    if !matches!(app.authentication, AppAuthentication::Secret(_)) {
        return Err(ActionError::Conflict(format!(
            "the app proves itself by {}, not by a secret",
            app.authentication.name()
        )));
    }
    if tx.app_secrets(app.id).await?.len() >= SECRETS_MAX {
        return Err(ActionError::Conflict(format!(
            "the app has {SECRETS_MAX} secrets already: remove the one that is not used any more"
        )));
    }
    let secret = new_secret(core, &tx, app.id, now).await?;
    tx.record(AuditEvent::new(Action::AppSecretAdded, by).app(app.id), now)
        .await?;
    tx.commit().await?;
    Ok(secret)
}

/// Takes a secret away. The next request with it is refused.
///
/// # Errors
///
/// No app of that name, or none of its secrets is that one.
pub async fn remove_app_secret(
    core: &Core,
    by: Actor,
    client_id: &str,
    secret: Id<AppSecret>,
) -> Result<(), ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let app = locked(&tx, client_id).await?;
    if !tx.remove_app_secret(app.id, secret).await? {
        return Err(ActionError::NotFound {
            what: "secret of that app",
            name: secret.to_string(),
        });
    }
    let event = AuditEvent::new(Action::AppSecretRemoved, by)
        .app(app.id)
        .detail("secret", secret.to_string());
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(())
}

/// The app of that name, locked until the transaction ends.
pub(super) async fn locked(tx: &Tx, client_id: &str) -> Result<App, ActionError> {
    let not_found = || ActionError::NotFound {
        what: "app",
        name: client_id.to_owned(),
    };
    let app = tx.app_by_client_id(client_id).await?.ok_or_else(not_found)?;
    tx.lock_app(app.id).await?.ok_or_else(not_found)
}
