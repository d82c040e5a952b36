//! What only `vestibule dev` and `vestibule demo` have: the mail that was captured, a clock that can be moved, faults on
//! request, a partner to federate with; and of the demo its seeds, its story, and the browser that plays it.
//! Nothing here is reachable in `serve`, and nothing of it is built without the feature `dev`.

pub mod browser;
mod captured;
mod clock;
mod contoso;
mod control;
mod faults;
mod folder;
mod inbox;
mod mailpit;
mod problem;
pub mod report;
pub mod seed;
mod state;
pub mod story;

use axum::{Router, routing::get};

pub use captured::{CapturedMail, Inbox, NamedAddress};
pub use clock::ShiftedClock;
pub use faults::{FaultSwitches, MailFault};
pub use folder::Folder;
pub use state::DevState;

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
