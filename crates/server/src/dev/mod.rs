//! What only `dev` and `demo` have: the mail that was captured, a clock that can be moved, faults on request, and a
//! partner to federate with.
//! Nothing here is reachable in `serve`.

mod clock;
mod contoso;
mod control;
mod faults;
mod inbox;
mod mailpit;

use std::sync::Arc;

use axum::{
    Json, Router,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header};
use serde_json::json;
use sign_in::Core;

pub use clock::ShiftedClock;
pub use faults::{Faults, FaultyMailer};

use crate::mail::Mailbox;

/// What the pages and the API of `/dev` work on.
#[derive(Clone)]
pub struct DevState {
    core: Core,
    mailbox: Arc<Mailbox>,
    clock: Arc<ShiftedClock>,
    faults: Arc<Faults>,
}

impl DevState {
    /// The state. `clock` is the one that `core` reads, and `mailbox` the one that its mail goes to.
    pub fn new(core: Core, mailbox: Arc<Mailbox>, clock: Arc<ShiftedClock>, faults: Arc<Faults>) -> Self {
        Self {
            core,
            mailbox,
            clock,
            faults,
        }
    }
}

/// The routes.
pub fn router(state: DevState) -> Router {
    let contoso = contoso::router(contoso::Contoso::new(state.core.clone()));
    Router::new()
        .route("/dev/inbox", get(inbox::list))
        .route("/dev/inbox/{id}", get(inbox::show))
        .route("/dev/inbox/{id}/html", get(inbox::html))
        .route("/dev/style.css", get(inbox::style))
        .route("/dev/api/v1/messages", get(mailpit::list).delete(mailpit::delete))
        .route("/dev/api/v1/search", get(mailpit::search))
        .route("/dev/api/v1/message/{id}", get(mailpit::show))
        .route("/dev/api/v1/message/{id}/headers", get(mailpit::headers))
        .route("/dev/api/v1/message/{id}/raw", get(mailpit::raw))
        .route("/dev/api/code", get(mailpit::code))
        .route("/dev/clock", get(control::clock).post(control::move_clock))
        .route("/dev/fault", get(control::faults).post(control::set_faults))
        .with_state(state)
        .merge(contoso)
}

/// RFC 9457.
fn problem(status: StatusCode, detail: impl Into<String>) -> Response {
    let title = status.canonical_reason().unwrap_or("Error");
    let body =
        json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail.into() });
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        Json(body).into_response().into_body(),
    )
        .into_response()
}

#[cfg(test)]
mod tests;
