//! The catalogue of everything a guest reads, in every language. A section is a struct of texts; a language is a file with all
//! sections (`en.rs`, and its mails in `en/mail.rs`): a missing message does not compile.
//!
//! Texts may hold placeholders, `{name}`; see [`fill`]. A test compares the placeholders of all languages.

pub mod access_request;
pub mod alphabet;
mod catalogue;
pub mod common;
pub mod consent;
mod de;
mod en;
pub mod error;
pub mod federation;
mod fill;
pub mod go_on;
pub mod home;
pub mod identify;
pub mod invitation;
pub mod inviter;
pub mod mail;
mod markup;
pub mod merge;
pub mod my_access;
pub mod passcode;
pub mod passkey;
pub mod personal;
pub mod refused;
mod section;
pub mod signed_out;
pub mod test_sign_in;

use domain::{Language, app::App};
use sign_in::Issuer;
use url::Url;

use crate::routes;

pub use catalogue::Texts;
pub use fill::fill;
pub use markup::{Markup, Part, contact, duration, mark};

impl Texts {
    /// Those of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &en::TEXTS,
            Language::De => &de::TEXTS,
        }
    }
}

/// My access as pages and mails of a language call it, with its address; any other app as it is.
pub fn named(app: App, issuer: &Issuer, language: Language) -> App {
    if !app.is_my_access() {
        return app;
    }
    App {
        name: Texts::of(language).my_access.title.to_owned(),
        home: Url::parse(&issuer.at(routes::MY_ACCESS)).ok(),
        ..app
    }
}

#[cfg(test)]
mod tests;
