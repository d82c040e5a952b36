//! How the guest signs in, and the way to a better method where one is open to them.

use axum::response::Response;
use domain::upstream::Upstream;
use method_resolution::resolve;
use web::{Failure, routes, see_other};

use super::guest_here::{GuestHere, Nothing, PostedHere};

/// Where they sign in, unless it is by code.
pub(super) async fn upstream(here: &GuestHere) -> Result<Option<Upstream>, Failure> {
    Ok(match here.guest.pinned_method.or(here.guest.method) {
        Some(method) => here.reader().upstream_of(method).await?,
        None => None,
    })
}

/// The upstream that they may move to, as a sign-in would offer it.
pub(super) async fn better(here: &GuestHere) -> Result<Option<Upstream>, Failure> {
    let (reader, policies) = (here.reader(), &here.core.settings.resolution);
    let facts = reader
        .method_facts(&here.guest.email, Some(&here.guest), policies, here.now)
        .await?;
    Ok(match resolve(&facts).to_move() {
        Some((method, _)) => reader.upstream_of(method).await?,
        None => None,
    })
}

/// `POST /me/method`: one moves after a proof of the same sign-in by the former method, so one begins.
pub(crate) async fn change(posted: PostedHere<Nothing>) -> Result<Response, Failure> {
    let here = posted.here;
    Ok(match better(&here).await? {
        Some(_) => here.signs_in_anew(routes::MY_ACCESS).await,
        None => see_other(routes::MY_ACCESS),
    })
}
