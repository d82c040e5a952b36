//! The catalogue of everything a guest reads, in every language. A section is a struct of texts; a language is
//! a static of it: a missing message does not compile.
//!
//! Texts may hold placeholders, `{name}`; see [`fill`]. A test compares the placeholders of all languages.

pub mod alphabet;
pub mod common;
pub mod consent;
pub mod error;
pub mod federation;
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
pub mod signed_out;
pub mod test_sign_in;

use domain::{Language, passcode::Alphabet};

pub use markup::{Markup, Part, contact, duration, mark};

/// Declares a section: a struct of texts, each named after what it says, and the list of them for the tests.
macro_rules! section {
    ($(#[$doc:meta])* $name:ident { $($field:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[expect(missing_docs, reason = "the English text is the documentation")]
        pub struct $name { $(pub $field: &'static str,)* }

        impl $name {
            /// Every text, by name.
            pub fn entries(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($field), self.$field),)*]
            }
        }
    };
}
pub(crate) use section;

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

/// Puts values in the place of `{name}`, in one pass: what a value itself holds stays as it is. The values are not
/// escaped: templates do that.
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let value = after.split_once('}').and_then(|(name, tail)| {
            let (_, value) = values.iter().find(|(known, _)| *known == name)?;
            Some((value, tail))
        });
        if let Some((value, tail)) = value {
            filled.push_str(value);
            rest = tail;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled + rest
}

#[cfg(test)]
mod catalogue;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filling() {
        assert_eq!(
            fill("{a} and {b} and {a}", &[("a", "1"), ("b", "2")]),
            "1 and 2 and 1"
        );
        assert_eq!(fill("{a} {b} {c", &[("a", "{b}"), ("b", "2")]), "{b} 2 {c");
    }
}
