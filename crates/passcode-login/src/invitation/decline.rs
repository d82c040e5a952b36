//! Turning an invitation down. Whoever has the link may: it costs the inviter another invitation.

use axum::{
    Form as Body,
    extract::{Path, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use domain::{
    Secret,
    audit::{Action, Actor, AuditEvent},
    invitation::Invitation,
};
use http::{HeaderMap, Uri};
use sign_in::{Core, invitation_block};
use web::{Failure, Page, routes, see_other};

use super::{
    open,
    ticked::{Act, Ticked, TickedBody, TickedPage, ticked},
};

/// `GET /invitation/{token}/decline`.
pub(crate) async fn show(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    Ok(match open(&core, &token, &uri, &headers).await? {
        Ok(opened) if opened.invitation.is_open(core.now()) => {
            Page::new(TickedPage::new(Act::Decline, opened, &token)).into_response()
        }
        // The invitation's page says why there is nothing to decline.
        Ok(_) => see_other(&routes::invitation(&token)),
        Err(unknown) => unknown,
    })
}

/// `POST /invitation/{token}/decline`.
pub(crate) async fn submit(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Result<Body<TickedBody>, FormRejection>,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    let opened = match open(&core, &token, &uri, &headers).await? {
        Ok(opened) => opened,
        Err(unknown) => return Ok(unknown),
    };
    match ticked(&core, &token, &headers, body) {
        Err(forged) => return Ok(forged),
        Ok(Ticked { is_meant: true, also }) => decline(&core, &opened.invitation, also).await?,
        Ok(_) if opened.invitation.is_open(core.now()) => {
            return Ok(TickedPage::new(Act::Decline, opened, &token).unticked());
        }
        Ok(_) => {}
    }
    Ok(see_other(&routes::invitation(&token)))
}

/// Turns it down, unless it is over by now; and all that would follow, where that is wished, also by who has turned this one down
/// before.
async fn decline(core: &Core, invitation: &Invitation, all: bool) -> Result<(), Failure> {
    let now = core.now();
    let tx = core.store.begin().await?;
    // The guest before the invitation, as whoever signs in locks them; they may be erased at this moment.
    if tx.lock_guest(invitation.guest).await?.is_none() {
        return Ok(());
    }
    if tx.decline_invitation(invitation.id, now).await? {
        let event = AuditEvent::new(Action::InvitationDeclined, Actor::Visitor)
            .guest(invitation.guest)
            .app(invitation.app)
            .detail("invitation", invitation.id.to_string());
        tx.record(event, now).await?;
    }
    if all {
        invitation_block::set(&tx, Actor::Visitor, invitation.guest, true, now).await?;
    }
    tx.commit().await?;
    Ok(())
}
