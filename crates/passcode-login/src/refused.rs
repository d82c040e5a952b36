//! G5: a proven guest who may not enter. Says why, without saying more; the app learns `access_denied` when the
//! guest goes back.

use askama::Template;
use axum::response::{IntoResponse, Response};
use domain::{access::AccessRefusal, sign_in::Step};
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
    form: Form,
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
    let links = (
        visit.form(routes::refused(sign_in.id)),
        routes::identify(sign_in.id),
    );
    let email = guest.email.as_str();
    let page = RefusedPage::new(visit.frame(), links, &visit.app.name, refusal, email);
    Ok(Page::new(page).into_response())
}

/// `POST` of a page that says no: the guest goes back, and the app is told.
pub(crate) async fn submit(posted: Posted<BackForm>) -> Result<Response, Failure> {
    let Posted { visit, .. } = posted;
    let id = visit.sign_in.id;
    if let Some((tx, mut sign_in)) = visit.begin().await?
        && !sign_in.progress.is_answered()
    {
        sign_in.progress.deny();
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
    }
    Ok(see_other(&routes::resume(id)))
}

impl RefusedPage {
    fn new(
        frame: Frame,
        (form, other_address): (Form, String),
        app: &str,
        refusal: AccessRefusal,
        email: &str,
    ) -> Self {
        let t = &frame.t.refused;
        let lead = match refusal {
            AccessRefusal::Blocked => t.blocked,
            AccessRefusal::Expired => t.expired,
            AccessRefusal::AppDisabled => t.app_disabled,
            AccessRefusal::NotInvited => t.not_invited,
            AccessRefusal::InvitationLapsed => t.invitation_lapsed,
            AccessRefusal::AssignmentEnded => t.assignment_ended,
            AccessRefusal::AssignmentNotBegun => t.assignment_not_begun,
        };
        let advice = match refusal {
            AccessRefusal::NotInvited | AccessRefusal::InvitationLapsed | AccessRefusal::AssignmentEnded => {
                t.advice_invite
            }
            AccessRefusal::Blocked
            | AccessRefusal::Expired
            | AccessRefusal::AppDisabled
            | AccessRefusal::AssignmentNotBegun => t.advice_ask,
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
            form,
            back: fill(frame.t.common.back_to_app, &[("app", app)]),
            other_address,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        [
            AccessRefusal::Blocked,
            AccessRefusal::Expired,
            AccessRefusal::AppDisabled,
            AccessRefusal::NotInvited,
            AccessRefusal::InvitationLapsed,
            AccessRefusal::AssignmentEnded,
            AccessRefusal::AssignmentNotBegun,
        ]
        .map(|refusal| {
            let links = (gallery::form("/signin/0/refused"), "/signin/0/email".into());
            Self::new(frame.clone(), links, "Acme Notes", refusal, "anna@contoso.test")
        })
        .into()
    }
}
