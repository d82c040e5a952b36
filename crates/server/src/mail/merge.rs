//! The mails to two guests who may be one person.

use chrono::{DateTime, Utc};
use domain::EmailAddress;
use web::texts::fill;

use super::{
    field::{FieldError, line},
    messages::{Content, House, contact},
    paragraphs::{LetterLink, letter, letter_with_link},
};

/// Whether they are. The link opens a page behind a sign-in, and does nothing by itself.
#[derive(Clone, Copy, Debug)]
pub struct MergeAskedMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// The address of the guest who stays.
    pub kept: &'a EmailAddress,
    /// The address of the other.
    pub other: &'a EmailAddress,
    /// Where it is answered.
    pub link: &'a str,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

impl MergeAskedMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        let date = self.house.date(self.expires_at);
        let values = [
            ("organisation", line("organisation", self.house.organisation)?),
            ("kept", self.kept.as_str()),
            ("other", self.other.as_str()),
            ("date", &date),
        ];
        let link = LetterLink {
            words: t.merge_open,
            url: self.link,
        };
        letter_with_link(
            &self.house,
            &fill(t.merge_subject, &values),
            &[t.merge_lead, t.merge_how, t.merge_then, t.merge_why].map(|text| fill(text, &values)),
            Some(link),
        )
    }
}

/// That they are one from now on.
#[derive(Clone, Copy, Debug)]
pub struct MergedMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// The address of the guest who stays.
    pub kept: &'a EmailAddress,
    /// The address of the other.
    pub other: &'a EmailAddress,
}

impl MergedMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        let help = contact(self.house.help)?;
        let values = [
            ("organisation", line("organisation", self.house.organisation)?),
            ("kept", self.kept.as_str()),
            ("other", self.other.as_str()),
            ("help", help.unwrap_or_default()),
        ];
        let ask = help.is_some().then_some(t.merged_ask);
        let says = [t.merged_lead, t.merged_apps].into_iter().chain(ask);
        let paragraphs: Vec<String> = says.map(|text| fill(text, &values)).collect();
        letter(&self.house, &fill(t.merged_subject, &values), &paragraphs)
    }
}
