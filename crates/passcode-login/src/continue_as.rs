//! «Continue as anna@…»: the guest goes on with the session that this browser has, instead of proving a mailbox.

use axum::response::Response;
use serde::Deserialize;
use web::{Failure, routes, see_other};

use crate::{
    already,
    standing::Standing,
    visit::{Posted, Visit},
};

/// Nothing but its token.
#[derive(Deserialize)]
pub(crate) struct ContinueForm {}

/// `POST /signin/{sign_in}/continue`. Where the session would not do, the dispatcher asks again.
pub(crate) async fn submit(posted: Posted<ContinueForm>) -> Result<Response, Failure> {
    let Posted { visit, .. } = posted;
    if let Some(page) = already::page(&visit).await? {
        return Ok(page);
    }
    choose(&visit).await?;
    Ok(see_other(&routes::resume(visit.current.sign_in.id)))
}

async fn choose(visit: &Visit) -> Result<(), Failure> {
    let standing = Standing::load(visit).await?;
    let tx = visit.core.store.begin().await?;
    let Some(mut sign_in) = tx.lock_sign_in(visit.current.sign_in.id).await? else {
        return Ok(());
    };
    if let Some((session, _)) = standing.to_continue_with(visit, &sign_in) {
        sign_in.session = Some(session.id);
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
    }
    Ok(())
}
