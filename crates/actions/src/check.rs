//! Checks that several actions make on what an operator writes.

use domain::EmailAddress;

use super::{ActionError, Fault};

/// Why a domain's people are not let in.
pub(super) const DOMAIN_REFUSED: &str =
    "nobody from this domain may come in (resolution.refused_domains, resolution.allowed_domains)";

/// Why an operator does something, for the audit log.
pub(super) fn reason(said: Option<&str>) -> Result<Option<String>, ActionError> {
    let mut faults = Faults::default();
    let reason = faults.maybe_line("reason", said, 200);
    faults.finish()?;
    Ok(reason)
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault.
    pub(super) fn add(&mut self, field: &'static str, message: impl Into<String>) {
        self.0.push(Fault {
            field,
            message: message.into(),
        });
    }

    /// `value`, or a fault.
    pub(super) fn or<T, E: ToString>(&mut self, field: &'static str, value: Result<T, E>) -> Option<T> {
        value.map_err(|error| self.add(field, error.to_string())).ok()
    }

    /// One line of text that a mail or a page will show: not empty, not longer than `max` characters, nothing
    /// that cannot be seen.
    pub(super) fn line(&mut self, field: &'static str, text: &str, max: usize) -> String {
        let text = text.trim();
        if text.is_empty() {
            self.add(field, "is empty");
        }
        self.checked(field, text, max, char::is_control)
    }

    /// A name that needs no quoting anywhere.
    pub(super) fn short_name(&mut self, field: &'static str, name: &str, example: &str) {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.".contains(c);
        if !(1..=64).contains(&name.len()) || !name.chars().all(plain) || name.starts_with(['-', '_', '.']) {
            let must = "must be 1 to 64 lower-case letters, digits, dots, dashes and underscores, as in";
            self.add(field, format!("{must} {example}"));
        }
    }

    /// An optional line; an empty one counts as none.
    pub(super) fn maybe_line(
        &mut self,
        field: &'static str,
        text: Option<&str>,
        max: usize,
    ) -> Option<String> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        Some(self.line(field, text, max))
    }

    /// An optional text of several lines.
    pub(super) fn maybe_text(
        &mut self,
        field: &'static str,
        text: Option<&str>,
        max: usize,
    ) -> Option<String> {
        let text = text?.replace("\r\n", "\n");
        let text = text.trim();
        if text.is_empty() {
            return None;
        }
        Some(self.checked(field, text, max, |c| c.is_control() && c != '\n'))
    }

    /// An optional address.
    pub(super) fn maybe_email(&mut self, field: &'static str, text: Option<&str>) -> Option<EmailAddress> {
        let text = text.map(str::trim).filter(|text| !text.is_empty())?;
        self.or(field, EmailAddress::parse(text))
    }

    /// An optional sponsor: an address, as mail is sent to it, or the name of somebody who is asked nothing.
    pub(super) fn maybe_sponsor(&mut self, text: Option<&str>) -> Option<String> {
        let line = self.maybe_line("sponsor", text, 200)?;
        if !line.contains('@') {
            return Some(line);
        }
        let address = self.or("sponsor", EmailAddress::parse(&line))?;
        Some(address.as_str().to_owned())
    }

    fn checked(
        &mut self,
        field: &'static str,
        text: &str,
        max: usize,
        is_control: impl Fn(char) -> bool,
    ) -> String {
        let length = text.chars().count();
        if length > max {
            self.add(
                field,
                format!("is {length} characters long; at most {max} are allowed"),
            );
        }
        // U+2028 and U+2029 end lines in some mail software; the others turn text around (CVE-2021-42574).
        let hidden = |c: char| matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}');
        if text.chars().any(|c| is_control(c) || hidden(c)) {
            self.add(field, "contains a control character");
        }
        text.to_owned()
    }

    /// Ends the checks.
    pub(super) fn finish(self) -> Result<(), ActionError> {
        self.finish_with(Some(()))
    }

    /// Ends the checks with what they found; a fault was noted where it is missing.
    pub(super) fn finish_with<T>(self, found: Option<T>) -> Result<T, ActionError> {
        match found {
            Some(found) if self.0.is_empty() => Ok(found),
            _ => Err(ActionError::Invalid(self.0)),
        }
    }
}

/// A BCP 47 tag, by its shape (RFC 5646 §2.1).
pub(super) fn is_language_tag(tag: &str) -> bool {
    let mut subtags = tag.split('-');
    let primary = subtags.next().unwrap_or_default();
    // ISO 639 has two letters or three; «german» would quietly mean English.
    (2..=3).contains(&primary.len())
        && primary.bytes().all(|b| b.is_ascii_alphabetic())
        && subtags
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()))
}
