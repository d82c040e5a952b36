//! `GET /`: for visitors who typed the host's name. It shows what this is, reads no session and redirects nowhere.

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, Uri};
use sign_in::Core;
use web::{
    Frame, Page,
    texts::{Markup, Part, fill},
};

/// `templates/sign_in/home.html`.
#[derive(Template)]
#[template(path = "sign_in/home.html")]
pub(crate) struct HomePage {
    title: String,
    lead: Markup,
    advice: Markup,
    /// Whether anybody may invite who has no operator account.
    has_inviters: bool,
    frame: Frame,
}

impl HomePage {
    pub(crate) fn new(frame: Frame, has_inviters: bool) -> Self {
        let t = &frame.t.home;
        let parts = [
            ("organisation", Part::Text(&frame.organisation)),
            ("contact", frame.contact()),
        ];
        Self {
            title: fill(t.title, &[("organisation", &frame.organisation)]),
            lead: frame.mark(t.lead, &parts),
            advice: frame.mark(t.advice, &parts),
            has_inviters,
            frame,
        }
    }
}

pub(crate) async fn show(State(core): State<Core>, uri: Uri, headers: HeaderMap) -> Response {
    let language = web::language::negotiate(uri.query(), &headers, &[], core.settings.default_language);
    // The page is there while the database is not.
    let found = core.store.reader().apps_with_inviters().await;
    let has_inviters = found.is_ok_and(|apps| !apps.is_empty());
    Page::new(HomePage::new(Frame::new(&core, language), has_inviters)).into_response()
}
