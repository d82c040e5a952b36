//! What a guest reads of it: each cause that is known in its own words, with the ways on that fit.

use askama::Template;
use domain::{
    EmailAddress,
    upstream::{Mismatch, Upstream},
};
use federation::UpstreamError;
use web::{
    Frame,
    csrf::Form,
    texts::{Markup, Part, Texts, federation::FederationTexts, fill},
};

#[cfg(test)]
use crate::gallery;

use super::{CameBack, UpstreamTrouble, is_personal};

/// `templates/sign_in/federation_trouble.html`.
#[derive(Template)]
#[template(path = "sign_in/federation_trouble.html")]
pub(crate) struct TroublePage {
    pub(super) frame: Frame,
    pub(super) app: String,
    pub(super) title: String,
    pub(super) heading: Markup,
    pub(super) lead: Markup,
    pub(super) advice: Markup,
    /// Where trying again begins.
    pub(super) again: Option<String>,
    pub(super) form: Form,
    pub(super) back: String,
    pub(super) other_address: String,
    /// Going on as before: what it is called, and where its form goes.
    pub(super) keep: Option<(&'static str, String)>,
    /// The address that the account stands for, to go on with: the button, and the address.
    pub(super) go_on_as: Option<(String, String)>,
    /// Where the sign-in goes on in another way.
    pub(super) resume: Option<String>,
}

impl TroublePage {
    pub(super) fn new(
        frame: Frame,
        (form, other_address): (Form, String),
        app: &str,
        upstream: &Upstream,
        email: &str,
        trouble: &UpstreamTrouble,
    ) -> Self {
        let t = &frame.t.federation;
        let (heading, lead, advice) = match trouble {
            UpstreamTrouble::Upstream(UpstreamError::Unreachable(_) | UpstreamError::Busy(_))
            | UpstreamTrouble::Down => (t.down_heading, t.down_lead, t.down_advice),
            UpstreamTrouble::Upstream(UpstreamError::Refused(_)) => {
                (t.refused_heading, t.refused_lead, t.ask)
            }
            UpstreamTrouble::Upstream(UpstreamError::Misconfigured(_) | UpstreamError::Invalid(_)) => {
                (t.invalid_heading, t.invalid_lead, t.invalid_advice)
            }
            UpstreamTrouble::Mismatch(mismatch, came) => mismatched(t, upstream, *mismatch, came, email),
            UpstreamTrouble::Late => (t.late_heading, t.late_lead, t.late_advice),
            UpstreamTrouble::Off => (t.off_heading, t.off_lead, t.off_advice),
            UpstreamTrouble::NotInvited => (t.not_invited_heading, t.not_invited_lead, t.not_invited_advice),
        };
        let name = upstream.display_name.as_str();
        let theirs = match trouble {
            UpstreamTrouble::Mismatch(_, came) => came.theirs().map_or("", EmailAddress::as_str),
            _ => "",
        };
        let email = if email.is_empty() { theirs } else { email };
        let parts = [
            ("upstream", Part::Text(name)),
            ("app", Part::Text(app)),
            ("email", Part::Address(email)),
            ("theirs", Part::Address(theirs)),
            ("organisation", Part::Text(&frame.organisation)),
            ("contact", frame.contact()),
        ];
        Self {
            title: fill(heading, &[("upstream", name), ("app", app), ("email", email)]),
            heading: frame.mark(heading, &parts),
            lead: frame.mark(lead, &parts),
            advice: frame.mark(advice, &parts),
            again: None,
            form,
            back: fill(frame.t.common.back_to_app, &[("app", app)]),
            other_address,
            keep: None,
            go_on_as: None,
            resume: None,
            app: app.to_owned(),
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        let [contoso, google] = crate::federated::sample_upstreams();
        let text = String::new;
        let anna = || Some(test_support::samples::email("a.berg@contoso.test"));
        let nobody = CameBack::default();
        let claimed = CameBack {
            email: anna(),
            ..CameBack::default()
        };
        let owned = CameBack {
            owner: anna(),
            ..CameBack::default()
        };
        [
            (
                &contoso,
                UpstreamTrouble::Upstream(UpstreamError::Unreachable(text())),
            ),
            (&contoso, UpstreamTrouble::Upstream(UpstreamError::Busy(text()))),
            (&contoso, UpstreamTrouble::Down),
            (
                &contoso,
                UpstreamTrouble::Upstream(UpstreamError::Misconfigured(text())),
            ),
            (
                &contoso,
                UpstreamTrouble::Upstream(UpstreamError::Refused(text())),
            ),
            (
                &contoso,
                UpstreamTrouble::Upstream(UpstreamError::Invalid(text())),
            ),
            (
                &contoso,
                UpstreamTrouble::Mismatch(Mismatch::SomebodyElse, nobody.clone()),
            ),
            (
                &contoso,
                UpstreamTrouble::Mismatch(Mismatch::SomebodyElse, claimed.clone()),
            ),
            (&contoso, UpstreamTrouble::Mismatch(Mismatch::SomebodyElse, owned)),
            (
                &contoso,
                UpstreamTrouble::Mismatch(Mismatch::AnotherAccount, nobody.clone()),
            ),
            (
                &google,
                UpstreamTrouble::Mismatch(Mismatch::AnotherAccount, nobody.clone()),
            ),
            (
                &contoso,
                UpstreamTrouble::Mismatch(Mismatch::NoAddress, claimed.clone()),
            ),
            (
                &contoso,
                UpstreamTrouble::Mismatch(Mismatch::ForeignDomain, claimed.clone()),
            ),
            (
                &contoso,
                UpstreamTrouble::Mismatch(Mismatch::Unverified, claimed.clone()),
            ),
            (&contoso, UpstreamTrouble::NotInvited),
            (&contoso, UpstreamTrouble::Late),
            (&contoso, UpstreamTrouble::Off),
        ]
        .iter()
        .map(|(upstream, trouble)| {
            let links = (gallery::form("/signin/0/unavailable"), "/signin/0/email".into());
            let page = Self::new(
                frame.clone(),
                links,
                "Acme Notes",
                upstream,
                "anna@contoso.test",
                trouble,
            );
            Self {
                again: trouble.again(upstream).map(|_| "/signin/0/away".to_owned()),
                keep: matches!(trouble, UpstreamTrouble::Down)
                    .then(|| (frame.t.federation.offer_decline, "/signin/0/offer".to_owned())),
                resume: matches!(trouble, UpstreamTrouble::Off).then(|| "/authorize/0".to_owned()),
                go_on_as: match trouble {
                    UpstreamTrouble::Mismatch(Mismatch::SomebodyElse, came) => {
                        came.theirs().map(|email| go_on_as(frame.t, email.as_str()))
                    }
                    _ => None,
                },
                ..page
            }
        })
        .collect()
    }
}

/// The button that goes on with another address, and the address.
pub(super) fn go_on_as(t: &Texts, email: &str) -> (String, String) {
    (fill(t.federation.go_on_as, &[("email", email)]), email.to_owned())
}

/// What is said of an account that is not the guest's: heading, what happened, what to do.
fn mismatched(
    t: &FederationTexts,
    upstream: &Upstream,
    mismatch: Mismatch,
    came: &CameBack,
    typed: &str,
) -> (&'static str, &'static str, &'static str) {
    match mismatch {
        Mismatch::SomebodyElse if came.owner.is_some() => {
            (t.somebody_else_heading, t.changed_lead, t.changed_advice)
        }
        Mismatch::SomebodyElse if came.email.is_some() => {
            (t.somebody_else_heading, t.named_lead, t.somebody_else_advice)
        }
        Mismatch::SomebodyElse => (
            t.somebody_else_heading,
            t.somebody_else_lead,
            t.somebody_else_advice,
        ),
        Mismatch::AnotherAccount if is_personal(upstream) => (
            t.somebody_else_heading,
            t.other_account_lead,
            t.other_account_advice,
        ),
        Mismatch::AnotherAccount => (t.another_account_heading, t.another_account_lead, t.ask),
        Mismatch::NoAddress => (t.no_address_heading, t.no_address_lead, t.no_address_advice),
        // Where an address was typed, it is the upstream that may not speak for it.
        Mismatch::ForeignDomain if typed.is_empty() => {
            (t.somebody_else_heading, t.foreign_lead, t.foreign_advice)
        }
        Mismatch::ForeignDomain | Mismatch::Unverified => (t.unverified_heading, t.unverified_lead, t.ask),
    }
}
