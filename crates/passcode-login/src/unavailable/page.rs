//! What it shows: which method it would be, and whom to ask.

use askama::Template;
use domain::{method::Method, upstream::UpstreamKind};
use method_resolution::Decision;
use web::{
    Frame,
    csrf::Form,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;

/// `templates/sign_in/unavailable.html`.
#[derive(Template)]
#[template(path = "sign_in/unavailable.html")]
pub(crate) struct UnavailablePage {
    frame: Frame,
    app: String,
    title: &'static str,
    heading: Markup,
    lead: Markup,
    advice: Markup,
    form: Form,
    back: String,
    other_address: String,
}

impl UnavailablePage {
    pub(super) fn new(
        frame: Frame,
        (form, other_address): (Form, String),
        app: &str,
        email: &str,
        told: &Decision,
        upstreams: &[String],
    ) -> Self {
        let t = &frame.t.identify;
        let lead = match told {
            Decision::Use(Method::Upstream(UpstreamKind::Tenant, _)) => t.unavailable_federation,
            Decision::Use(_) => t.unavailable_personal,
            Decision::Ask(_) => t.unavailable_several,
            Decision::Refuse(_) => t.unavailable_codes_off,
        };
        let upstream = upstreams.join(", ");
        Self {
            title: t.unavailable_title,
            heading: frame.mark(t.unavailable_heading, &[("email", Part::Address(email))]),
            lead: frame.mark(
                lead,
                &[
                    ("upstream", Part::Text(&upstream)),
                    ("organisation", Part::Text(&frame.organisation)),
                ],
            ),
            advice: frame.mark(t.unavailable_advice, &[("contact", frame.contact())]),
            form,
            back: fill(frame.t.common.back_to_app, &[("app", app)]),
            other_address,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let federation = Decision::Use(Method::Upstream(
            UpstreamKind::Tenant,
            domain::Id::from_uuid(uuid::Uuid::nil()),
        ));
        let upstreams = ["Contoso".to_owned(), "Microsoft".to_owned()];
        [
            federation.clone(),
            Decision::Ask(vec![]),
            Decision::Refuse(method_resolution::Refusal::NoMethod),
        ]
        .map(|told| {
            let links = (gallery::form("/signin/0/unavailable"), "/signin/0/email".into());
            Self::new(
                frame.clone(),
                links,
                "Acme Notes",
                "anna@contoso.test",
                &told,
                &upstreams,
            )
        })
        .into()
    }
}
