//! G2-send: an address that an app or an invitation gave is confirmed before the first mail. A GET sends none, so
//! a mail scanner that follows every link sends none.

use askama::Template;
use axum::response::Response;
use http::{StatusCode, header};
use serde::Deserialize;
use web::{
    Failure, Frame, Page, routes, see_other,
    texts::{Markup, Part, fill},
};

use crate::{
    again::{self, Again},
    already,
    method::{self, Door},
    passcode::{self, Asked, CodeForm, Trouble},
    unavailable,
    visit::{Posted, Visit},
};

/// `templates/sign_in/send.html`.
#[derive(Template)]
#[template(path = "sign_in/send.html")]
pub(crate) struct SendPage {
    frame: Frame,
    app: String,
    title: String,
    heading: String,
    csrf: String,
    action: String,
    other_address: String,
    lead: Markup,
    error: Option<Markup>,
}

#[cfg(test)]
impl SendPage {
    pub(crate) fn sample(frame: Frame) -> Self {
        let t = &frame.t.identify;
        Self {
            app: "Acme Notes".into(),
            title: fill(t.send_title, &[("app", "Acme Notes")]),
            heading: fill(t.heading, &[("app", "Acme Notes")]),
            csrf: "token".into(),
            action: "/signin/0/send".into(),
            other_address: "/signin/0/email".into(),
            lead: frame.mark(t.send_lead, &[("email", Part::Address("anna@contoso.test"))]),
            error: None,
            frame,
        }
    }
}

/// Nothing but its token.
#[derive(Deserialize)]
pub(crate) struct SendForm {}

/// `GET /signin/{sign_in}/send`.
pub(crate) async fn show(visit: Visit) -> Result<Response, Failure> {
    if let Some(page) = already::page(&visit).await? {
        return Ok(page);
    }
    let sign_in = &visit.current.sign_in;
    if let Some(email) = &sign_in.email
        && method::look(&visit, &visit.core.store.reader(), email)
            .await?
            .upstream
            .is_some()
    {
        // No mail is sent and nothing is proven on the way: whoever named the address is taken at their word.
        return Ok(see_other(&routes::away(sign_in.id)));
    }
    if let Some(Again::Send { trouble }) = &visit.again {
        return Ok(page(&visit, Some(trouble), trouble.status()));
    }
    let locked = sign_in.locked_until.filter(|until| visit.now < *until);
    Ok(page(
        &visit,
        locked.map(|until| Trouble::Locked { until }).as_ref(),
        StatusCode::OK,
    ))
}

/// `POST /signin/{sign_in}/send`.
pub(crate) async fn submit(posted: Posted<SendForm>) -> Result<Response, Failure> {
    let Posted { visit, .. } = posted;
    if let Some(page) = already::page(&visit).await? {
        return Ok(page);
    }
    let id = visit.current.sign_in.id;
    let tx = visit.core.store.begin().await?;
    let Some(mut sign_in) = tx.lock_sign_in(id).await? else {
        return Ok(see_other(&routes::identify(id)));
    };
    let Some(email) = sign_in.email.clone() else {
        return Ok(see_other(&routes::identify(id)));
    };
    let found = method::find(&visit, &tx, &email).await?;
    if found.door == Door::Elsewhere {
        return unavailable::send_there(&visit, tx, sign_in).await;
    }
    let asked = passcode::ask(&visit, &tx, &mut sign_in, &email, &found).await?;
    if asked == Asked::Sent {
        method::record(&visit, &tx, &found).await?;
    }
    tx.save_sign_in(&sign_in).await?;
    let down = tx.mail_transport_down_since().await?.is_some();
    tx.commit().await?;
    match asked {
        Asked::Sent | Asked::Recently { .. } => Ok(passcode::sent(&visit, down, CodeForm::default())),
        Asked::Refused(trouble) => Ok(again::go(&visit, &routes::send(id), Again::Send { trouble })),
    }
}

fn page(visit: &Visit, trouble: Option<&Trouble>, status: StatusCode) -> Response {
    let sign_in = &visit.current.sign_in;
    let Some(email) = &sign_in.email else {
        return see_other(&routes::identify(sign_in.id));
    };
    let frame = visit.frame();
    let t = &frame.t.identify;
    let app = &visit.current.app.name;
    let page = SendPage {
        title: fill(t.send_title, &[("app", app)]),
        heading: fill(t.heading, &[("app", app)]),
        csrf: visit.current.csrf_token(),
        action: routes::send(sign_in.id),
        other_address: routes::identify(sign_in.id),
        lead: frame.mark(t.send_lead, &[("email", Part::Address(email.as_str()))]),
        error: trouble.map(|trouble| trouble.message(&frame, visit.now)),
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
