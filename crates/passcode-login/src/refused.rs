//! G5: a proven guest who may not enter. Says why, without saying more; the app learns `access_denied` when the
//! guest goes back.

use axum::response::{IntoResponse, Response};
use domain::sign_in::Step;
use serde::Deserialize;
use web::{Failure, Page, routes, see_other};

use crate::visit::{PageVisit, Posted, UnderWay};

mod page;

pub(crate) use page::RefusedPage;

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
    let links = (
        visit.form(routes::refused(sign_in.id)),
        routes::identify(sign_in.id),
    );
    let email = guest.email.as_str();
    let page = RefusedPage::new(visit.frame(), links, &visit.app.name, refusal, email);
    Ok(Page::new(page).into_response())
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
