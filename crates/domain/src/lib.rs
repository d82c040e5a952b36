//! The vocabulary of Vestibule and every rule that can be a pure function.
//!
//! Invariants of this crate: nothing here is async, does I/O, reads a clock or a random number (both are
//! arguments), is `Serialize`, or knows HTTP and SQL. A rule that needs a row takes the row as a value.

pub mod access;
pub mod access_request;
pub mod api_scope;
pub mod app;
pub mod assignment;
pub mod assignment_event;
pub mod audit;
pub mod authorization;
pub mod domain_claim;
pub mod duration;
pub mod email;
pub mod entropy;
pub mod grant;
pub mod group;
pub mod guest;
pub mod guest_rule;
pub mod id;
pub mod invitable;
pub mod invitation;
pub mod inviter;
pub mod key_rotation;
pub mod language;
pub mod life;
pub mod limits;
pub mod master_key;
pub mod merge;
pub mod method;
pub mod my_access;
pub mod passcode;
pub mod passkey;
pub mod rate;
pub mod secret;
pub mod session;
pub mod sign_in;
pub mod sponsor;
pub mod time;
pub mod upstream;
#[cfg(test)]
mod words;

pub use email::EmailAddress;
pub use id::Id;
pub use language::Language;
pub use secret::{Secret, SecretHash};
