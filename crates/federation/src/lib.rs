//! Vestibule as the relying party of other identity providers: leaving for one of them, and coming back with
//! what it said, every claim checked. Knows nothing of guests, sessions or pages.

mod answer;
mod cache;
mod departure;
mod discovered;
mod error;
mod metadata;
#[cfg(not(feature = "saml"))]
mod no_saml;
mod oauth2;
mod oidc;
mod protocol;
#[cfg(feature = "saml")]
pub mod saml;
mod upstreams;
mod webfinger;

pub use answer::{Came, CodeAnswer, UpstreamAnswer};
pub use departure::{Departure, WayThere};
pub use discovered::{Certificate, Discovered};
pub use error::UpstreamError;
pub use oidc::{LoggedOut, check_client_key};
pub use upstreams::Upstreams;

/// Whether ID tokens that are signed by the algorithm of that name (RFC 7518 §3.1) can be believed at all.
pub fn is_signing_algorithm(name: &str) -> bool {
    oidc::is_believed(name)
}
