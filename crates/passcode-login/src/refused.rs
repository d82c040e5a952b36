//! G5: a proven guest who may not enter. Says why, without saying more; the app learns `access_denied` when the
//! guest goes back.

use axum::response::{IntoResponse, Response};
use domain::{access::AccessRefusal, access_request::Asking, audit::Actor, sign_in::Step};
use serde::Deserialize;
use sign_in::{access_request, merge::kept_instead};
use web::{Failure, Page, routes, see_other};

use crate::visit::{PageVisit, Posted, UnderWay};

mod page;

pub(crate) use page::RefusedPage;
use page::{Links, Who};

/// Nothing but its token.
#[derive(Deserialize)]
pub(crate) struct BackForm {}

/// `GET /signin/{sign_in}/refused`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let situation = visit.situation().await?;
    let (Step::Refuse(refusal), Some((_, guest))) = (situation.step(sign_in, visit.now), &situation.session)
    else {
        return Ok(see_other(&routes::resume(sign_in.id)));
    };
    let reader = visit.core.store.reader();
    let asking = access_request::may_ask(&reader, &visit.core, (guest, &visit.app), refusal).await?;
    let links = Links {
        // There is nothing behind My access that could be told.
        back: (!visit.app.is_my_access()).then(|| visit.form(routes::refused(sign_in.id))),
        ask: matches!(asking, Asking::Of(_)).then(|| visit.form(routes::ask_for_access(sign_in.id))),
        other_address: routes::identify(sign_in.id),
    };
    let kept = match refusal {
        AccessRefusal::Removed => kept_instead(&reader, guest).await?,
        _ => None,
    };
    // The mailbox may be another person's by now.
    let kept = kept.map(|kept| kept.masked());
    let who = Who {
        email: guest.email.as_str(),
        kept: kept.as_deref(),
    };
    let page = RefusedPage::new(visit.frame(), links, &visit.app.name, (refusal, &asking), who);
    Ok(Page::new(page).into_response())
}

/// `POST /signin/{sign_in}/ask-for-access`: whoever is answerable is asked by mail, and the page says so.
pub(crate) async fn ask(UnderWay(posted): UnderWay<Posted<BackForm>>) -> Result<Response, Failure> {
    let visit = posted.visit;
    let situation = visit.situation().await?;
    if let (Step::Refuse(refusal), Some((_, guest))) =
        (situation.step(&visit.sign_in, visit.now), &situation.session)
    {
        access_request::ask(&visit.core, Actor::Guest(guest.id), guest.id, &visit.app, refusal).await?;
    }
    Ok(see_other(&routes::refused(visit.sign_in.id)))
}

/// `POST` of a page that says no: the guest goes back, and the app is told.
pub(crate) async fn submit(posted: Posted<BackForm>) -> Result<Response, Failure> {
    let Posted { visit, .. } = posted;
    let id = visit.sign_in.id;
    if let Some((tx, mut sign_in)) = visit.begin().await?
        && !sign_in.progress.is_answered()
    {
        sign_in.progress.deny();
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
    }
    Ok(see_other(&routes::resume(id)))
}
