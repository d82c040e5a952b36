//! `templates/sign_in/passkey.html`: the page that talks to the authenticator, to register or to sign in.

use askama::Template;
use axum::response::Response;
use domain::passkey::{Ceremony, CeremonyPurpose};
use http::{StatusCode, header};
use web::{
    Frame, Page,
    csrf::Form,
    routes,
    texts::{Markup, fill},
};

use super::PasskeyTold;
#[cfg(test)]
use crate::gallery;
use crate::{
    flash::{self, Flash},
    visit::PageVisit,
};
use sign_in::passkey::trouble::PasskeyTrouble;

/// The page.
#[derive(Template)]
#[template(path = "sign_in/passkey.html")]
pub(crate) struct PasskeyPage {
    frame: Frame,
    app: String,
    heading: &'static str,
    lead: String,
    button: &'static str,
    failed: &'static str,
    form: Form,
    error: Option<Markup>,
    /// What the authenticator is asked, while a challenge waits.
    options: Option<String>,
    makes: bool,
    /// Where a code is asked for, on the way in.
    by_code: Option<String>,
}

impl PasskeyPage {
    fn new(frame: Frame, form: Form, app: &str, purpose: CeremonyPurpose) -> Self {
        let t = &frame.t.passkey;
        let makes = purpose == CeremonyPurpose::Make;
        let (heading, lead, button, failed) = if makes {
            (t.make_heading, t.make_lead, t.make_button, t.make_failed)
        } else {
            (t.use_heading, t.use_lead, t.use_button, t.use_failed)
        };
        Self {
            lead: fill(lead, &[("app", app), ("organisation", &frame.organisation)]),
            heading,
            button,
            failed,
            form,
            error: None,
            options: None,
            makes,
            by_code: None,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let now = test_support::samples::now();
        let troubles = [
            None,
            Some(PasskeyTrouble::Refused),
            Some(PasskeyTrouble::Late),
            Some(PasskeyTrouble::TooMany),
            Some(PasskeyTrouble::Limited { until: now }),
        ];
        let form = gallery::form("/signin/0/passkey");
        let of = |purpose, trouble: &Option<PasskeyTrouble>| Self {
            error: trouble
                .as_ref()
                .map(|trouble| trouble.message(frame, purpose, now)),
            options: Some("{\"challenge\":\"\\\"><script>\"}".into()),
            by_code: (purpose == CeremonyPurpose::Use).then(|| "/signin/0/email".into()),
            ..Self::new(frame.clone(), form.clone(), "Acme Notes", purpose)
        };
        [CeremonyPurpose::Make, CeremonyPurpose::Use]
            .into_iter()
            .flat_map(|purpose| troubles.each_ref().map(|trouble| of(purpose, trouble)))
            .collect()
    }
}

/// The page, with what its form was answered with before.
pub(super) fn page(visit: &PageVisit, purpose: CeremonyPurpose, ceremony: Option<Ceremony>) -> Response {
    let sign_in = &visit.sign_in;
    let trouble = match &visit.flash {
        Some(Flash::Passkey { trouble }) => Some(trouble),
        _ => None,
    };
    let frame = visit.frame();
    let form = visit.form(match purpose {
        CeremonyPurpose::Make => routes::new_passkey(sign_in.id),
        CeremonyPurpose::Use => routes::passkey(sign_in.id),
    });
    let page = PasskeyPage {
        error: trouble.map(|trouble| trouble.message(&frame, purpose, visit.now)),
        options: ceremony
            .filter(|ceremony| visit.now < ceremony.ends_at)
            .map(|ceremony| ceremony.options),
        by_code: (purpose == CeremonyPurpose::Use).then(|| match sign_in.challenge {
            Some(_) => routes::passcode(sign_in.id),
            None => routes::identify(sign_in.id),
        }),
        ..PasskeyPage::new(frame, form, &visit.app.name, purpose)
    };
    let status = trouble.map_or(StatusCode::OK, PasskeyTrouble::status);
    let mut response = flash::said(visit, Page::new(page).status(status));
    if let Some(wait) = trouble.and_then(|trouble| trouble.retry_after(visit.now)) {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}

/// Back to the page, with what to say there.
pub(super) fn again(visit: &PageVisit, purpose: CeremonyPurpose, trouble: PasskeyTrouble) -> Response {
    let id = visit.sign_in.id;
    let page = match purpose {
        CeremonyPurpose::Make => routes::new_passkey(id),
        CeremonyPurpose::Use => routes::passkey(id),
    };
    flash::go(visit, &page, Flash::Passkey { trouble })
}
