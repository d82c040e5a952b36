//! G1b as it looks: one button for each way in.

use askama::Template;
use domain::method::Method;
use sign_in::method::Choice;
use web::{
    Frame,
    csrf::Form,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;

/// `templates/sign_in/choose.html`.
#[derive(Template)]
#[template(path = "sign_in/choose.html")]
pub(crate) struct ChoosePage {
    frame: Frame,
    app: String,
    title: String,
    heading: &'static str,
    lead: Markup,
    choices: Vec<ChoiceButton>,
    form: Form,
    other_address: String,
}

/// One way in, as a button.
struct ChoiceButton {
    /// Which: see [`name_of`]. Not its place, which changes with the methods that are switched on.
    value: String,
    label: String,
}

/// What the form calls a way in: `passcode`, or the id of the tenant or the provider.
pub(super) fn name_of(method: Method) -> String {
    method
        .upstream()
        .map_or_else(|| method.kind().to_owned(), |id| id.uuid().simple().to_string())
}

impl ChoosePage {
    pub(super) fn new(
        frame: Frame,
        (form, other_address): (Form, String),
        app: &str,
        email: &str,
        choices: &[Choice],
    ) -> Self {
        let t = &frame.t.personal;
        let buttons = choices.iter().map(|choice| ChoiceButton {
            value: name_of(choice.method),
            label: match &choice.name {
                Some(name) => fill(t.choose_upstream, &[("upstream", name)]),
                None => t.choose_code.to_owned(),
            },
        });
        Self {
            title: fill(t.choose_title, &[("app", app)]),
            heading: t.choose_heading,
            lead: frame.mark(t.choose_lead, &[("email", Part::Address(email))]),
            choices: buttons.collect(),
            form,
            other_address,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn sample(frame: Frame) -> Self {
        let google = Method::Upstream(
            domain::upstream::UpstreamKind::Provider,
            domain::Id::from_uuid(uuid::Uuid::nil()),
        );
        let choice = |method, name: Option<&str>| Choice {
            method,
            name: name.map(str::to_owned),
        };
        let choices = [choice(google, Some("Google")), choice(Method::Passcode, None)];
        let links = (gallery::form("/signin/0/choose"), "/signin/0/email".into());
        Self::new(frame, links, "Acme Notes", "anna@gmail.com", &choices)
    }
}
