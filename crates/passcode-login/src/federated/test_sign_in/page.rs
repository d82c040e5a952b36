//! What is about to be tried, and what came of it.

use askama::Template;
use chrono::SecondsFormat;
use domain::{
    EmailAddress, Secret,
    upstream::{Linked, Mismatch, TestSignIn, TestVerdict, Upstream},
};
use federation::{Came, UpstreamError};
use web::{
    Frame, routes,
    texts::{Markup, Part, fill},
};

/// `templates/sign_in/test_sign_in.html`.
#[derive(Template)]
#[template(path = "sign_in/test_sign_in.html")]
pub(crate) struct TestPage {
    frame: Frame,
    title: String,
    says: Vec<Markup>,
    /// What the upstream said, name by name.
    facts: Vec<(&'static str, Markup)>,
    /// The way on: what it is called, and where it leads.
    onward: Option<(String, String)>,
}

impl TestPage {
    /// Before it.
    pub(super) fn begin(frame: Frame, upstream: &Upstream, test: &TestSignIn, token: &Secret) -> Self {
        let t = &frame.t.test_sign_in;
        let name = [("upstream", upstream.display_name.as_str())];
        Self {
            title: fill(t.title, &name),
            says: vec![
                mark(&frame, t.lead, upstream, test),
                mark(&frame, t.nothing_kept, upstream, test),
            ],
            facts: Vec::new(),
            onward: Some((
                fill(frame.t.federation.leave_button, &name),
                routes::test_sign_in_away(token),
            )),
            frame,
        }
    }

    /// Its link no longer works.
    pub(super) fn over(frame: Frame) -> Self {
        let t = &frame.t.test_sign_in;
        Self {
            title: t.over_title.to_owned(),
            says: vec![frame.mark(t.over, &[])],
            facts: Vec::new(),
            onward: None,
            frame,
        }
    }

    /// It did not come to an account.
    pub(super) fn failed(
        frame: Frame,
        upstream: &Upstream,
        test: &TestSignIn,
        error: &UpstreamError,
    ) -> Self {
        let t = &frame.t.test_sign_in;
        Self {
            title: fill(t.title, &[("upstream", upstream.display_name.as_str())]),
            says: vec![
                mark(&frame, t.failed, upstream, test),
                frame.mark("{error}", &[("error", Part::Text(&error.to_string()))]),
            ],
            facts: Vec::new(),
            onward: None,
            frame,
        }
    }

    /// Somebody came back with an account.
    pub(super) fn done(
        frame: Frame,
        upstream: &Upstream,
        test: &TestSignIn,
        came: &Came,
        verdict: TestVerdict,
    ) -> Self {
        let arrival = &came.arrival;
        let t = &frame.t.test_sign_in;
        let text = match verdict {
            TestVerdict::Enters(Linked::Known) => t.known,
            TestVerdict::Enters(Linked::New) => t.new,
            TestVerdict::Enters(Linked::Unconfirmed) => t.a_code_confirms,
            TestVerdict::Refused(Mismatch::SomebodyElse) => t.somebody_else,
            TestVerdict::Refused(Mismatch::AnotherAccount) => t.another_account,
            TestVerdict::Refused(Mismatch::NoAddress) => t.no_address,
            TestVerdict::Refused(Mismatch::ForeignDomain) => t.foreign_domain,
            TestVerdict::Refused(Mismatch::Unverified) => t.unverified,
        };
        let yes = |value: bool| if value { t.yes } else { t.no }.to_owned();
        let or_missing = |text: Option<String>| text.unwrap_or_else(|| t.missing.to_owned());
        let email = arrival.email.as_ref().map(EmailAddress::as_str);
        let at = arrival
            .auth_time
            .map(|at| at.to_rfc3339_opts(SecondsFormat::Secs, true));
        let user_info = came.without_user_info.as_ref().map(ToString::to_string);
        let facts = [
            (t.issuer, arrival.account.issuer.clone()),
            (t.subject, arrival.account.subject.clone()),
            (
                t.verified,
                arrival.email_verified.map_or_else(|| t.missing.to_owned(), yes),
            ),
            (t.name, or_missing(arrival.name.clone())),
            (t.language, or_missing(arrival.locale.clone())),
            (
                t.methods,
                or_missing(Some(arrival.amr.join(" ")).filter(|amr| !amr.is_empty())),
            ),
            (t.signed_in_at, or_missing(at)),
            (t.session, yes(arrival.session.is_some())),
            (
                t.claims,
                or_missing(Some(arrival.said.join(", ")).filter(|said| !said.is_empty())),
            ),
        ];
        let mut facts: Vec<(&str, Markup)> = facts
            .into_iter()
            .chain(user_info.map(|error| (t.user_info, error)))
            .map(|(name, value)| (name, frame.mark("{value}", &[("value", Part::Text(&value))])))
            .collect();
        let email = match email {
            Some(email) => frame.mark("{email}", &[("email", Part::Address(email))]),
            None => frame.mark(t.missing, &[]),
        };
        facts.insert(2, (t.address, email));
        Self {
            title: fill(t.title, &[("upstream", upstream.display_name.as_str())]),
            says: vec![
                mark(&frame, text, upstream, test),
                mark(&frame, t.said, upstream, test),
            ],
            facts,
            onward: None,
            frame,
        }
    }

    #[cfg(test)]
    pub(crate) fn samples(frame: &Frame) -> Vec<Self> {
        use domain::upstream::{Account, Arrival};
        use test_support::samples;

        let [upstream, _] = super::super::sample_upstreams();
        let test = TestSignIn {
            id: samples::id(),
            upstream: upstream.id,
            email: samples::email("anna@contoso.test"),
            by: "lee".into(),
            expires_at: samples::now(),
        };
        let arrival = Arrival {
            account: Account {
                issuer: "https://login.contoso.test".into(),
                subject: "a-long-name-without-a-place-to-break-it-0123456789".into(),
            },
            email: Some(samples::email("anna@contoso.test")),
            email_verified: Some(true),
            name: Some("Anna Berg".into()),
            locale: None,
            amr: vec!["pwd".into(), "mfa".into()],
            auth_time: Some(samples::now()),
            session: None,
            said: vec!["sub".into(), "email".into(), "preferred_username".into()],
        };
        let error = UpstreamError::Misconfigured("the token endpoint said invalid_client".into());
        let mut pages = vec![
            Self::begin(frame.clone(), &upstream, &test, &Secret::presented("token")),
            Self::over(frame.clone()),
            Self::failed(frame.clone(), &upstream, &test, &error),
        ];
        let came = Came {
            arrival,
            without_user_info: Some(UpstreamError::Misconfigured(
                "UserInfo answered 403 Forbidden".into(),
            )),
        };
        for verdict in [
            TestVerdict::Enters(Linked::Known),
            TestVerdict::Enters(Linked::New),
            TestVerdict::Enters(Linked::Unconfirmed),
            TestVerdict::Refused(Mismatch::SomebodyElse),
            TestVerdict::Refused(Mismatch::AnotherAccount),
            TestVerdict::Refused(Mismatch::NoAddress),
            TestVerdict::Refused(Mismatch::ForeignDomain),
            TestVerdict::Refused(Mismatch::Unverified),
        ] {
            pages.push(Self::done(frame.clone(), &upstream, &test, &came, verdict));
        }
        pages
    }
}

fn mark(frame: &Frame, text: &str, upstream: &Upstream, test: &TestSignIn) -> Markup {
    frame.mark(
        text,
        &[
            ("upstream", Part::Text(&upstream.display_name)),
            ("email", Part::Address(test.email.as_str())),
        ],
    )
}
