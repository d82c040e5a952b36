//! Who comes back from an upstream: whose account it is, and what is kept of it.

mod account;
pub mod adopt;
pub mod arrived;
pub(crate) mod confirmed;
pub mod health;
