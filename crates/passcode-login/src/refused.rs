//! G5: a proven guest who may not enter. Says why, without saying more; the app learns `access_denied` when the
//! guest goes back.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::{
    access::Refusal,
    sign_in::{ConsentAnswer, Step},
};
use serde::Deserialize;
use web::{
    Failure, Frame, Page, routes, see_other,
    texts::{Markup, Part, fill},
};

use crate::visit::{PageVisit, Posted, UnderWay};

/// `templates/sign_in/refused.html`.
#[derive(Template)]
#[template(path = "sign_in/refused.html")]
pub(crate) struct RefusedPage {
    frame: Frame,
    app: String,
    title: String,
    heading: String,
    lead: Markup,
    advice: Markup,
    csrf: String,
    action: String,
    back: String,
    other_address: String,
}

/// Nothing but its token.
#[derive(Deserialize)]
pub(crate) struct BackForm {}

/// `GET /signin/{sign_in}/refused`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let situation = visit.situation().await?;
    let (Step::Refuse(refusal), Some((_, guest))) = (situation.step(sign_in, visit.now), &situation.session)
    else {
        return Ok(see_other(&routes::resume(sign_in.id)));
    };
    let page = RefusedPage::new(visit.frame(), &visit.app.name, refusal, guest.email.as_str());
    Ok(Page::new(page.within(&visit)).into_response())
}

/// `POST` of a page that says no: the guest goes back, and the app is told.
pub(crate) async fn submit(posted: Posted<BackForm>) -> Result<Response, Failure> {
    let Posted { visit, .. } = posted;
    let id = visit.sign_in.id;
    let tx = visit.core.store.begin().await?;
    if let Some(mut sign_in) = tx.lock_sign_in(id).await?
        && sign_in.answered_at.is_none()
    {
        sign_in.consent = Some(ConsentAnswer::Denied);
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
    }
    Ok(see_other(&routes::resume(id)))
}

impl RefusedPage {
    fn new(frame: Frame, app: &str, refusal: Refusal, email: &str) -> Self {
        let t = &frame.t.refused;
        let lead = match refusal {
            Refusal::Blocked => t.blocked,
            Refusal::Expired => t.expired,
            Refusal::AppDisabled => t.app_disabled,
            Refusal::NotInvited => t.not_invited,
            Refusal::InvitationLapsed => t.invitation_lapsed,
            Refusal::AssignmentEnded => t.assignment_ended,
            Refusal::AssignmentNotBegun => t.assignment_not_begun,
        };
        let advice = match refusal {
            Refusal::NotInvited | Refusal::InvitationLapsed | Refusal::AssignmentEnded => t.advice_invite,
            Refusal::Blocked | Refusal::Expired | Refusal::AppDisabled | Refusal::AssignmentNotBegun => {
                t.advice_ask
            }
        };
        let organisation = || Part::Text(&frame.organisation);
        Self {
            title: fill(t.title, &[("app", app)]),
            heading: fill(t.heading, &[("app", app)]),
            lead: frame.mark(
                lead,
                &[
                    ("email", Part::Address(email)),
                    ("app", Part::Text(app)),
                    ("organisation", organisation()),
                ],
            ),
            advice: frame.mark(
                advice,
                &[("organisation", organisation()), ("contact", frame.contact())],
            ),
            csrf: String::new(),
            action: String::new(),
            back: fill(frame.t.common.back_to_app, &[("app", app)]),
            other_address: String::new(),
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        [
            Refusal::Blocked,
            Refusal::Expired,
            Refusal::AppDisabled,
            Refusal::NotInvited,
            Refusal::InvitationLapsed,
            Refusal::AssignmentEnded,
            Refusal::AssignmentNotBegun,
        ]
        .map(|refusal| Self::new(frame.clone(), "Acme Notes", refusal, "anna@contoso.test"))
        .into()
    }

    fn within(self, visit: &PageVisit) -> Self {
        let id = visit.sign_in.id;
        Self {
            csrf: visit.csrf_token(),
            action: routes::refused(id),
            other_address: routes::identify(id),
            ..self
        }
    }
}
