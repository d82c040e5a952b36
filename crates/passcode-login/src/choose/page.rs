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
    doors: Vec<DoorButton>,
    form: Form,
    other_address: String,
}

/// One way in, as a button.
struct DoorButton {
    /// Which: see [`name_of`]. Not its place, which changes with the doors that open.
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
        let doors = choices.iter().map(|door| DoorButton {
            value: name_of(door.method),
            label: match &door.name {
                Some(name) => fill(t.choose_door, &[("door", name)]),
                None => t.choose_code.to_owned(),
            },
        });
        Self {
            title: fill(t.choose_title, &[("app", app)]),
            heading: t.choose_heading,
            lead: frame.mark(t.choose_lead, &[("email", Part::Address(email))]),
            doors: doors.collect(),
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
        let door = |method, name: Option<&str>| Choice {
            method,
            name: name.map(str::to_owned),
        };
        let doors = [door(google, Some("Google")), door(Method::Passcode, None)];
        let links = (gallery::form("/signin/0/choose"), "/signin/0/email".into());
        Self::new(frame, links, "Acme Notes", "anna@gmail.com", &doors)
    }
}
