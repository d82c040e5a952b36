//! G3: what the app will get, and whether the guest agrees. Only for apps that ask, or when the app asked again.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    authorization::{Scope, Scopes},
    grant::Consent,
    guest::Guest,
    session::Session,
    sign_in::Step,
};
use serde::Deserialize;
use web::{
    Failure, Frame, Page,
    csrf::Form,
    routes, see_other,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;
use crate::visit::{PageVisit, Posted, UnderWay};

/// `templates/sign_in/consent.html`.
#[derive(Template)]
#[template(path = "sign_in/consent.html")]
pub(crate) struct ConsentPage {
    frame: Frame,
    app: String,
    title: String,
    heading: String,
    lead: String,
    items: Vec<Markup>,
    signed_in_as: Markup,
    hosted_by: String,
    form: Form,
    /// The session whose guest is named.
    session: String,
}

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

/// `POST /signin/{sign_in}/consent`. Counts only at its own step: nobody agrees in advance for somebody else.
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
        if let Some(said) = sign_in.progress.go_on_with(session.id) {
            said.consents = true;
        }
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

impl ConsentPage {
    #[cfg(test)]
    pub(crate) fn sample(frame: Frame) -> Self {
        let scopes = Scope::ALL.into_iter().collect();
        let form = gallery::form("/signin/0/consent");
        let session = test_support::samples::id();
        Self::new(frame, form, session, "Acme Notes", &scopes, "anna@contoso.test")
    }

    fn new(frame: Frame, form: Form, session: Id<Session>, app: &str, scopes: &Scopes, email: &str) -> Self {
        let t = &frame.t.consent;
        let item = |scope| match scope {
            Scope::OpenId => frame.mark(t.identifier, &[]),
            Scope::Profile => frame.mark(t.profile, &[]),
            Scope::Email => frame.mark(t.email, &[("email", Part::Address(email))]),
            Scope::OfflineAccess => frame.mark(t.offline_access, &[]),
        };
        Self {
            title: fill(t.title, &[("app", app)]),
            heading: fill(t.heading, &[("app", app)]),
            lead: fill(t.lead, &[("app", app)]),
            items: scopes.iter().map(item).collect(),
            signed_in_as: frame.mark(t.signed_in_as, &[("email", Part::Address(email))]),
            hosted_by: fill(t.hosted_by, &[("organisation", &frame.organisation)]),
            form,
            session: session.to_string(),
            app: app.to_owned(),
            frame,
        }
    }
}
