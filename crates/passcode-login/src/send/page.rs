//! G2-send as it looks: the address, and which account a code confirms.

use askama::Template;
use domain::{
    EmailAddress,
    sign_in::SignIn,
    upstream::{Unconfirmed, Upstream},
};
use sign_in::passcode::trouble::CodeTrouble;
use web::{
    Frame,
    csrf::Form,
    routes,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;
use crate::{passcode::Told, passkey, visit::PageVisit};

/// `templates/sign_in/send.html`.
#[derive(Template)]
#[template(path = "sign_in/send.html")]
pub(crate) struct SendPage {
    frame: Frame,
    app: String,
    title: String,
    heading: String,
    form: Form,
    other_address: String,
    lead: Markup,
    /// Where a code confirms the address of an account that came back: which account, and where to use another one.
    account: Option<(Markup, String, String)>,
    error: Option<Markup>,
    /// Where to sign in with a passkey.
    passkey: Option<String>,
}

impl SendPage {
    pub(super) fn new(
        visit: &PageVisit,
        email: &EmailAddress,
        confirms: Option<&(Upstream, Unconfirmed)>,
        trouble: Option<&CodeTrouble>,
    ) -> Self {
        let sign_in = &visit.sign_in;
        let frame = visit.frame();
        let t = &frame.t.identify;
        let app = &visit.app.name;
        let (lead, account) = match confirms {
            Some((upstream, waiting)) => confirming(&frame, sign_in, email, upstream, waiting),
            None => (
                frame.mark(t.send_lead, &[("email", Part::Address(&sign_in.shown(email)))]),
                None,
            ),
        };
        Self {
            title: fill(t.send_title, &[("app", app)]),
            heading: fill(t.heading, &[("app", app)]),
            form: visit.form(routes::send(sign_in.id)),
            other_address: routes::identify(sign_in.id),
            lead,
            account,
            error: trouble
                .map(|trouble| trouble.message(&frame, domain::passcode::Alphabet::default(), visit.now)),
            // A code confirms an account here, and nothing else does.
            passkey: passkey::way_in(&visit.core, sign_in).filter(|_| confirms.is_none()),
            app: app.clone(),
            frame,
        }
    }
}

#[cfg(test)]
impl SendPage {
    pub(crate) fn sample(frame: Frame) -> Self {
        let t = &frame.t.identify;
        Self {
            app: "Acme Notes".into(),
            title: fill(t.send_title, &[("app", "Acme Notes")]),
            heading: fill(t.heading, &[("app", "Acme Notes")]),
            form: gallery::form("/signin/0/send"),
            other_address: "/signin/0/email".into(),
            lead: frame.mark(t.send_lead, &[("email", Part::Address("anna@contoso.test"))]),
            account: None,
            error: None,
            passkey: Some("/signin/0/passkey".into()),
            frame,
        }
    }

    pub(crate) fn confirming(frame: Frame) -> Self {
        let (t, parts) = (&frame.t.personal, samples_of_confirming());
        Self {
            lead: frame.mark(t.confirm_lead, &parts),
            account: Some((
                frame.mark(t.confirm_other, &parts),
                fill(t.confirm_again, &[("upstream", "Google")]),
                "/signin/0/away?again=1".into(),
            )),
            ..Self::sample(frame)
        }
    }
}

#[cfg(test)]
pub(super) fn samples_of_confirming() -> [(&'static str, Part<'static>); 3] {
    [
        ("upstream", Part::Text("Google")),
        ("email", Part::Address("anna@contoso.test")),
        ("account", Part::Address("anna.berg@gmail.com")),
    ]
}

/// Why a code is sent although the guest has just signed in elsewhere; and with which account, where that has another
/// address.
fn confirming(
    frame: &Frame,
    sign_in: &SignIn,
    email: &EmailAddress,
    upstream: &Upstream,
    waiting: &Unconfirmed,
) -> (Markup, Option<(Markup, String, String)>) {
    let t = &frame.t.personal;
    let name = upstream.display_name.as_str();
    let shown = sign_in.shown(email);
    let parts = [("upstream", Part::Text(name)), ("email", Part::Address(&shown))];
    let other = waiting.email.as_ref().filter(|other| other.key() != email.key());
    let account = other.map(|other| {
        let parts = [
            ("upstream", Part::Text(name)),
            ("account", Part::Address(other.as_str())),
        ];
        (
            frame.mark(t.confirm_other, &parts),
            fill(t.confirm_again, &[("upstream", name)]),
            format!("{}?again=1", routes::away(sign_in.id)),
        )
    });
    (frame.mark(t.confirm_lead, &parts), account)
}
