//! G2-send: an address that an app or an invitation gave is confirmed before the first mail. A GET sends none, so
//! a mail scanner that follows every link sends none.

use axum::{Extension, response::Response};
use domain::{
    EmailAddress,
    upstream::{Unconfirmed, Upstream},
};
use federation::Upstreams;
use http::{StatusCode, header};
use serde::Deserialize;
use sign_in::{
    method::{self, Mailing},
    passcode::{
        mailing::{AskedForCode, ask},
        trouble::CodeTrouble,
    },
};
use web::{Failure, Page, routes, see_other};

use crate::{
    flash::{self, Flash},
    passcode::{self, CodeForm, Told},
    unavailable,
    visit::{PageVisit, Posted, UnderWay, onward},
    webfinger,
};

mod page;

pub(crate) use page::SendPage;

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
        // No mail is sent and nothing is proven on the way, so the address is taken as it was given.
        return Ok(onward(sign_in, found.way(), false));
    }
    let confirms = match found.waiting {
        Some(waiting) => reader
            .upstream(waiting.upstream)
            .await?
            .map(|upstream| (upstream, waiting)),
        None => None,
    };
    if let Some(Flash::Send { trouble }) = &visit.flash {
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
    if found.mail == Mailing::Elsewhere {
        return unavailable::send_there(&visit, tx, sign_in, &found).await;
    }
    let asked = ask(&visit, &tx, &mut sign_in, &email, &found).await?;
    if matches!(asked, AskedForCode::Sent(_)) {
        method::record(&visit, &tx, &found).await?;
    }
    tx.save_sign_in(&sign_in).await?;
    let down = asked.is_mail_down(&tx).await?;
    tx.commit().await?;
    match asked {
        AskedForCode::Refused(trouble) => Ok(flash::go(&visit, &routes::send(id), Flash::Send { trouble })),
        asked => {
            asked.hand_over();
            Ok(passcode::sent(&visit, down, CodeForm::default()))
        }
    }
}

fn page(
    visit: &PageVisit,
    email: &EmailAddress,
    confirms: Option<&(Upstream, Unconfirmed)>,
    trouble: Option<&CodeTrouble>,
    status: StatusCode,
) -> Response {
    let page = SendPage::new(visit, email, confirms, trouble);
    let mut response = flash::said(visit, Page::new(page).status(status));
    if let Some(wait) = trouble.and_then(|trouble| trouble.retry_after(visit.now))
        && status == StatusCode::TOO_MANY_REQUESTS
    {
        response.headers_mut().insert(header::RETRY_AFTER, wait);
    }
    response
}
