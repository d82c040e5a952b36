//! The page behind an invitation's link: who invited, to what, until when. It changes nothing and proves nothing;
//! its button is a plain link to the app, where the sign-in begins.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::{Secret, app::App, guest::Guest, invitation::Invitation};
use http::{HeaderMap, StatusCode, Uri};
use method_resolution::resolve;
use sign_in::Core;
use web::{Failure, Frame, Page};

pub(crate) mod again;
pub(crate) mod allow;
pub(crate) mod decline;
mod page;
pub(crate) mod ticked;

pub(crate) use page::InvitationPage;

/// What a link leads to, and the page's frame in the language of the invitation.
struct Opened {
    frame: Frame,
    invitation: Invitation,
    guest: Guest,
    app: App,
}

/// `GET /invitation/{token}`.
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
    let asking = again::may_ask(&core, &opened).await?;
    let is_let_in = again::is_let_in(&core, &opened).await?;
    let is_blocked = is_blocked(&core, &opened).await?;
    let Opened {
        frame,
        invitation,
        guest,
        app,
    } = opened;
    let (now, reader) = (core.now(), core.store.reader());
    let facts = reader
        .method_facts(&guest.email, Some(&guest), &core.settings.resolution, now)
        .await?;
    let upstreams = reader.upstream_names(&resolve(&facts).decision).await?;
    let issuer = core.settings.issuer.as_str();
    let page = InvitationPage::new(
        frame,
        &invitation,
        &guest,
        &app,
        (&upstreams, &asking, is_let_in),
        (&token, issuer),
        now,
    );
    let page = if is_blocked { page.blocked(&token) } else { page };
    Ok(Page::new(page).into_response())
}

/// The invitation of that token; else the page that says that there is none.
async fn open(
    core: &Core,
    token: &Secret,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Result<Opened, Response>, Failure> {
    let reader = core.store.reader();
    let found = reader.invitation_by_token(&token.hash()).await?;
    let written_in: Vec<String> = found
        .iter()
        .filter_map(|invitation| invitation.terms.language.clone())
        .collect();
    let language =
        web::language::negotiate(uri.query(), headers, &written_in, core.settings.default_language);
    let frame = Frame::new(core, language);
    let Some(invitation) = found else {
        return Ok(Err(unknown(frame)));
    };
    let (Some(guest), Some(app)) = (
        reader.guest(invitation.guest).await?,
        reader.app(invitation.app).await?,
    ) else {
        return Ok(Err(unknown(frame)));
    };
    Ok(Ok(Opened {
        frame: frame.at(&app),
        invitation,
        guest,
        app,
    }))
}

/// Whether the guest does not want to be invited any more.
async fn is_blocked(core: &Core, opened: &Opened) -> Result<bool, Failure> {
    let reader = core.store.reader();
    Ok(reader.invitations_blocked_since(opened.guest.id).await?.is_some())
}

fn unknown(frame: Frame) -> Response {
    let page = InvitationPage::unknown(frame);
    Page::new(page).status(StatusCode::NOT_FOUND).into_response()
}
