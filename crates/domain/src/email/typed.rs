//! What people type or paste where an address is asked for: `Anna <anna@contoso.test>`, `mailto:` links, a full stop at the
//! end. Only for what a person gives; what somebody else vouches for is read as it stands.

use std::borrow::Cow;

use super::{EmailAddress, EmailError, is_invisible};

/// The longest text that is looked at, in bytes.
pub(super) const LONGEST: usize = 2048;

impl EmailAddress {
    /// Reads an address that a person typed or pasted.
    ///
    /// # Errors
    ///
    /// As [`EmailAddress::parse`], of what is left when everything around an address was taken off.
    pub fn parse_typed(text: &str) -> Result<Self, EmailError> {
        if text.len() > LONGEST {
            return Err(EmailError::TooLong);
        }
        // A word in the middle is no address with a space too many: it is told so.
        let text: String = text.trim().chars().filter(|c| !is_hidden(*c)).collect();
        let text = in_angle_brackets(&text);
        let text = without_mailto(text);
        let text = percent_decoded(text);
        let text = without_marks(&text);
        // Two addresses are that, and not one with a space in it.
        if text.matches('@').count() > 1 {
            return Err(EmailError::At);
        }
        Self::parse(text)
    }
}

/// Characters that are invisible and were not meant; white space is visible.
fn is_hidden(c: char) -> bool {
    is_invisible(c) && !c.is_whitespace() && !c.is_control()
}

/// `Name <address>`: what stands in the last pair of brackets, when that looks like an address.
fn in_angle_brackets(text: &str) -> &str {
    let inside = text
        .rsplit_once('<')
        .and_then(|(_, rest)| rest.split_once('>'))
        .filter(|(address, after)| address.contains('@') && !after.contains('@'));
    inside.map_or(text, |(address, _)| address.trim())
}

/// `mailto:address?subject=…` (RFC 6068).
fn without_mailto(text: &str) -> &str {
    match text.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("mailto:") => {
            let rest = &text[7..];
            rest.split_once('?').map_or(rest, |(address, _)| address)
        }
        _ => text,
    }
}

/// An address that was encoded once too often on its way here: `a%2Bb%40contoso.test`. Only where there is such a character
/// that stands for one of an address.
fn percent_decoded(text: &str) -> Cow<'_, str> {
    let upper = text.to_ascii_uppercase();
    if !(upper.contains("%40") || upper.contains("%2B")) {
        return Cow::Borrowed(text);
    }
    // A plus stands for itself here.
    let kept = text.replace('+', "%2B");
    match form_urlencoded::parse(format!("{kept}=").as_bytes()).next() {
        Some((name, _)) if !name.contains(['\u{fffd}', '=', '&']) => Cow::Owned(name.into_owned()),
        _ => Cow::Borrowed(text),
    }
}

/// Without the marks of a sentence, a list or a quotation around it.
fn without_marks(text: &str) -> &str {
    text.trim()
        .trim_start_matches(['<', '(', '[', '"', '\'', '„', '“', '”', '‘', '’', '«'])
        .trim_end_matches([
            '>', ')', ']', '"', '\'', '“', '”', '’', '»', '.', ',', ';', ':', '!', '?',
        ])
        .trim()
}
