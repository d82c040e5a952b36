//! The back button after the end: the app has its answer, or will when the browser goes on, and no form is left to fill in.

use askama::Template;
use axum::response::{IntoResponse, Response};
use web::{ErrorKind, ErrorPage, Failure, Frame, Page, routes};

use crate::visit::PageVisit;

/// `templates/sign_in/answered.html`.
#[derive(Template)]
#[template(path = "sign_in/answered.html")]
pub(crate) struct AnsweredPage {
    pub(crate) frame: Frame,
    /// What the way on is called.
    pub(crate) label: String,
    /// Where it leads.
    pub(crate) link: String,
}

impl AnsweredPage {
    #[cfg(test)]
    pub(crate) fn sample(frame: Frame) -> Self {
        Self {
            label: web::texts::fill(frame.t.go_on.go_on, &[("app", "Acme Notes")]),
            frame,
            link: "https://notes.acme.example/".into(),
        }
    }
}

/// Ends a request within a sign-in that was answered, by that page.
pub(crate) async fn refuse(visit: &PageVisit) -> Result<(), Response> {
    match page(visit).await {
        Ok(None) => Ok(()),
        Ok(Some(page)) => Err(page),
        Err(failure) => Err(failure.into_response()),
    }
}

/// The page for a sign-in that was answered; `None` while it is under way. Where the guest was not let in, or has
/// signed out since, it is G9.
pub(crate) async fn page(visit: &PageVisit) -> Result<Option<Response>, Failure> {
    let sign_in = &visit.sign_in;
    if !sign_in.progress.is_answered() {
        return Ok(None);
    }
    let app = &visit.app;
    if visit.situation().await?.session.is_none() {
        return Ok(Some(
            ErrorPage::new(ErrorKind::StartAgain).app(app).into_response(),
        ));
    }
    let issued = visit.core.store.reader().issued_code(sign_in.id).await?;
    let frame = visit.frame();
    let link = match issued {
        // The answer is lost, or on its way: the dispatcher gives it again.
        Some(issued) if visit.now < issued.expires_at => None,
        _ => app.home.as_ref().map(ToString::to_string),
    };
    let page = AnsweredPage {
        label: web::texts::fill(frame.t.go_on.go_on, &[("app", &app.name)]),
        frame,
        link: link.unwrap_or_else(|| routes::resume(sign_in.id)),
    };
    Ok(Some(Page::new(page).into_response()))
}
