//! The catalogue of everything a guest reads, in every language. A section is a struct of texts; a language is
//! a static of it: a missing message does not compile.
//!
//! Texts may hold placeholders, `{name}`; see [`fill`]. A test compares the placeholders of all languages.

pub mod alphabet;
pub mod common;
pub mod consent;
pub mod error;
pub mod federation;
mod fill;
pub mod go_on;
pub mod home;
pub mod identify;
pub mod invitation;
pub mod mail;
mod markup;
pub mod passcode;
pub mod passkey;
pub mod personal;
pub mod refused;
mod section;
pub mod signed_out;
pub mod test_sign_in;

use domain::{Language, passcode::Alphabet};

pub use fill::fill;
pub use markup::{Markup, Part, contact, duration, mark};

/// All texts of one language, by page.
#[derive(Debug)]
pub struct Texts {
    /// Every page.
    pub common: common::CommonTexts,
    /// G1, G2-send.
    pub identify: identify::IdentifyTexts,
    /// G2, G2e.
    pub passcode: passcode::PasscodeTexts,
    /// The same page, of codes of digits.
    pub digits: alphabet::AlphabetTexts,
    /// The same page, of codes of letters.
    pub letters: alphabet::AlphabetTexts,
    /// The way to the guest's own organisation and back.
    pub federation: federation::FederationTexts,
    /// Personal accounts, and the choice between several ways in.
    pub personal: personal::PersonalTexts,
    /// A round trip that is tried out.
    pub test_sign_in: test_sign_in::TestTexts,
    /// Passkeys.
    pub passkey: passkey::PasskeyTexts,
    /// G3.
    pub consent: consent::ConsentTexts,
    /// G4.
    pub go_on: go_on::GoOnTexts,
    /// The bare host name.
    pub home: home::HomeTexts,
    /// G5.
    pub refused: refused::RefusedTexts,
    /// G7.
    pub signed_out: signed_out::SignedOutTexts,
    /// G8, G9.
    pub error: error::ErrorTexts,
    /// The page behind an invitation's link.
    pub invitation: invitation::InvitationTexts,
    /// Mails.
    pub mail: mail::MailTexts,
}

impl Texts {
    /// Those of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::De => &DE,
        }
    }

    /// The words of the code page for codes of an alphabet.
    pub fn of_alphabet(&self, alphabet: Alphabet) -> &alphabet::AlphabetTexts {
        match alphabet {
            Alphabet::Digits => &self.digits,
            Alphabet::Letters => &self.letters,
        }
    }
}

static EN: Texts = Texts {
    common: common::EN,
    identify: identify::EN,
    passcode: passcode::EN,
    digits: alphabet::EN_DIGITS,
    letters: alphabet::EN_LETTERS,
    federation: federation::EN,
    personal: personal::EN,
    test_sign_in: test_sign_in::EN,
    passkey: passkey::EN,
    consent: consent::EN,
    go_on: go_on::EN,
    home: home::EN,
    refused: refused::EN,
    signed_out: signed_out::EN,
    error: error::EN,
    invitation: invitation::EN,
    mail: mail::EN,
};
static DE: Texts = Texts {
    common: common::DE,
    identify: identify::DE,
    passcode: passcode::DE,
    digits: alphabet::DE_DIGITS,
    letters: alphabet::DE_LETTERS,
    federation: federation::DE,
    personal: personal::DE,
    test_sign_in: test_sign_in::DE,
    passkey: passkey::DE,
    consent: consent::DE,
    go_on: go_on::DE,
    home: home::DE,
    refused: refused::DE,
    signed_out: signed_out::DE,
    error: error::DE,
    invitation: invitation::DE,
    mail: mail::DE,
};

#[cfg(test)]
mod catalogue;
