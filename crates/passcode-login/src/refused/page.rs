//! G5 as it looks: why, and what can be done.

use askama::Template;
use domain::access::AccessRefusal;
use web::{
    Frame,
    csrf::Form,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;

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

impl RefusedPage {
    pub(super) fn new(
        frame: Frame,
        (form, other_address): (Form, String),
        app: &str,
        refusal: AccessRefusal,
        email: &str,
    ) -> Self {
        let t = &frame.t.refused;
        let lead = match refusal {
            AccessRefusal::Blocked => t.blocked,
            AccessRefusal::Converted => t.converted,
            AccessRefusal::Removed => t.removed,
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
            AccessRefusal::Converted => t.advice_converted,
            AccessRefusal::Blocked
            | AccessRefusal::Removed
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
                &[
                    ("organisation", organisation()),
                    ("app", Part::Text(app)),
                    ("contact", frame.contact()),
                ],
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
            AccessRefusal::Converted,
            AccessRefusal::Removed,
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
