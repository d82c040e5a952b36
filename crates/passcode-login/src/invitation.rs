//! The page behind an invitation's link: who invited, to what, until when. It changes nothing and proves nothing;
//! its button is a plain link to the app, where the sign-in begins.

use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use domain::Secret;
use http::{HeaderMap, StatusCode, Uri};
use method_resolution::resolve;
use sign_in::Core;
use web::{Failure, Frame, Page};

mod page;

pub(crate) use page::InvitationPage;

/// `GET /invitation/{token}`.
pub(crate) async fn show(
    State(core): State<Core>,
    Path(token): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let now = core.now();
    let reader = core.store.reader();
    let token = Secret::presented(token);
    let found = reader.invitation_by_token(&token.hash()).await?;
    let written_in: Vec<String> = found
        .iter()
        .filter_map(|invitation| invitation.terms.language.clone())
        .collect();
    let language =
        web::language::negotiate(uri.query(), &headers, &written_in, core.settings.default_language);
    let frame = Frame::new(&core, language);
    let Some(invitation) = found else {
        return Ok(unknown(frame));
    };
    let (Some(guest), Some(app)) = (
        reader.guest(invitation.guest).await?,
        reader.app(invitation.app).await?,
    ) else {
        return Ok(unknown(frame));
    };
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
        &upstreams,
        (&token, issuer),
        now,
    );
    Ok(Page::new(page).into_response())
}

fn unknown(frame: Frame) -> Response {
    let page = InvitationPage::unknown(frame);
    Page::new(page).status(StatusCode::NOT_FOUND).into_response()
}
