//! Signing out elsewhere, and everywhere.

use axum::response::Response;
use domain::{Id, session::Session};
use http::header;
use serde::Deserialize;
use sign_in::my_access;
use web::{
    Failure,
    cookies::{self, Kind},
    routes, see_other,
};

use super::guest_here::PostedHere;

/// Which session; none is all.
#[derive(Deserialize)]
pub(crate) struct SessionBody {
    session: Option<String>,
}

/// `POST /me/sessions`.
pub(crate) async fn end(posted: PostedHere<SessionBody>) -> Result<Response, Failure> {
    let PostedHere { here, form } = posted;
    let core = &here.core;
    let Some(named) = form.session else {
        my_access::sign_out_everywhere(core, here.guest.id).await?;
        let mut response = see_other(routes::SIGNED_OUT);
        let cleared = cookies::clear(&core.settings.issuer, Kind::Session);
        response.headers_mut().append(header::SET_COOKIE, cleared);
        return Ok(response);
    };
    // What names no session of theirs has ended already, as far as they are concerned.
    if let Ok(id) = named.parse::<Id<Session>>() {
        my_access::sign_out_there(core, here.guest.id, id).await?;
    }
    Ok(see_other(routes::MY_ACCESS))
}
