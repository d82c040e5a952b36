//! What the three HTTP crates share: paths, pages, cookies, layers, texts. Knows HTTP, and nothing of OAuth.

// So that templates can name `web::…` wherever they are compiled.
extern crate self as web;

pub mod client_ip;
pub mod cookies;
pub mod csrf;
mod current_sign_in;
mod error_kind;
pub mod failure;
pub mod language;
pub mod layers;
pub mod page;
pub mod routes;
pub mod static_files;
pub mod texts;

pub use client_ip::ClientIp;
pub use cookies::Cookies;
pub use current_sign_in::CurrentSignIn;
pub use error_kind::ErrorKind;
pub use failure::Failure;
pub use page::{AppLink, ErrorPage, Frame, Page, see_other};
