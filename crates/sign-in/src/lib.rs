//! What a sign-in is and what happens in it: what the next step depends on is loaded here, once. Knows the store, and nothing
//! of HTTP, pages or OAuth.

pub mod access_request;
pub mod begin;
pub mod complete;
mod core;
mod end_session;
pub mod guest_life;
mod in_text;
pub mod invitation_block;
pub mod issue;
pub mod merge;
pub mod method;
pub mod my_access;
mod next_page;
mod outgoing;
pub mod passcode;
pub mod passkey;
mod settings;
mod situation;
pub mod upstream;
mod visit;

pub use core::Core;
pub use end_session::{EndedFrom, end_session};
pub use next_page::{PageName, Position, Way, next_page};
pub use outgoing::{Handed, HandedMail, MailPlace, Outgoing};
pub use settings::{Help, Issuer, SessionSettings, Settings, TokenLifetimes};
pub use situation::Situation;
pub use visit::{Browser, Visit, secret_of_sign_in};
