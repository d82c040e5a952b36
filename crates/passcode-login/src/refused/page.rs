//! G5 as it looks: why, and what can be done.

use askama::Template;
use domain::{access::AccessRefusal, access_request::Asking};
use web::{
    Frame,
    csrf::Form,
    texts::{Markup, Part, fill, refused::RefusedTexts},
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
    /// Where they go back to the app, if there is one.
    form: Option<Form>,
    /// Where the guest can ask for access.
    ask: Option<Form>,
    back: String,
    other_address: String,
}

/// The ways on.
pub(crate) struct Links {
    /// Back to the app, if there is one.
    pub(super) back: Option<Form>,
    /// Asking for access, where somebody can be asked.
    pub(super) ask: Option<Form>,
    /// Another address.
    pub(super) other_address: String,
}

/// Whom it refuses.
#[derive(Clone, Copy)]
pub(crate) struct Who<'a> {
    pub(super) email: &'a str,
    /// The address that they have kept, where they said that both are theirs.
    pub(super) kept: Option<&'a str>,
}

impl RefusedPage {
    pub(super) fn new(
        frame: Frame,
        links: Links,
        app: &str,
        (refusal, asking): (AccessRefusal, &Asking),
        who: Who<'_>,
    ) -> Self {
        let t = &frame.t.refused;
        let Who { email, kept } = who;
        let lead = match refusal {
            AccessRefusal::Removed if kept.is_some() => frame.t.merge.refused,
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
        let asked_at = match asking {
            Asking::Asked(at) | Asking::TurnedDown(at) => Some(*at),
            Asking::Of(_) | Asking::Nobody => None,
        };
        let advice = match (asking, refusal) {
            (Asking::Of(_), _) => t.advice_request,
            (Asking::Asked(_), _) => t.asked,
            (Asking::TurnedDown(_), _) => t.turned_down,
            (Asking::Nobody, refusal) => advice(t, refusal),
        };
        let organisation = || Part::Text(&frame.organisation);
        Self {
            title: fill(t.title, &[("app", app)]),
            heading: fill(t.heading, &[("app", app)]),
            lead: frame.mark(
                lead,
                &[
                    ("email", Part::Address(email)),
                    ("kept", Part::Address(kept.unwrap_or_default())),
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
                    ("email", Part::Address(email)),
                    (
                        "date",
                        asked_at.map_or_else(|| Part::Plain(String::new()), Part::Date),
                    ),
                ],
            ),
            form: links.back,
            ask: links.ask,
            back: fill(frame.t.common.back_to_app, &[("app", app)]),
            other_address: links.other_address,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let sample = |refusal, asking: &Asking, kept: Option<&str>| {
            let links = Links {
                // Whose other address was kept comes by My access.
                back: kept.is_none().then(|| gallery::form("/signin/0/refused")),
                ask: matches!(asking, Asking::Of(_)).then(|| gallery::form("/signin/0/ask-for-access")),
                other_address: "/signin/0/email".into(),
            };
            let who = Who {
                email: "anna@contoso.test",
                kept,
            };
            Self::new(frame.clone(), links, "Acme Notes", (refusal, asking), who)
        };
        let told = [
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
        .map(|refusal| sample(refusal, &Asking::Nobody, None));
        let now = test_support::samples::now();
        let asking = [
            Asking::Of(test_support::samples::email("lee@acme.test")),
            Asking::Asked(now),
            Asking::TurnedDown(now),
        ]
        .map(|asking| sample(AccessRefusal::NotInvited, &asking, None));
        let merged = sample(AccessRefusal::Removed, &Asking::Nobody, Some("anna@new.test"));
        told.into_iter().chain(asking).chain([merged]).collect()
    }
}

/// What helps where nobody can be asked here.
fn advice(t: &RefusedTexts, refusal: AccessRefusal) -> &'static str {
    match refusal {
        AccessRefusal::NotInvited | AccessRefusal::InvitationLapsed | AccessRefusal::AssignmentEnded => {
            t.advice_invite
        }
        AccessRefusal::Converted => t.advice_converted,
        AccessRefusal::Blocked
        | AccessRefusal::Removed
        | AccessRefusal::Expired
        | AccessRefusal::AppDisabled
        | AccessRefusal::AssignmentNotBegun => t.advice_ask,
    }
}
