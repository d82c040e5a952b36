//! The pages through their router: every step a guest takes, and every way it goes wrong, on real databases.
#![expect(clippy::unwrap_used, reason = "a test that meets an error fails")]

mod around;
mod code;
mod code_trouble;
mod equality;
mod federation;
mod guard_mode;
mod html;
mod identify;
mod invitation;
mod limits;
mod other_pages;
mod passkeys;
mod personal;
mod policies;
mod races;
mod renewed;
mod saml;
mod style;
mod undelivered;
mod world;
