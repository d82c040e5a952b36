//! `/api/v1/apps`.

pub(super) mod logo;
mod wish;

use actions::{
    ActionError, NewApp, NewAuthentication, Version, add_app_secret, change_app, disable_app, enable_app,
    register_app, remove_app, remove_app_secret,
};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    response::Response,
};
use domain::{
    Secret,
    app::{AccessRule, App, SecretMethod},
};
use http::{HeaderName, StatusCode, header};
use serde::Serialize;
use sign_in::Core;
use utoipa::ToSchema;
use web::routes;

use self::wish::AppWish;
use super::{
    answers::moment,
    etag::{Changer, IfMatch, Known},
};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// An app.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_excessive_bools, reason = "each is a setting, by its name")]
pub(super) struct AppBody {
    #[schema(example = "notes")]
    client_id: String,
    #[schema(example = "Acme Notes")]
    name: String,
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    home: Option<String>,
    /// The address of the person answerable for it, who is asked for access.
    owner: Option<String>,
    /// The address to which guests turn who need help with it; none: the organisation's.
    contact: Option<String>,
    /// The path of its logo here.
    #[schema(example = "/app-logo/notes/0123456789abcdef.png")]
    logo: Option<String>,
    /// `invited`, `domain` or `any-guest`.
    access: &'static str,
    /// With `domain`: whose addresses come in uninvited.
    access_domains: Vec<String>,
    /// Who may invite to it: `operators`; or also the `owner`; or also the `sponsors` of its guests.
    inviters: &'static str,
    /// `client_secret`, `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`.
    authentication: &'static str,
    /// `RS256`, `ES256`, `EdDSA` or `PS256`.
    signing_algorithm: &'static str,
    /// `required` or `optional`.
    pkce: &'static str,
    id_token_claims: bool,
    /// With `private_key_jwt`: `aud` must be the issuer as a string, and an assertion lives for 60 seconds at most.
    strict_assertions: bool,
    offline_access: bool,
    asks_consent: bool,
    dev: bool,
    created_at: String,
    /// Present while it is switched off.
    disabled_at: Option<String>,
    /// Only in the answer that made it: it is not kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
}

impl AppBody {
    fn new(app: &App, secret: Option<Secret>) -> Self {
        Self {
            client_id: app.client_id.clone(),
            name: app.name.clone(),
            redirect_uris: app.redirect_uris.clone(),
            post_logout_redirect_uris: app.post_logout_redirect_uris.clone(),
            home: app.home.as_ref().map(ToString::to_string),
            owner: app.owner.as_ref().map(|owner| owner.as_str().to_owned()),
            contact: app.contact.as_ref().map(|contact| contact.as_str().to_owned()),
            logo: routes::logo_of(app),
            access: app.access.name(),
            access_domains: match &app.access {
                AccessRule::Domain(domains) => domains.clone(),
                AccessRule::Invited | AccessRule::AnyGuest | AccessRule::InDirectory => Vec::new(),
            },
            inviters: app.inviters.name(),
            authentication: app.authentication.name(),
            signing_algorithm: app.signing_algorithm.name(),
            pkce: app.pkce.name(),
            id_token_claims: app.id_token_claims,
            strict_assertions: app.authentication.is_strict(),
            offline_access: app.offline_access,
            asks_consent: app.asks_consent,
            dev: app.dev,
            created_at: moment(app.created_at),
            disabled_at: app.disabled_at.map(moment),
            client_secret: secret.map(|secret| secret.expose().to_owned()),
        }
    }
}

/// All apps.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct AppsBody {
    apps: Vec<AppBody>,
}

/// An action that was not done, as an answer.
fn refused(core: &Core) -> impl Fn(ActionError) -> ApiError + '_ {
    |error| ApiError::of(error, core.now())
}

/// An answer that no cache may keep: there may be a secret in it.
type NotStored<T> = ([(HeaderName, &'static str); 1], Json<T>);

fn not_stored<T>(body: T) -> NotStored<T> {
    ([(header::CACHE_CONTROL, "no-store")], Json(body))
}

async fn found(core: &Core, client_id: &str) -> Result<App, ApiError> {
    let app = core.store.reader().app_by_client_id(client_id).await?;
    let not_found = || ActionError::NotFound {
        what: "app",
        name: client_id.to_owned(),
    };
    app.ok_or_else(not_found).map_err(refused(core))
}

/// Lists apps, by name.
#[utoipa::path(
    get,
    path = "/api/v1/apps",
    operation_id = "listApps",
    responses(
        (status = 200, body = AppsBody),
    ),
)]
pub(super) async fn list(_: Operator, State(core): State<Core>) -> Result<Json<AppsBody>, ApiError> {
    let apps = core.store.reader().apps().await?;
    Ok(Json(AppsBody {
        apps: apps.iter().map(|app| AppBody::new(app, None)).collect(),
    }))
}

/// Registers an app. Its secret is in this answer and in no other.
#[utoipa::path(
    post,
    path = "/api/v1/apps",
    operation_id = "registerApp",
    request_body = AppWish,
    responses(
        (status = 201, body = AppBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn register(
    operator: Operator,
    State(core): State<Core>,
    body: Result<Json<AppWish>, JsonRejection>,
) -> Result<(StatusCode, NotStored<AppBody>), ApiError> {
    let Json(mut wish) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    if wish.enabled.is_some() {
        return Err(Problem::field("enabled", "is for apps that are there already").into());
    }
    let client_id = wish.client_id.take();
    let change = wish.change()?;
    let usual = NewApp::new("", "");
    let new = NewApp {
        name: change.name.unwrap_or_default(),
        client_id,
        redirect_uris: change.redirect_uris.unwrap_or_default(),
        post_logout_redirect_uris: change.post_logout_redirect_uris.unwrap_or_default(),
        home: change.home,
        owner: change.owner,
        contact: change.contact,
        access: change.access.unwrap_or(usual.access),
        inviters: change.inviters.unwrap_or(usual.inviters),
        authentication: change
            .authentication
            .unwrap_or(NewAuthentication::Secret(SecretMethod::Any)),
        signing_algorithm: change.signing_algorithm.unwrap_or(usual.signing_algorithm),
        pkce: change.pkce.unwrap_or(usual.pkce),
        id_token_claims: change.id_token_claims.unwrap_or_default(),
        strict_assertions: change.strict_assertions.unwrap_or_default(),
        offline_access: change.offline_access.unwrap_or_default(),
        asks_consent: change.asks_consent.unwrap_or_default(),
        dev: change.dev.unwrap_or_default(),
    };
    let registered = register_app(&core, operator.actor(), new)
        .await
        .map_err(refused(&core))?;
    let body = AppBody::new(&registered.app, registered.secret);
    Ok((StatusCode::CREATED, not_stored(body)))
}

/// Shows an app.
#[utoipa::path(
    get,
    path = "/api/v1/apps/{client_id}",
    operation_id = "showApp",
    params(("client_id" = String, Path, description = "The app's client ID.")),
    responses(
        (status = 200, body = AppBody, headers(("ETag" = String, description = "What it is now, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "It is what `If-None-Match` names."),
    ),
)]
pub(super) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path(client_id): Path<String>,
    known: Known,
) -> Result<Response, ApiError> {
    let app = found(&core, &client_id).await?;
    Ok(known.answer(&Version::of(&app), AppBody::new(&app, None)))
}

/// Changes an app: what is given is replaced, the rest stays. `enabled` switches it off and on.
#[utoipa::path(
    patch,
    path = "/api/v1/apps/{client_id}",
    operation_id = "changeApp",
    params(
        ("client_id" = String, Path, description = "The app's client ID."),
        IfMatch,
    ),
    request_body = AppWish,
    responses(
        (status = 200, body = AppBody),
    ),
)]
pub(super) async fn change(
    operator: Changer,
    State(core): State<Core>,
    Path(client_id): Path<String>,
    body: Result<Json<AppWish>, JsonRejection>,
) -> Result<NotStored<AppBody>, ApiError> {
    let Json(wish) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    if wish.client_id.is_some() {
        return Err(Problem::field("client_id", "cannot be changed: the app is known by it").into());
    }
    let enabled = wish.enabled;
    let changed = change_app(&core, operator.by(), &client_id, wish.change()?)
        .await
        .map_err(refused(&core))?;
    let app = match enabled {
        Some(true) => enable_app(&core, operator.actor(), &client_id)
            .await
            .map_err(refused(&core))?,
        Some(false) => disable_app(&core, operator.actor(), &client_id)
            .await
            .map_err(refused(&core))?,
        None => changed.app,
    };
    Ok(not_stored(AppBody::new(&app, changed.secret)))
}

/// Removes an app with its tokens, invitations and assignments.
#[utoipa::path(
    delete,
    path = "/api/v1/apps/{client_id}",
    operation_id = "removeApp",
    params(
        ("client_id" = String, Path, description = "The app's client ID."),
        IfMatch,
    ),
    responses(
        (status = 204),
    ),
)]
pub(super) async fn remove(
    operator: Changer,
    State(core): State<Core>,
    Path(client_id): Path<String>,
) -> Result<StatusCode, ApiError> {
    remove_app(&core, operator.by(), &client_id)
        .await
        .map_err(refused(&core))?;
    Ok(StatusCode::NO_CONTENT)
}

/// A secret of an app.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretBody {
    id: String,
    created_at: String,
    /// To the hour.
    last_used_at: Option<String>,
}

/// The secrets of an app.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SecretsBody {
    secrets: Vec<SecretBody>,
}

/// A secret that was just made: it is not kept.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NewSecretBody {
    client_secret: String,
}

/// Lists the secrets of an app, without themselves.
#[utoipa::path(
    get,
    path = "/api/v1/apps/{client_id}/secrets",
    operation_id = "listAppSecrets",
    params(("client_id" = String, Path, description = "The app's client ID.")),
    responses(
        (status = 200, body = SecretsBody),
    ),
)]
pub(super) async fn secrets(
    _: Operator,
    State(core): State<Core>,
    Path(client_id): Path<String>,
) -> Result<Json<SecretsBody>, ApiError> {
    let app = found(&core, &client_id).await?;
    let secrets = core.store.reader().app_secrets(app.id).await?;
    let secrets = secrets.iter().map(|secret| SecretBody {
        id: secret.id.to_string(),
        created_at: moment(secret.created_at),
        last_used_at: secret.last_used_at.map(moment),
    });
    Ok(Json(SecretsBody {
        secrets: secrets.collect(),
    }))
}

/// Makes another secret: the one before goes on working.
#[utoipa::path(
    post,
    path = "/api/v1/apps/{client_id}/secrets",
    operation_id = "addAppSecret",
    params(("client_id" = String, Path, description = "The app's client ID.")),
    responses(
        (status = 201, body = NewSecretBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(super) async fn add_secret(
    operator: Operator,
    State(core): State<Core>,
    Path(client_id): Path<String>,
) -> Result<(StatusCode, NotStored<NewSecretBody>), ApiError> {
    let secret = add_app_secret(&core, operator.actor(), &client_id)
        .await
        .map_err(refused(&core))?;
    let body = NewSecretBody {
        client_secret: secret.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, not_stored(body)))
}

/// Removes a secret: the next request with it is refused.
#[utoipa::path(
    delete,
    path = "/api/v1/apps/{client_id}/secrets/{secret}",
    operation_id = "removeAppSecret",
    params(
        ("client_id" = String, Path, description = "The app's client ID."),
        ("secret" = String, Path, description = "The secret's ID."),
    ),
    responses(
        (status = 204),
    ),
)]
pub(super) async fn remove_secret(
    operator: Operator,
    State(core): State<Core>,
    Path((client_id, secret)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let unknown = |_| ActionError::NotFound {
        what: "secret of that app",
        name: secret.clone(),
    };
    let id = secret.parse().map_err(unknown).map_err(refused(&core))?;
    remove_app_secret(&core, operator.actor(), &client_id, id)
        .await
        .map_err(refused(&core))?;
    Ok(StatusCode::NO_CONTENT)
}
