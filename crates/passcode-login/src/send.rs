//! G2-send: an address that an app or an invitation gave is confirmed before the first mail. A GET sends none, so
//! a mail scanner that follows every link sends none.

use askama::Template;
use axum::{Extension, response::Response};
use domain::{
    EmailAddress,
    sign_in::SignIn,
    upstream::{Unconfirmed, Upstream},
};
use federation::Upstreams;
use http::{StatusCode, header};
use serde::Deserialize;
use sign_in::{
    method::{self, Door},
    passcode::{
        mailing::{AskedForCode, ask},
        trouble::CodeTrouble,
    },
};
use web::{
    Failure, Frame, Page,
    csrf::Form,
    routes, see_other,
    texts::{Markup, Part, fill},
};

#[cfg(test)]
use crate::gallery;
use crate::{
    again::{self, Again},
    passcode::{self, CodeForm, Told},
    passkey, unavailable,
    visit::{PageVisit, Posted, UnderWay, onward},
    webfinger,
};

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
                fill(t.confirm_again, &[("door", "Google")]),
                "/signin/0/away?again=1".into(),
            )),
            ..Self::sample(frame)
        }
    }
}

#[cfg(test)]
fn samples_of_confirming() -> [(&'static str, Part<'static>); 3] {
    [
        ("door", Part::Text("Google")),
        ("email", Part::Address("anna@contoso.test")),
        ("account", Part::Address("anna.berg@gmail.com")),
    ]
}

/// Nothing but its token.
#[derive(Deserialize)]
pub(crate) struct SendForm {}

/// `GET /signin/{sign_in}/send`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let Some(email) = &sign_in.email else {
        return Ok(see_other(&routes::identify(sign_in.id)));
    };
    let reader = visit.core.store.reader();
    let found = method::find(&visit, &reader, email).await?;
    if !sign_in::PageName::Send.admits(found.way()) {
        // No mail is sent and nothing is proven on the way: whoever named the address is taken at their word.
        return Ok(onward(sign_in, found.way(), false));
    }
    let confirms = match found.waiting {
        Some(waiting) => reader
            .upstream(waiting.upstream)
            .await?
            .map(|upstream| (upstream, waiting)),
        None => None,
    };
    if let Some(Again::Send { trouble }) = &visit.again {
        return Ok(page(
            &visit,
            email,
            confirms.as_ref(),
            Some(trouble),
            trouble.status(),
        ));
    }
    let locked = sign_in.locked_until.filter(|until| visit.now < *until);
    Ok(page(
        &visit,
        email,
        confirms.as_ref(),
        locked.map(|until| CodeTrouble::Locked { until }).as_ref(),
        StatusCode::OK,
    ))
}

/// `POST /signin/{sign_in}/send`.
pub(crate) async fn submit(
    Extension(upstreams): Extension<Upstreams>,
    UnderWay(posted): UnderWay<Posted<SendForm>>,
) -> Result<Response, Failure> {
    let Posted { visit, .. } = posted;
    let id = visit.sign_in.id;
    if let Some(email) = &visit.sign_in.email {
        webfinger::ask(&visit, &upstreams, email).await?;
    }
    let Some((tx, mut sign_in)) = visit.begin().await? else {
        return Ok(see_other(&routes::identify(id)));
    };
    let Some(email) = sign_in.email.clone() else {
        return Ok(see_other(&routes::identify(id)));
    };
    let found = method::find(&visit, &tx, &email).await?;
    if found.door == Door::Elsewhere {
        return unavailable::send_there(&visit, tx, sign_in, &found).await;
    }
    let asked = ask(&visit, &tx, &mut sign_in, &email, &found).await?;
    if asked == AskedForCode::Sent {
        method::record(&visit, &tx, &found).await?;
    }
    tx.save_sign_in(&sign_in).await?;
    let down = tx.mail_transport_down_since().await?.is_some();
    tx.commit().await?;
    match asked {
        AskedForCode::Sent | AskedForCode::Recently { .. } => {
            Ok(passcode::sent(&visit, down, CodeForm::default()))
        }
        AskedForCode::Refused(trouble) => Ok(again::go(&visit, &routes::send(id), Again::Send { trouble })),
    }
}

fn page(
    visit: &PageVisit,
    email: &EmailAddress,
    confirms: Option<&(Upstream, Unconfirmed)>,
    trouble: Option<&CodeTrouble>,
    status: StatusCode,
) -> Response {
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
    let page = SendPage {
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
    };
    let mut response = again::said(visit, Page::new(page).status(status));
    if let Some(wait) = trouble.and_then(|trouble| trouble.retry_after(visit.now))
        && status == StatusCode::TOO_MANY_REQUESTS
    {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
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
    let door = upstream.display_name.as_str();
    let shown = sign_in.shown(email);
    let parts = [("door", Part::Text(door)), ("email", Part::Address(&shown))];
    let other = waiting.email.as_ref().filter(|other| other.key() != email.key());
    let account = other.map(|other| {
        let parts = [
            ("door", Part::Text(door)),
            ("account", Part::Address(other.as_str())),
        ];
        (
            frame.mark(t.confirm_other, &parts),
            fill(t.confirm_again, &[("door", door)]),
            format!("{}?again=1", routes::away(sign_in.id)),
        )
    });
    (frame.mark(t.confirm_lead, &parts), account)
}
