//! Removing a passkey, and the way to another one.

use axum::response::Response;
use domain::{Id, audit::Actor, method::Method, passkey::Passkey};
use serde::Deserialize;
use sign_in::passkey::remove::remove_passkey;
use web::{Failure, routes, see_other};

use super::guest_here::{GuestHere, Nothing, PostedHere};

/// Whether a passkey can be added: only who signs in by code can use one.
pub(super) fn may_be_added(here: &GuestHere) -> bool {
    here.core.settings.passkeys
        && here.guest.pinned_method.or(here.guest.method) == Some(Method::Passcode)
        && here.guest.method == Some(Method::Passcode)
}

/// Which one.
#[derive(Deserialize)]
pub(crate) struct PasskeyToRemove {
    #[serde(default)]
    passkey: String,
}

/// `POST /me/passkeys`.
pub(crate) async fn remove(posted: PostedHere<PasskeyToRemove>) -> Result<Response, Failure> {
    let PostedHere { here, form } = posted;
    if let Ok(id) = form.passkey.parse::<Id<Passkey>>() {
        let guest = here.guest.id;
        remove_passkey(&here.core, Actor::Guest(guest), guest, id).await?;
    }
    Ok(see_other(routes::MY_ACCESS))
}

/// `POST /me/new-passkey`: a passkey is made after a code of the same sign-in, so one begins.
pub(crate) async fn make(posted: PostedHere<Nothing>) -> Response {
    if may_be_added(&posted.here) {
        posted.here.signs_in_anew(routes::MY_ACCESS).await
    } else {
        see_other(routes::MY_ACCESS)
    }
}
