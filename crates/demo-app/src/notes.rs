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
    App, cookies,
    pages::{GuestPage, HostPage, Page, claim_rows},
    problem::Problem,
    session::Session,
    sign_in::{self, Wish},
};

/// What was said in a meeting.
pub(crate) struct Note {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) held: &'static str,
    pub(crate) lines: &'static [&'static str],
    /// Whether every guest of Acme may read it. The others are read by whom Lee shared them with.
    pub(crate) for_every_guest: bool,
}

/// All notes of Acme.
pub(crate) static NOTES: [Note; 3] = [
    Note {
        id: "q3-kickoff",
        title: "Q3 kickoff notes",
        held: "Tuesday, 7 July, 10:00. Lee, Priya, Tomás, and Anna of Contoso",
        lines: &[
            "Contoso joins the pilot with two teams; Anna is the contact.",
            "Delivery in three steps: August the import, September the reports, October everything else.",
            "Open: who answers questions during the summer? Lee asks around until Friday.",
        ],
        for_every_guest: true,
    },
    Note {
        id: "audit-walkthrough",
        title: "Audit walk-through",
        held: "Thursday, 16 July, 14:00. Lee and the auditors",
        lines: &[
            "Samples: 25 invoices of May, chosen by the auditors.",
            "Access to the archive ends with the audit, on 30 September.",
        ],
        for_every_guest: false,
    },
    Note {
        id: "site-visit",
        title: "Site visit, Rotterdam",
        held: "Monday, 20 July, 09:30. Lee, Priya, the partner’s engineers",
        lines: &[
            "Gate 4 opens at 09:00; bring safety shoes.",
            "The second pump is replaced first, then the control cabinet.",
        ],
        for_every_guest: false,
    },
];

/// The note of that id.
pub(crate) fn find(id: &str) -> Option<&'static Note> {
    NOTES.iter().find(|note| note.id == id)
}

/// `GET /`: Lee's view. A real app would have signed Lee in; the demo pretends that it has.
pub(crate) async fn host(State(app): State<Arc<App>>) -> Page<HostPage> {
    Page(HostPage::new(&app, None))
}

/// `GET /notes`: a guest's view. Whoever is not signed in is sent to the provider.
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
