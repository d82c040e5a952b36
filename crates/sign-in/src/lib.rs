//! What a sign-in is and what happens in it: what the next step depends on is loaded here, once. Knows the store, and nothing
//! of HTTP, pages or OAuth.

mod core;
mod settings;
mod situation;

pub use core::Core;
pub use settings::{Help, Issuer, Limits, SessionSettings, Settings, TokenLifetimes};
pub use situation::Situation;
