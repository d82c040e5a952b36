//! Asking for another invitation in place of one that has expired: whoever is answerable gets a mail, as when a guest is refused who
//! has signed in. Whoever has the link may ask; access is given to the address that was invited.

use axum::{
    Form as Body,
    extract::{Path, State, rejection::FormRejection},
    response::{IntoResponse, Response},
};
use domain::{
    Secret,
    access::{Access, AccessRefusal},
    access_request::Asking,
    audit::Actor,
    invitation::Standing,
};
use http::{HeaderMap, Uri};
use sign_in::{Core, access_request};
use store::StoreError;
use web::{Failure, Page, routes, see_other};

use super::{
    Opened, open,
    ticked::{Act, TickedBody, TickedPage, ticked},
};

/// Whether somebody whose invitation has expired may come in all the same: the person who was asked has said yes.
pub(super) async fn is_let_in(core: &Core, opened: &Opened) -> Result<bool, StoreError> {
    if opened.invitation.standing(core.now()) != Standing::Expired {
        return Ok(false);
    }
    let reader = core.store.reader();
    let access = reader.access_of(opened.app.id, &opened.guest, core.now()).await?;
    Ok(access == Access::Allow)
}

/// What can be done about an invitation that has expired: nothing where it is not the reason why the guest cannot come in.
pub(super) async fn may_ask(core: &Core, opened: &Opened) -> Result<Asking, StoreError> {
    if opened.invitation.standing(core.now()) != Standing::Expired {
        return Ok(Asking::Nobody);
    }
    let (guest, app) = (&opened.guest, &opened.app);
    let reader = core.store.reader();
    match reader.access_of(app.id, guest, core.now()).await? {
        Access::Refuse(refusal @ AccessRefusal::InvitationLapsed) => {
            access_request::may_ask(&reader, core, (guest, app), refusal).await
        }
        Access::Allow | Access::AllowByInvitation(_) | Access::Refuse(_) => Ok(Asking::Nobody),
    }
}

/// `GET /invitation/{token}/ask-again`.
pub(crate) async fn show(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let token = Secret::presented(token);
    let opened = match open(&core, &token, &uri, &headers).await? {
        Ok(opened) => opened,
        Err(unknown) => return Ok(unknown),
    };
    Ok(match may_ask(&core, &opened).await? {
        Asking::Of(_) => Page::new(TickedPage::new(Act::AskAgain, opened, &token)).into_response(),
        // The invitation's page says how it stands.
        Asking::Asked(_) | Asking::TurnedDown(_) | Asking::Nobody => see_other(&routes::invitation(&token)),
    })
}

/// `POST /invitation/{token}/ask-again`.
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
    let is_meant = match ticked(&core, &token, &headers, body) {
        Ok(ticked) => ticked.is_meant,
        Err(forged) => return Ok(forged),
    };
    if matches!(may_ask(&core, &opened).await?, Asking::Of(_)) {
        if !is_meant {
            return Ok(TickedPage::new(Act::AskAgain, opened, &token).unticked());
        }
        let refusal = AccessRefusal::InvitationLapsed;
        access_request::ask(&core, Actor::Visitor, opened.guest.id, &opened.app, refusal).await?;
    }
    Ok(see_other(&routes::invitation(&token)))
}
