//! The notes: as Lee sees them, who works at Acme, and as a guest sees them.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    extract::{Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde_json::json;

use crate::{
    app::App,
    cookies,
    note::{NOTES, Note},
    pages::{GuestPage, HostPage, Page, claim_rows},
    problem::Problem,
    session::Session,
    sign_in::{self, Wish},
};

/// `GET /`: Lee's view. A real app would have signed Lee in; the demo pretends that it has.
pub(crate) async fn host(State(app): State<Arc<App>>) -> Page<HostPage> {
    Page(HostPage::new(&app, None))
}

/// `GET /notes`: a guest's view. Visitors who are not signed in are sent to the provider.
pub(crate) async fn guest(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Result<Response, Problem> {
    let Some(session) = session(&app, &headers) else {
        let Query(wish) = wish?;
        return sign_in::begin(&app, &headers, wish).await;
    };
    let email = session.claims.verified_email();
    let may_read =
        |note: &&Note| note.for_every_guest || email.is_some_and(|email| app.shares.with(note.id, email));
    let page = GuestPage {
        guest: session.claims.label(),
        notes: NOTES.iter().filter(may_read).collect(),
        claims: claim_rows(&session.claims),
        checks: &session.checks,
    };
    Ok(Page(page).into_response())
}

/// `GET /api/me`: the same for programs.
pub(crate) async fn me(State(app): State<Arc<App>>, headers: HeaderMap) -> Response {
    let Some(session) = session(&app, &headers) else {
        return (
            StatusCode::UNAUTHORIZED,
            Json(json!({ "error": "not_signed_in" })),
        )
            .into_response();
    };
    let me = json!({
        "signed_in_as": session.claims.label(),
        "claims": session.claims.all(),
        "id_token": session.claims.id_token,
        "userinfo": session.claims.user_info,
        "checks": session.checks,
    });
    Json(me).into_response()
}

fn session(app: &App, headers: &HeaderMap) -> Option<Arc<Session>> {
    let id = cookies::read(headers, cookies::SESSION)?;
    app.sessions.get(&id, Instant::now())
}
