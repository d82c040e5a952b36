//! `templates/sign_in/identify.html`.

use askama::Template;
use domain::app::AccessRule;
use sign_in::Situation;
use web::{
    Frame,
    csrf::Form,
    routes,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;
use crate::{passkey, visit::PageVisit};

/// What differs between the states of the page.
#[derive(Default)]
pub(super) struct IdentifyState {
    /// What the field holds.
    pub(super) typed: String,
    /// What is wrong.
    pub(super) error: Option<Markup>,
    /// Whether the field is to blame.
    pub(super) at_field: bool,
    /// The address that was probably meant.
    pub(super) suggestion: Option<String>,
}

/// The page.
#[derive(Template)]
#[template(path = "sign_in/identify.html")]
pub(crate) struct IdentifyPage {
    frame: Frame,
    app: String,
    title: String,
    heading: String,
    form: Form,
    typed: String,
    error: Option<Markup>,
    at_field: bool,
    suggestion: Option<Suggestion>,
    signed_in: Option<SignedInAs>,
    somebody_else: Option<SomebodyElse>,
    hint: String,
    /// Who to ask for an invitation, where one is needed.
    uninvited: Option<String>,
    contact: Markup,
    /// Where to sign in with a passkey.
    passkey: Option<String>,
}

struct Suggestion {
    question: Markup,
    email: String,
}

/// The session that this browser has, to go on with.
struct SignedInAs {
    lead: Markup,
    button: String,
    action: String,
    session: String,
}

/// The app asked for one person, and another one signed in.
struct SomebodyElse {
    lead: Markup,
    back: String,
    action: String,
}

#[cfg(test)]
impl IdentifyPage {
    /// The clean page, and the page with everything on it.
    pub(crate) fn samples(frame: &Frame) -> [Self; 2] {
        let t = &frame.t.identify;
        let email = "anna@gmial.com";
        let clean = |typed: &str| Self {
            frame: frame.clone(),
            app: "Acme Notes".into(),
            title: fill(t.title, &[("app", "Acme Notes")]),
            heading: fill(t.heading, &[("app", "Acme Notes")]),
            form: gallery::form("/signin/0/email"),
            typed: typed.into(),
            error: None,
            at_field: false,
            suggestion: None,
            signed_in: None,
            somebody_else: None,
            hint: t.hint_invited.to_owned(),
            uninvited: Some(fill(
                t.uninvited_advice,
                &[("app", "Acme Notes"), ("organisation", "Acme")],
            )),
            contact: frame.mark(t.contact, &[("contact", frame.contact())]),
            passkey: None,
        };
        let full = Self {
            error: Some(frame.mark(t.no_at, &[])),
            at_field: true,
            suggestion: Some(Suggestion {
                question: frame.mark(t.suggestion, &[("email", Part::Address("anna@gmail.com"))]),
                email: "anna@gmail.com".into(),
            }),
            passkey: Some("/signin/0/passkey".into()),
            signed_in: Some(SignedInAs {
                lead: frame.mark(t.signed_in_as, &[("email", Part::Address(email))]),
                button: fill(t.continue_as, &[("email", email)]),
                action: "/signin/0/continue".into(),
                session: String::new(),
            }),
            somebody_else: Some(SomebodyElse {
                lead: frame.mark(
                    t.somebody_else,
                    &[("app", Part::Text("Acme Notes")), ("email", Part::Address(email))],
                ),
                back: fill(frame.t.common.back_to_app, &[("app", "Acme Notes")]),
                action: "/signin/0/refused".into(),
            }),
            ..clean(email)
        };
        [clean("\"><script>alert(1)</script>"), full]
    }
}

impl IdentifyPage {
    pub(super) fn new(visit: &PageVisit, situation: &Situation, state: IdentifyState) -> Self {
        let frame = visit.frame();
        let t = &frame.t.identify;
        let app = &visit.app;
        let sign_in = &visit.sign_in;
        let named = |text: &str| fill(text, &[("app", &app.name), ("organisation", &frame.organisation)]);
        let question = |email: &String| Suggestion {
            question: frame.mark(t.suggestion, &[("email", Part::Address(email))]),
            email: email.clone(),
        };
        let here = situation.to_continue_with(sign_in, visit.now);
        Self {
            title: named(t.title),
            heading: named(t.heading),
            form: visit.form(routes::identify(sign_in.id)),
            suggestion: state.suggestion.as_ref().map(question),
            signed_in: here.map(|(session, guest)| SignedInAs {
                lead: frame.mark(t.signed_in_as, &[("email", Part::Address(guest.email.as_str()))]),
                button: fill(t.continue_as, &[("email", guest.email.as_str())]),
                action: routes::continue_as(sign_in.id),
                session: session.id.to_string(),
            }),
            somebody_else: somebody_else(visit, situation, &frame),
            hint: match app.access {
                AccessRule::Invited => t.hint_invited.to_owned(),
                AccessRule::InDirectory => named(t.hint_known),
                AccessRule::Domain(_) => t.hint_domain.to_owned(),
                AccessRule::AnyGuest => t.hint_anyone.to_owned(),
            },
            uninvited: (app.access == AccessRule::Invited).then(|| named(t.uninvited_advice)),
            contact: frame.mark(t.contact, &[("contact", frame.contact())]),
            passkey: passkey::way_in_of_a_known_browser(visit),
            app: app.name.clone(),
            typed: state.typed,
            error: state.error,
            at_field: state.at_field,
            frame,
        }
    }
}

/// A proof in this sign-in that cannot help it: the app named the person it wants (`id_token_hint`).
fn somebody_else(visit: &PageVisit, situation: &Situation, frame: &Frame) -> Option<SomebodyElse> {
    let sign_in = &visit.sign_in;
    let (session, guest) = situation.session.as_ref()?;
    let wanted = sign_in.request.hinted_subject.as_deref()?;
    if sign_in.progress.session() != Some(session.id) || wanted == guest.subject.as_str() {
        return None;
    }
    let app = &visit.app.name;
    let t = frame.t;
    Some(SomebodyElse {
        lead: frame.mark(
            t.identify.somebody_else,
            &[
                ("app", Part::Text(app)),
                ("email", Part::Address(guest.email.as_str())),
            ],
        ),
        back: fill(t.common.back_to_app, &[("app", app)]),
        action: routes::refused(sign_in.id),
    })
}
