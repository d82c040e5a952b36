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

use domain::passcode::Alphabet;
use http::{HeaderMap, header, request::Parts};

use crate::cookies;

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

/// The languages we speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// German.
    De,
}

impl Language {
    /// All of them, in the order of the footer.
    pub const ALL: [Self; 2] = [Self::En, Self::De];

    /// The BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::En => "English",
            Self::De => "Deutsch",
        }
    }

    /// `ltr` or `rtl`: the direction it is written in.
    pub fn direction(self) -> &'static str {
        "ltr"
    }

    /// Its texts.
    pub fn texts(self) -> &'static Texts {
        match self {
            Self::En => &EN,
            Self::De => &DE,
        }
    }

    /// The language of a tag: the primary subtag decides, so `de-AT` is German.
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The first language of a list of tags, best first, that we speak.
    pub fn first_of<'a>(tags: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        tags.into_iter().find_map(Self::of_tag)
    }

    /// The language to answer a request in: what the visitor chose (`?ui_locales=`, then the cookie), what the
    /// app asked for, what the browser prefers, the default.
    pub fn of_request(parts: &Parts, asked_by_app: &[String], default: Self) -> Self {
        Self::negotiate(parts.uri.query(), &parts.headers, asked_by_app, default)
    }

    /// See [`Self::of_request`].
    pub fn negotiate(
        query: Option<&str>,
        headers: &HeaderMap,
        asked_by_app: &[String],
        default: Self,
    ) -> Self {
        Self::chosen(query)
            .or_else(|| cookies::language(headers).and_then(Self::of_tag))
            .or_else(|| Self::first_of(asked_by_app.iter().map(String::as_str)))
            .or_else(|| Self::accepted(headers))
            .unwrap_or(default)
    }

    /// What a `?ui_locales=` of one of our own pages chose.
    pub(crate) fn chosen(query: Option<&str>) -> Option<Self> {
        form_urlencoded::parse(query?.as_bytes())
            .find(|(name, _)| name == "ui_locales")
            .and_then(|(_, value)| Self::first_of(value.split(' ')))
    }

    /// `Accept-Language` (RFC 9110 §12.5.4).
    fn accepted(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
        let mut ranges: Vec<(f32, &str)> = value
            .split(',')
            .take(32)
            .map(|range| {
                let (tag, q) = range.split_once(";q=").unwrap_or((range, "1"));
                (q.trim().parse().unwrap_or(0.0), tag.trim())
            })
            .filter(|(q, _)| *q > 0.0)
            .collect();
        ranges.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        Self::first_of(ranges.into_iter().map(|(_, tag)| tag))
    }
}

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
    fn who_decides_the_language() {
        let negotiate = |query: Option<&str>, cookie: Option<&str>, app: &[&str], accept: Option<&str>| {
            let mut headers = HeaderMap::new();
            if let Some(cookie) = cookie {
                headers.insert(header::COOKIE, cookie.parse().unwrap());
            }
            if let Some(accept) = accept {
                headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
            }
            let app: Vec<String> = app.iter().map(ToString::to_string).collect();
            Language::negotiate(query, &headers, &app, Language::En).tag()
        };
        assert_eq!(negotiate(None, None, &[], None), "en");
        assert_eq!(
            negotiate(None, None, &[], Some("fr, de-AT;q=0.9, en;q=0.8")),
            "de"
        );
        assert_eq!(negotiate(None, None, &[], Some("en;q=0.1, de;q=0")), "en");
        assert_eq!(negotiate(None, None, &["se", "de"], Some("en")), "de");
        assert_eq!(
            negotiate(None, Some("vestibule-language=en"), &["de"], Some("de")),
            "en"
        );
        assert_eq!(
            negotiate(Some("ui_locales=de"), Some("vestibule-language=en"), &[], None),
            "de"
        );
        assert_eq!(negotiate(Some("ui_locales=xx"), None, &[], None), "en");
    }

    #[test]
    fn filling() {
        assert_eq!(
            fill("{a} and {b} and {a}", &[("a", "1"), ("b", "2")]),
            "1 and 2 and 1"
        );
        assert_eq!(fill("{a} {b} {c", &[("a", "{b}"), ("b", "2")]), "{b} 2 {c");
    }
}
