//! Passkeys: registered after a code, and the way back in wherever a code would be. What may be is decided in
//! `domain::passkey`.

mod ceremony;
pub mod enter;
pub mod make;
pub mod remove;
pub mod trouble;
pub mod webauthn;
