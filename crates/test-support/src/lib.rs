//! What tests share: a clock that obeys, entropy that repeats itself, samples of everything, and fresh databases.
//! A dev-dependency only.

mod authenticator;
mod clock;
mod core;
mod cutting_proxy;
mod databases;
mod entropy;
mod name_server;
mod oauth2;
pub mod saml;
pub mod samples;
pub mod upstream;

pub use authenticator::{Asked, Authenticator};
pub use clock::FakeClock;
pub use core::{core, core_with, settings};
pub use cutting_proxy::{CommitFault, CuttingProxy};
pub use databases::{TestDatabase, databases, sqlite};
pub use entropy::SeededEntropy;
pub use name_server::{DnsFault, NameServer};
pub use oauth2::{Oauth2Behaviour, TestOauth2};
pub use upstream::{TestUpstream, upstreams};
