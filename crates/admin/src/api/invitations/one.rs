//! `/api/v1/invitations/{id}`.

use actions::{ShownInvitation, extend_invitation, resend_invitation, revoke_invitation};
use axum::{
    Json,
    extract::{Path, State, rejection::JsonRejection},
    response::Response,
};
use domain::{Id, invitation::Invitation};
use serde::Deserialize;
use sign_in::Core;
use utoipa::ToSchema;

use crate::{
    api::{
        answers::InvitationBody,
        etag::{Changer, IfMatch, Known},
        fields, named,
    },
    guard::Operator,
    problem::{ApiError, Problem},
};

/// Shows an invitation.
#[utoipa::path(
    get,
    path = "/api/v1/invitations/{id}",
    operation_id = "showInvitation",
    params(("id" = String, Path, description = "The invitation's id.")),
    responses(
        (status = 200, body = InvitationBody, headers(("ETag" = String, description = "What it is now, for `If-Match` and `If-None-Match`."))),
        (status = 304, description = "It is what `If-None-Match` names."),
    ),
)]
pub(in crate::api) async fn show(
    _: Operator,
    State(core): State<Core>,
    Path(id): Path<String>,
    known: Known,
) -> Result<Response, ApiError> {
    let shown = read(&core, called(&core, &id)?).await?;
    let version = shown.version(core.now());
    Ok(known.answer(&version, body(shown, &core)))
}

/// Sends the mail of an invitation again, with the same link.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/{id}/resend",
    operation_id = "resendInvitation",
    params(("id" = String, Path, description = "The invitation's id."), IfMatch),
    responses(
        (status = 200, body = InvitationBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
        (status = 429, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn resend(
    operator: Changer,
    State(core): State<Core>,
    Path(id): Path<String>,
) -> Result<Json<InvitationBody>, ApiError> {
    let id = called(&core, &id)?;
    resend_invitation(&core, operator.by(), id)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    answer(&core, id).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct ExtendBody {
    /// Until when it can be redeemed, RFC 3339; as long as a new one unless said.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
}

/// Gives an invitation more time, also one that has expired. It sends no mail.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/{id}/extend",
    operation_id = "extendInvitation",
    params(("id" = String, Path, description = "The invitation's id."), IfMatch),
    request_body = ExtendBody,
    responses(
        (status = 200, body = InvitationBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn extend(
    operator: Changer,
    State(core): State<Core>,
    Path(id): Path<String>,
    body: Result<Json<ExtendBody>, JsonRejection>,
) -> Result<Json<InvitationBody>, ApiError> {
    let id = called(&core, &id)?;
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    let until = fields::moment("expires_at", body.expires_at.as_deref())?;
    extend_invitation(&core, operator.by(), id, until)
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    answer(&core, id).await
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct RevokeBody {
    /// Why, for the audit log.
    reason: Option<String>,
}

/// Takes an invitation back that the guest has not redeemed.
#[utoipa::path(
    post,
    path = "/api/v1/invitations/{id}/revoke",
    operation_id = "revokeInvitation",
    params(("id" = String, Path, description = "The invitation's id."), IfMatch),
    request_body = RevokeBody,
    responses(
        (status = 200, body = InvitationBody),
        (status = 409, body = Problem, content_type = "application/problem+json"),
    ),
)]
pub(in crate::api) async fn revoke(
    operator: Changer,
    State(core): State<Core>,
    Path(id): Path<String>,
    body: Result<Json<RevokeBody>, JsonRejection>,
) -> Result<Json<InvitationBody>, ApiError> {
    let id = called(&core, &id)?;
    let Json(body) = body.map_err(|error| Problem::invalid(error.body_text()))?;
    revoke_invitation(&core, operator.by(), id, body.reason.as_deref())
        .await
        .map_err(|error| ApiError::of(error, core.now()))?;
    answer(&core, id).await
}

/// What is no id is the id of no invitation.
fn called(core: &Core, id: &str) -> Result<Id<Invitation>, ApiError> {
    id.parse().map_err(|_| named::nowhere(core, "invitation", id))
}

async fn answer(core: &Core, id: Id<Invitation>) -> Result<Json<InvitationBody>, ApiError> {
    Ok(Json(body(read(core, id).await?, core)))
}

async fn read(core: &Core, id: Id<Invitation>) -> Result<ShownInvitation, ApiError> {
    let reader = core.store.reader();
    let gone = || named::nowhere(core, "invitation", &id.to_string());
    let invitation = reader.invitation(id).await?.ok_or_else(gone)?;
    ShownInvitation::of(&reader, invitation).await?.ok_or_else(gone)
}

fn body(shown: ShownInvitation, core: &Core) -> InvitationBody {
    let email = shown.guest.email.as_str().to_owned();
    let groups = shown.group_names().map(str::to_owned).collect();
    let body = InvitationBody::new(&shown.invitation, email, shown.app.client_id, core.now());
    body.whole(groups, shown.mail)
}
