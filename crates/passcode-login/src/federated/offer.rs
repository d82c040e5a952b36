//! G6: a guest who has just signed in by a code may move to their own organisation's sign-in, which came later. The
//! way there and back proves the second method within the sign-in that proved the first.

use axum::response::{IntoResponse, Response};
use domain::{
    session::Means,
    sign_in::{Offer, Progress, Step},
    upstream::Upstream,
};
use serde::Deserialize;
use sign_in::Situation;
use store::StoreError;
use web::{Failure, Page, routes, see_other};

use crate::visit::{PageVisit, Posted, UnderWay};

mod page;

pub(crate) use page::OfferPage;
pub(super) use page::decline_text;

/// `GET /signin/{sign_in}/offer`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let situation = visit.situation().await?;
    let (Step::Move, Some((upstream, offer))) = (
        situation.step(sign_in, visit.now),
        offered(&visit, &situation).await?,
    ) else {
        return Ok(see_other(&routes::resume(sign_in.id)));
    };
    let app = &visit.app.name;
    let links = (visit.form(routes::offer(sign_in.id)), routes::away(sign_in.id));
    let by_code = came_by_code(&situation);
    let page = OfferPage::new(visit.frame(), links, app, &upstream, offer, by_code);
    Ok(Page::new(page).into_response())
}

/// Nothing but its token.
#[derive(Deserialize)]
pub(crate) struct DeclineForm {}

/// `POST /signin/{sign_in}/offer`: goes on as before, this time.
pub(crate) async fn decline(posted: Posted<DeclineForm>) -> Result<Response, Failure> {
    let Posted { visit, .. } = posted;
    let id = visit.sign_in.id;
    if let Some((tx, mut sign_in)) = visit.begin().await?
        && let Progress::InSession(said) = &mut sign_in.progress
    {
        said.keeps_method = true;
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
    }
    Ok(see_other(&routes::resume(id)))
}

/// Whether the guest of this sign-in has just proven themselves by a code.
pub(super) fn came_by_code(situation: &Situation) -> bool {
    let session = situation.session.as_ref();
    session.is_some_and(|(session, _)| session.authentication.means == Means::Code)
}

/// The upstream that the guest of this sign-in may move to.
pub(super) async fn offered(
    visit: &PageVisit,
    situation: &Situation,
) -> Result<Option<(Upstream, Offer)>, StoreError> {
    let Some((method, offer)) = situation.offer else {
        return Ok(None);
    };
    let upstream = visit.core.store.reader().upstream_of(method).await?;
    Ok(upstream.map(|upstream| (upstream, offer)))
}
