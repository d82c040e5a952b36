//! G3 as it looks: what the app will get, and for whom.

use askama::Template;
use domain::{
    Id,
    authorization::{Scope, Scopes},
    session::Session,
};
use web::{
    Frame,
    csrf::Form,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;

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

impl ConsentPage {
    #[cfg(test)]
    pub(crate) fn sample(frame: Frame) -> Self {
        let scopes = Scope::ALL.into_iter().collect();
        let form = gallery::form("/signin/0/consent");
        let session = test_support::samples::id();
        Self::new(frame, form, session, "Acme Notes", &scopes, "anna@contoso.test")
    }

    pub(super) fn new(
        frame: Frame,
        form: Form,
        session: Id<Session>,
        app: &str,
        scopes: &Scopes,
        email: &str,
    ) -> Self {
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
