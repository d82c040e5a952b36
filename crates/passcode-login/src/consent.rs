//! G3: what the app will get, and whether the guest agrees. Only for apps that ask, or when the app asked again.

use axum::response::{IntoResponse, Response};
use domain::{
    audit::{Action, Actor, AuditEvent},
    authorization::Scopes,
    grant::Consent,
    guest::Guest,
    sign_in::Step,
};
use serde::Deserialize;
use web::{Failure, Page, routes, see_other};

use crate::visit::{PageVisit, Posted, UnderWay};

mod page;

pub(crate) use page::ConsentPage;

/// What the form carries: the button that was pressed.
#[derive(Deserialize)]
pub(crate) struct ConsentForm {
    #[serde(default)]
    answer: String,
    /// The session that the page was about.
    #[serde(default)]
    session: String,
}

/// `GET /signin/{sign_in}/consent`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let situation = visit.situation().await?;
    let (Step::Consent, Some((session, guest))) = (situation.step(sign_in, visit.now), &situation.session)
    else {
        return Ok(see_other(&routes::resume(sign_in.id)));
    };
    let app = &visit.app;
    let page = ConsentPage::new(
        visit.frame(),
        visit.form(routes::consent(sign_in.id)),
        session.id,
        &app.name,
        &app.granted(&sign_in.request.scopes),
        guest.email.as_str(),
    );
    Ok(Page::new(page).into_response())
}

/// `POST /signin/{sign_in}/consent`. Counts only at its own step, so that a guest cannot agree in advance for another one.
pub(crate) async fn submit(posted: Posted<ConsentForm>) -> Result<Response, Failure> {
    let Posted { visit, form } = posted;
    let id = visit.sign_in.id;
    let situation = visit.situation().await?;
    let Some((tx, mut sign_in)) = visit.begin().await? else {
        return Ok(see_other(&routes::resume(id)));
    };
    let (Step::Consent, Some((session, guest))) = (situation.step(&sign_in, visit.now), &situation.session)
    else {
        return Ok(see_other(&routes::resume(id)));
    };
    // Somebody else signed in in another tab meanwhile: they are asked themselves.
    if form.session != session.id.to_string() {
        return Ok(see_other(&routes::consent(id)));
    }
    if form.answer == "given" {
        sign_in.agreed = Some(guest.id);
        let asked = visit.app.granted(&sign_in.request.scopes);
        give(&visit, &tx, guest, asked).await?;
    } else {
        sign_in.progress.deny();
    }
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    Ok(see_other(&routes::resume(id)))
}

/// What was given before stays given.
async fn give(visit: &PageVisit, tx: &store::Tx, guest: &Guest, asked: Scopes) -> Result<(), Failure> {
    let app = &visit.app;
    let before = tx.consent(guest.id, app.id).await?;
    let scopes = match before {
        Some(before) => asked.union(&before.scopes),
        None => asked,
    };
    let event = AuditEvent::new(Action::ConsentGiven, Actor::Guest(guest.id))
        .guest(guest.id)
        .app(app.id)
        .sign_in(visit.sign_in.id)
        .detail("scope", scopes.to_string());
    let consent = Consent {
        guest: guest.id,
        app: app.id,
        scopes,
        granted_at: visit.now,
    };
    tx.put_consent(&consent).await?;
    tx.record(event, visit.now).await?;
    Ok(())
}
