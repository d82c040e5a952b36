//! The honest page for an address whose method is not switched on: which one it would be, and what can be done.

use axum::response::{IntoResponse, Response};
use domain::sign_in::SignIn;
use sign_in::method::{self, Found};
use store::Tx;
use web::{Failure, Page, routes, see_other};

use crate::visit::{PageVisit, UnderWay, onward};

mod page;

pub(crate) use page::UnavailablePage;

/// Ends a step whose address has another method, switched on or not: codes under way end with it (the caller holds the
/// sign-in's lock).
pub(crate) async fn send_there(
    visit: &PageVisit,
    tx: Tx,
    mut sign_in: SignIn,
    found: &Found,
) -> Result<Response, Failure> {
    if let Some(challenge) = sign_in.challenge.take() {
        tx.kill_challenge(challenge, visit.now).await?;
    }
    tx.save_sign_in(&sign_in).await?;
    tx.commit().await?;
    Ok(onward(&sign_in, found.way(), true))
}

/// `GET /signin/{sign_in}/unavailable`.
pub(crate) async fn show(UnderWay(visit): UnderWay<PageVisit>) -> Result<Response, Failure> {
    let sign_in = &visit.sign_in;
    let Some(email) = &sign_in.email else {
        return Ok(see_other(&routes::identify(sign_in.id)));
    };
    let reader = visit.core.store.reader();
    let found = method::find(&visit, &reader, email).await?;
    let way = found.way();
    if !sign_in::PageName::Unavailable.admits(way) {
        return Ok(onward(sign_in, way, true));
    }
    let upstreams = reader.upstream_names(&found.told).await?;
    let links = (
        visit.form(routes::unavailable(sign_in.id)),
        routes::identify(sign_in.id),
    );
    let page = UnavailablePage::new(
        visit.frame(),
        links,
        &visit.app.name,
        &sign_in.shown(email),
        &found.told,
        &upstreams,
    );
    Ok(Page::new(page).into_response())
}
