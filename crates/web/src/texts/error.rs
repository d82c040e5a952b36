//! G8 and G9: what happened, and what the visitor can do.

use crate::error_kind::ErrorKind;

/// The texts of error pages.
#[derive(Debug)]
#[expect(
    missing_docs,
    reason = "each field is the heading or the advice of the kind it is named after"
)]
pub struct ErrorTexts {
    pub reference: &'static str,
    pub back_to_app: &'static str,
    pub unknown_app: (&'static str, &'static str),
    pub bad_redirect_uri: (&'static str, &'static str),
    pub bad_request: (&'static str, &'static str),
    pub start_again: (&'static str, &'static str),
    pub forged: (&'static str, &'static str),
    pub not_found: (&'static str, &'static str),
    pub method_not_allowed: (&'static str, &'static str),
    pub too_many: (&'static str, &'static str),
    pub too_large: (&'static str, &'static str),
    pub wrong_host: (&'static str, &'static str),
    pub internal: (&'static str, &'static str),
    pub unavailable: (&'static str, &'static str),
}

impl ErrorTexts {
    /// Heading and advice of one kind.
    pub fn of(&self, kind: ErrorKind) -> (&'static str, &'static str) {
        match kind {
            ErrorKind::UnknownApp => self.unknown_app,
            ErrorKind::BadRedirectUri => self.bad_redirect_uri,
            ErrorKind::BadRequest => self.bad_request,
            ErrorKind::StartAgain => self.start_again,
            ErrorKind::Forged => self.forged,
            ErrorKind::NotFound => self.not_found,
            ErrorKind::MethodNotAllowed => self.method_not_allowed,
            ErrorKind::TooMany => self.too_many,
            ErrorKind::TooLarge => self.too_large,
            ErrorKind::WrongHost => self.wrong_host,
            ErrorKind::Internal => self.internal,
            ErrorKind::Unavailable => self.unavailable,
        }
    }
}

#[cfg(test)]
impl ErrorTexts {
    /// Every text with its name, for the tests that compare languages.
    pub(crate) fn entries(&self) -> Vec<(&'static str, &'static str)> {
        let mut entries = vec![("reference", self.reference), ("back_to_app", self.back_to_app)];
        for kind in ErrorKind::ALL {
            let (heading, advice) = self.of(kind);
            entries.extend([("heading", heading), ("advice", advice)]);
        }
        entries
    }
}
