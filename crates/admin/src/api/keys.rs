//! `/api/v1/keys`.

use std::{future::Future, pin::Pin};

use axum::{
    Extension, Json,
    extract::{Path, State, rejection::JsonRejection},
};
use domain::audit::Actor;
use serde::{Deserialize, Serialize};
use sign_in::Core;
use store::StoredKey;
use utoipa::ToSchema;
use web::Failure;

use super::{answers::moment, named};
use crate::{
    guard::Operator,
    problem::{ApiError, Problem},
};

/// What comes of a change of the signing keys.
pub type KeySteps = Pin<Box<dyn Future<Output = Result<Vec<KeyStep>, Failure>> + Send>>;

/// What can be done to signing keys. It is the authorization server's to do, and no HTTP crate depends on another: the binary
/// hands it in.
#[derive(Clone, Copy)]
pub struct KeyActs {
    /// Brings the next keys, at once or when they have been published for long enough.
    pub rotate: fn(Core, bool, Actor) -> KeySteps,
    /// Withdraws the key of that id. No steps: there is no such key.
    pub revoke: fn(Core, String, Actor) -> KeySteps,
}

/// A step that was taken.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct KeyStep {
    /// Which key.
    pub kid: String,
    /// Of which algorithm.
    #[schema(example = "RS256")]
    pub algorithm: &'static str,
    /// Where it is now: `pending`, `active`, `retiring`, or `gone`.
    pub state: &'static str,
}

/// A signing key, as the API and the command line show it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SigningKeyEntry {
    /// Its id in the JWK Set.
    pub kid: String,
    /// What it signs by.
    #[schema(example = "RS256")]
    pub algorithm: &'static str,
    /// `pending`, `active` or `retiring`.
    pub state: &'static str,
    /// Since when: RFC 3339.
    pub since: String,
}

impl From<&StoredKey> for SigningKeyEntry {
    fn from(stored: &StoredKey) -> Self {
        Self {
            kid: stored.key.kid.clone(),
            algorithm: stored.key.algorithm.name(),
            state: stored.key.state.name(),
            since: moment(stored.key.since),
        }
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeysBody {
    keys: Vec<SigningKeyEntry>,
}

/// Lists the signing keys.
#[utoipa::path(
    get,
    path = "/api/v1/keys",
    operation_id = "listKeys",
    responses((status = 200, body = KeysBody)),
)]
pub(super) async fn list(_: Operator, State(core): State<Core>) -> Result<Json<KeysBody>, ApiError> {
    let keys = core.store.reader().signing_keys().await?;
    let keys = keys.iter().map(SigningKeyEntry::from).collect();
    Ok(Json(KeysBody { keys }))
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RotationBody {
    /// Whether the next keys sign at once: apps that have not read the JWK Set again refuse tokens until they do.
    #[serde(default)]
    now: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct StepsBody {
    /// What was done; nothing where the next keys are published and not yet for long enough.
    steps: Vec<KeyStep>,
}

/// Rotates the signing keys: the next are published first, and sign once they have been for long enough.
#[utoipa::path(
    post,
    path = "/api/v1/keys/rotate",
    operation_id = "rotateKeys",
    request_body = RotationBody,
    responses((status = 200, body = StepsBody)),
)]
pub(super) async fn rotate(
    operator: Operator,
    State(core): State<Core>,
    Extension(acts): Extension<KeyActs>,
    body: Result<Json<RotationBody>, JsonRejection>,
) -> Result<Json<StepsBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let steps = (acts.rotate)(core, body.now, operator.actor()).await;
    let steps = steps.map_err(ApiError::Failure)?;
    Ok(Json(StepsBody { steps }))
}

/// Withdraws a key that may have leaked: it leaves the JWK Set at once, and a successor signs.
#[utoipa::path(
    post,
    path = "/api/v1/keys/{kid}/revoke",
    operation_id = "revokeKey",
    params(("kid" = String, Path, description = "The key's id.")),
    responses((status = 200, body = StepsBody)),
)]
pub(super) async fn revoke(
    operator: Operator,
    State(core): State<Core>,
    Extension(acts): Extension<KeyActs>,
    Path(kid): Path<String>,
) -> Result<Json<StepsBody>, ApiError> {
    let steps = (acts.revoke)(core.clone(), kid.clone(), operator.actor()).await;
    let steps = steps.map_err(ApiError::Failure)?;
    if steps.is_empty() {
        return Err(named::nowhere(&core, "signing key", &kid));
    }
    Ok(Json(StepsBody { steps }))
}
