//! Whether one may be invited to more.

use axum::response::Response;
use domain::audit::Actor;
use serde::Deserialize;
use sign_in::invitation_block;
use web::{Failure, routes, see_other};

use super::guest_here::PostedHere;

/// What is wished.
#[derive(Deserialize)]
pub(crate) struct InvitationWish {
    #[serde(default)]
    blocked: String,
}

/// `POST /me/invitations`.
pub(crate) async fn submit(posted: PostedHere<InvitationWish>) -> Result<Response, Failure> {
    let PostedHere { here, form } = posted;
    let guest = here.guest.id;
    if let blocked @ ("yes" | "no") = form.blocked.as_str() {
        let tx = here.core.store.begin().await?;
        // Locked: they may be erased at this moment.
        if tx.lock_guest(guest).await?.is_some() {
            invitation_block::set(&tx, Actor::Guest(guest), guest, blocked == "yes", here.now).await?;
            tx.commit().await?;
        }
    }
    Ok(see_other(routes::MY_ACCESS))
}
