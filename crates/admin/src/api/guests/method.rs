//! How a guest signs in: forgetting it, pinning it, their passkeys, their address.

use actions::{ActionError, change_address, look_alike, pin_method, reset_codes, reset_method};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
};
use domain::{Id, passkey::Passkey};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use sign_in::{Core, passkey::remove::remove_passkey};
use utoipa::ToSchema;

use super::one::after;
use crate::{
    api::{
        answers::{GuestBody, moment},
        etag::{Changer, IfMatch},
        fields, named,
    },
    guard::Operator,
    problem::{ApiError, Problem},
};

/// Forgets how a guest signed in; it is chosen again at their next sign-in. Their sessions, tokens, passkeys and accounts end, and
/// they are told by mail. Done again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/guests/{guest}/reset-method",
    operation_id = "resetGuestMethod",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    responses(
        (status = 200, body = GuestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn reset(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
) -> Result<Json<GuestBody>, ApiError> {
    let id = named::guest(&core, &guest).await?.id;
    reset_method(&core, operator.by(), id)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    after(&core, id).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct AddressBody {
    /// The guest's new address.
    #[schema(format = Email)]
    address: String,
    /// The address looks like one at a domain that is known here, and it is right all the same.
    #[serde(default)]
    look_alike_is_meant: bool,
}

/// Gives a guest another address, and forgets how they signed in: the new mailbox has proven nothing yet. Both addresses are told by
/// mail.
#[utoipa::path(
    put,
    path = "/api/v1/guests/{guest}/address",
    operation_id = "changeGuestAddress",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    request_body = AddressBody,
    responses(
        (status = 200, body = GuestBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn put_address(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
    body: Result<Json<AddressBody>, JsonRejection>,
) -> Result<Json<GuestBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let email = fields::address(&body.address)?;
    let id = named::guest(&core, &guest).await?.id;
    if let Some(of) = look_alike(&core, &email)
        .await?
        .filter(|_| !body.look_alike_is_meant)
    {
        let address = domain::email::shown(email.as_str()).into_owned();
        return Err(ApiError::of(ActionError::LookAlike { address, of }, core.now()));
    }
    change_address(&core, operator.by(), id, &email)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    after(&core, id).await
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct PinBody {
    /// `passcode`, `tenant:NAME` or `provider:NAME`.
    #[schema(pattern = "^(passcode|(tenant|provider):.+)$")]
    pin: String,
}

/// Pins a guest to a way of signing in, whatever their address says. Where they signed in by another, their sessions and tokens end.
/// Done again, it changes nothing.
#[utoipa::path(
    put,
    path = "/api/v1/guests/{guest}/pin",
    operation_id = "pinGuestMethod",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    request_body = PinBody,
    responses(
        (status = 200, body = GuestBody),
    ),
)]
pub(in crate::api) async fn put_pin(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
    body: Result<Json<PinBody>, JsonRejection>,
) -> Result<Json<GuestBody>, ApiError> {
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let pin = fields::pin(&body.pin)?;
    let id = named::guest(&core, &guest).await?.id;
    let refused = |error| ApiError::of(error, core.now());
    let method = pin.method(&core).await.map_err(refused)?;
    pin_method(&core, operator.by(), id, Some(method))
        .await
        .map_err(refused)?;
    after(&core, id).await
}

/// Lets go of a guest's pin; the method that sticks still applies. Done again, it changes nothing.
#[utoipa::path(
    delete,
    path = "/api/v1/guests/{guest}/pin",
    operation_id = "unpinGuestMethod",
    params(("guest" = String, Path, description = "The guest's id or address."), IfMatch),
    responses(
        (status = 200, body = GuestBody),
    ),
)]
pub(in crate::api) async fn remove_pin(
    operator: Changer,
    State(core): State<Core>,
    Path(guest): Path<String>,
) -> Result<Json<GuestBody>, ApiError> {
    let id = named::guest(&core, &guest).await?.id;
    pin_method(&core, operator.by(), id, None)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    after(&core, id).await
}

/// A passkey.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PasskeyBody {
    id: String,
    /// `bound` to one device, or `synced`.
    kind: &'static str,
    created_at: String,
    last_used_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub(in crate::api) struct PasskeysBody {
    passkeys: Vec<PasskeyBody>,
}

/// Lists a guest's passkeys.
#[utoipa::path(
    get,
    path = "/api/v1/guests/{guest}/passkeys",
    operation_id = "listGuestPasskeys",
    params(("guest" = String, Path, description = "The guest's id or address.")),
    responses(
        (status = 200, body = PasskeysBody),
    ),
)]
pub(in crate::api) async fn passkeys(
    _: Operator,
    State(core): State<Core>,
    Path(guest): Path<String>,
) -> Result<Json<PasskeysBody>, ApiError> {
    let guest = named::guest(&core, &guest).await?;
    let passkeys = core.store.reader().passkeys_of(guest.id).await?;
    let body = |passkey: Passkey| PasskeyBody {
        id: passkey.id.to_string(),
        kind: passkey.kind.name(),
        created_at: moment(passkey.created_at),
        last_used_at: passkey.used_at.map(moment),
    };
    Ok(Json(PasskeysBody {
        passkeys: passkeys.into_iter().map(body).collect(),
    }))
}

/// Removes a guest's passkey; sessions that began by one end. They sign in by code.
#[utoipa::path(
    delete,
    path = "/api/v1/guests/{guest}/passkeys/{passkey}",
    operation_id = "removeGuestPasskey",
    params(
        ("guest" = String, Path, description = "The guest's id or address."),
        ("passkey" = String, Path, description = "The passkey's id."),
    ),
    responses(
        (status = 204),
    ),
)]
pub(in crate::api) async fn delete_passkey(
    operator: Operator,
    State(core): State<Core>,
    Path((guest, passkey)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let guest = named::guest(&core, &guest).await?;
    let nowhere = || named::nowhere(&core, "passkey", &passkey);
    let id: Id<Passkey> = passkey.parse().map_err(|_| nowhere())?;
    let removed = remove_passkey(&core, operator.actor(), guest.id, id).await;
    if removed.map_err(|error| ApiError::of(error.into(), core.now()))? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(nowhere())
    }
}

/// Allows codes to an address again, after too many wrong ones in a row. Done again, it changes nothing.
#[utoipa::path(
    post,
    path = "/api/v1/addresses/{address}/reset-codes",
    operation_id = "resetCodes",
    params(("address" = String, Path, description = "The address.")),
    responses(
        (status = 204),
        (status = 422, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn allow_codes(
    operator: Operator,
    State(core): State<Core>,
    Path(address): Path<String>,
) -> Result<StatusCode, ApiError> {
    let email = fields::address(&address)?;
    reset_codes(&core, operator.actor(), &email)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    Ok(StatusCode::NO_CONTENT)
}
