//! Email addresses: parsed once, strictly, and compared by a key.

use std::{borrow::Cow, fmt};

use unicode_normalization::UnicodeNormalization;
use unicode_security::{MixedScript as _, RestrictionLevel, RestrictionLevelDetection as _};

/// An address that passed every rule of [`EmailAddress::parse`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress {
    /// Local part as given, `@`, domain as lower-case A-labels.
    text: String,
    at: usize,
}

/// What is wrong with an address. The texts are for logs and for the command line; pages have their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// RFC 5321 §4.5.3.1.3.
    #[error("is longer than 254 characters")]
    TooLong,
    /// No `@`, or several.
    #[error("needs exactly one @, as in anna@contoso.example")]
    At,
    /// Spaces, control characters, or invisible characters.
    #[error("contains a space or a character that cannot be seen")]
    Invisible,
    /// Quotes, comments, non-ASCII letters and so on before the `@`.
    #[error("has a part before the @ that is not letters, digits, dots and !#$%&'*+-/=?^_`{{|}}~")]
    LocalPart,
    /// RFC 5321 §4.5.3.1.1.
    #[error("has more than 64 characters before the @")]
    LongLocalPart,
    /// A dot at the wrong place (RFC 5321 §4.1.2).
    #[error("has a dot before the @ at the beginning, at the end, or after another dot")]
    Dots,
    /// A domain that cannot exist.
    #[error("has a part behind the @ that is not a domain name, such as contoso.example")]
    Domain,
    /// A label that mixes alphabets to look like another (UTS 39).
    #[error("has a domain that mixes alphabets, which is how look-alike addresses are made")]
    MixedScript,
}

impl EmailAddress {
    /// Reads an address: NFKC first, then exactly one `@`, an ASCII dot-atom before it (RFC 5321 §4.1.2; no
    /// quotes, comments, routes or encoded words), a domain of at least two labels behind it (UTS 46
    /// non-transitional, written as A-labels). The local part keeps its case for delivery; comparison ignores it.
    pub fn parse(input: &str) -> Result<Self, EmailError> {
        Self::read(input, canonical_domain)
    }

    /// Reads an address as it was stored. Look-alikes are judged where an address comes in: a rule that grew stricter must
    /// not make a row unreadable.
    pub fn stored(text: &str) -> Result<Self, EmailError> {
        Self::read(text, ascii_domain)
    }

    fn read(input: &str, domain_of: fn(&str) -> Result<String, EmailError>) -> Result<Self, EmailError> {
        let trimmed = input.trim_matches(|c: char| c.is_whitespace());
        if trimmed.is_empty() {
            return Err(EmailError::Empty);
        }
        if trimmed.len() > 1024 {
            return Err(EmailError::TooLong);
        }
        // NFKC changes no ASCII.
        let text: Cow<'_, str> = if trimmed.is_ascii() {
            Cow::Borrowed(trimmed)
        } else {
            Cow::Owned(trimmed.nfkc().collect())
        };
        if text.chars().any(is_invisible) || trimmed.chars().any(is_invisible) {
            return Err(EmailError::Invisible);
        }
        let (local, domain) = text.split_once('@').ok_or(EmailError::At)?;
        if domain.contains('@') {
            return Err(EmailError::At);
        }
        check_local_part(local)?;
        let domain = domain_of(domain)?;
        let text = format!("{local}@{domain}");
        if text.len() > 254 {
            return Err(EmailError::TooLong);
        }
        if !email_address::EmailAddress::is_valid(&text) {
            return Err(EmailError::LocalPart);
        }
        Ok(Self {
            at: local.len(),
            text,
        })
    }

    /// Reads an address that somebody else vouches for. It counts as it was signed: unlike one that a person typed, it
    /// may have no white space around it, and its local part must need no change.
    pub fn parse_asserted(text: &str) -> Result<Self, EmailError> {
        let address = Self::parse(text)?;
        if text.trim().len() != text.len() {
            return Err(EmailError::Invisible);
        }
        match text.split_once('@') {
            Some((local, _)) if local == address.local_part() => Ok(address),
            _ => Err(EmailError::LocalPart),
        }
    }

    /// The address as mail is sent to it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What stands before the `@`, as given.
    pub fn local_part(&self) -> &str {
        &self.text[..self.at]
    }

    /// The domain, lower-case A-labels.
    pub fn domain(&self) -> &str {
        &self.text[self.at + 1..]
    }

    /// The domain as people read it: U-labels.
    pub fn display_domain(&self) -> String {
        idna::domain_to_unicode(self.domain()).0
    }

    /// The key that identifies the mailbox in the directory: lower case, dots and `+tags` kept.
    pub fn key(&self) -> String {
        self.text.to_ascii_lowercase()
    }

    /// Whether a text that somebody wrote, such as a sponsor, names this mailbox.
    pub fn is_named_by(&self, text: &str) -> bool {
        Self::parse(text).is_ok_and(|named| named.key() == self.key())
    }

    /// Whether a text that somebody wrote, such as a sponsor, is the address of the same person: a `+tag` makes no other person. Nobody
    /// answers for themselves.
    pub fn is_same_person(&self, text: &str) -> bool {
        Self::parse(text).is_ok_and(|named| named.counting_key() == self.counting_key())
    }

    /// The key that limits count under: as [`Self::key`], the `+tag` removed, so that tags open no new counters.
    pub fn counting_key(&self) -> String {
        let local = self.local_part();
        let bare = local
            .split('+')
            .next()
            .filter(|bare| !bare.is_empty())
            .unwrap_or(local);
        format!("{}@{}", bare.to_ascii_lowercase(), self.domain())
    }

    /// The address where somebody might look over a shoulder: `a•••@c•••.example`.
    pub fn masked(&self) -> String {
        let domain = self.display_domain();
        let (name, rest) = domain.split_once('.').unwrap_or((&domain, ""));
        let first = |text: &str| {
            text.chars()
                .next()
                .map_or(Cow::Borrowed(""), |c| Cow::Owned(c.to_string()))
        };
        format!("{}•••@{}•••.{rest}", first(self.local_part()), first(name))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "…@{}", self.domain())
    }
}

/// A domain in the form that addresses are compared by: lower-case A-labels.
pub fn canonical_domain(domain: &str) -> Result<String, EmailError> {
    // The other full stops of UTS 46, before labels are looked at one by one.
    let domain = &domain.replace(['\u{3002}', '\u{ff0e}', '\u{ff61}'], ".");
    if mixes_scripts(domain) {
        return Err(EmailError::MixedScript);
    }
    let ascii = ascii_domain(domain)?;
    // Browsers send A-labels, whatever was typed: they are judged as what they show.
    if mixes_scripts(&idna::domain_to_unicode(&ascii).0) {
        return Err(EmailError::MixedScript);
    }
    Ok(ascii)
}

/// The same, whatever it looks like.
fn ascii_domain(domain: &str) -> Result<String, EmailError> {
    let ascii = idna::domain_to_ascii_strict(domain).map_err(|_| EmailError::Domain)?;
    let labels: Vec<&str> = ascii.split('.').collect();
    let last_is_a_name = labels
        .last()
        .is_some_and(|last| last.bytes().any(|b| b.is_ascii_alphabetic()));
    if labels.len() < 2 || labels.iter().any(|label| label.is_empty()) || !last_is_a_name {
        return Err(EmailError::Domain);
    }
    Ok(ascii)
}

/// Whether a label is of several alphabets, which is how look-alikes are made (UTS 39 §5.1). Latin letters beside Japanese, Chinese
/// or Korean ones are usual, and look like nothing else (§5.2, highly restrictive).
fn mixes_scripts(domain: &str) -> bool {
    domain
        .split('.')
        .filter(|label| !label.is_ascii() && !label.is_single_script())
        .any(|label| !label.check_restriction_level(RestrictionLevel::HighlyRestrictive))
}

/// An address as people read it: where its domain is written in another script, that, with the A-label beside it, by which
/// others know it.
pub fn shown(address: &str) -> Cow<'_, str> {
    let Some((local, domain)) = address
        .rsplit_once('@')
        .filter(|(_, domain)| domain.contains("xn--"))
    else {
        return Cow::Borrowed(address);
    };
    let (unicode, read) = idna::domain_to_unicode(domain);
    if read.is_err() || unicode == domain {
        return Cow::Borrowed(address);
    }
    Cow::Owned(format!("{local}@{unicode} ({domain})"))
}

fn check_local_part(local: &str) -> Result<(), EmailError> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b".!#$%&'*+-/=?^_`{|}~".contains(&b);
    // RFC 2047 encoded words pass as atoms and are decoded by some mail software on the way.
    let encoded_word = local.contains("=?") || local.contains("?=");
    if local.is_empty() || !local.bytes().all(plain) || encoded_word {
        return Err(EmailError::LocalPart);
    }
    if local.len() > 64 {
        return Err(EmailError::LongLocalPart);
    }
    if local.split('.').any(str::is_empty) {
        return Err(EmailError::Dots);
    }
    Ok(())
}

fn is_invisible(c: char) -> bool {
    c.is_control()
        || c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

mod look_alike;
mod typed;

#[cfg(test)]
mod tests;
