//! Allowing invitations again, by the link of the one with which they were blocked, or of any other.

use axum::{
    Form as Body,
    extract::{Path, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use domain::{Secret, audit::Actor};
use http::{HeaderMap, Uri};
use sign_in::{Core, invitation_block};
use web::{Failure, Page, routes, see_other};

use super::{
    is_blocked, open,
    ticked::{Act, Ticked, TickedBody, TickedPage, ticked},
};

/// `GET /invitation/{token}/allow`.
pub(crate) async fn show(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    Ok(match open(&core, &token, &uri, &headers).await? {
        Ok(opened) if is_blocked(&core, &opened).await? => {
            Page::new(TickedPage::new(Act::Allow, opened, &token)).into_response()
        }
        Ok(_) => see_other(&routes::invitation(&token)),
        Err(unknown) => unknown,
    })
}

/// `POST /invitation/{token}/allow`.
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
        Ok(Ticked { is_meant: true, .. }) => {
            let tx = core.store.begin().await?;
            invitation_block::set(&tx, Actor::Visitor, opened.guest.id, false, core.now()).await?;
            tx.commit().await?;
        }
        Ok(_) if is_blocked(&core, &opened).await? => {
            return Ok(TickedPage::new(Act::Allow, opened, &token).unticked());
        }
        Ok(_) => {}
    }
    Ok(see_other(&routes::invitation(&token)))
}
