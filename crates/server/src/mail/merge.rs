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

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct MergeMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// The address of the guest who stays.
    pub kept: &'a EmailAddress,
    /// The address of the other.
    pub other: &'a EmailAddress,
}

impl MergeMail<'_> {
    /// That they are one from now on.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn merged(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        self.says(t.merged_subject, [t.merged_lead, t.merged_apps], t.merged_ask)
    }

    /// That they are two again.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn undone(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        self.says(
            t.unmerged_subject,
            [t.unmerged_lead, t.unmerged_apps],
            t.unmerged_ask,
        )
    }

    /// `ask` only where somebody can be asked.
    fn says(&self, subject: &str, says: [&'static str; 2], ask: &'static str) -> Result<Content, FieldError> {
        let help = contact(self.house.help)?;
        let values = [
            ("organisation", line("organisation", self.house.organisation)?),
            ("kept", self.kept.as_str()),
            ("other", self.other.as_str()),
            ("help", help.unwrap_or_default()),
        ];
        let says = says.into_iter().chain(help.is_some().then_some(ask));
        let paragraphs: Vec<String> = says.map(|text| fill(text, &values)).collect();
        letter(&self.house, &fill(subject, &values), &paragraphs)
    }
}
