//! What tests share: a clock that obeys, entropy that repeats itself, samples of everything, and fresh databases.
//! A dev-dependency only.

mod clock;
mod core;
mod databases;
mod entropy;
mod name_server;
pub mod samples;
pub mod upstream;

pub use clock::FakeClock;
pub use core::{core, core_with, settings};
pub use databases::{TestDatabase, databases};
pub use entropy::SeededEntropy;
pub use name_server::{DnsFault, NameServer};
pub use upstream::{TestUpstream, upstreams};
