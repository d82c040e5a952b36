//! The mails about a question for access: the question itself, to who is answerable, and the answer, to the guest.

use chrono::{DateTime, Utc};
use domain::EmailAddress;
use web::texts::fill;

use super::{
    field::{FieldError, line},
    messages::{Content, House, contact},
    paragraphs::{LetterLink, letter, letter_with_link},
};

/// The question. Its link opens a page and does nothing by itself.
#[derive(Clone, Copy, Debug)]
pub struct AccessRequestMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// Who asks.
    pub guest: &'a EmailAddress,
    /// For what.
    pub app: &'a str,
    /// Where it is answered.
    pub link: &'a str,
    /// Until when.
    pub expires_at: DateTime<Utc>,
}

impl AccessRequestMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        let date = self.house.date(self.expires_at);
        let values = [
            ("guest", self.guest.as_str()),
            ("app", line("app", self.app)?),
            ("organisation", line("organisation", self.house.organisation)?),
            ("host", line("host", self.house.host)?),
            ("date", &date),
        ];
        let link = LetterLink {
            words: t.access_request_open,
            url: self.link,
        };
        letter_with_link(
            &self.house,
            &fill(t.access_request_subject, &values),
            &[
                t.access_request_lead,
                t.access_request_host,
                t.access_request_why,
                t.access_request_until,
            ]
            .map(|text| fill(text, &values)),
            Some(link),
        )
    }
}

/// The answer.
#[derive(Clone, Copy, Debug)]
pub struct AccessAnswerMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// What they asked for.
    pub app: &'a str,
    /// Where it is, if they may and it has a front page.
    pub home: Option<&'a str>,
    /// Whether they may.
    pub is_approved: bool,
    /// Until when they may.
    pub until: Option<DateTime<Utc>>,
}

impl AccessAnswerMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        let until = self.until.map(|until| self.house.date(until));
        let help = contact(self.house.help)?;
        let values = [
            ("app", line("app", self.app)?),
            ("organisation", line("organisation", self.house.organisation)?),
            ("date", until.as_deref().unwrap_or_default()),
            ("help", help.unwrap_or_default()),
        ];
        let filled = |text: &&str| fill(text, &values);
        if !self.is_approved {
            let ask = help.is_some().then_some(t.access_refused_ask);
            let paragraphs: Vec<String> = [t.access_refused].iter().chain(&ask).map(filled).collect();
            return letter(&self.house, &fill(t.access_refused_subject, &values), &paragraphs);
        }
        let lasts = until.is_some().then_some(t.invitation_access);
        let paragraphs: Vec<String> = [t.access_approved].iter().chain(&lasts).map(filled).collect();
        let open = fill(t.access_approved_open, &values);
        let link = self.home.map(|url| LetterLink { words: &open, url });
        letter_with_link(
            &self.house,
            &fill(t.access_approved_subject, &values),
            &paragraphs,
            link,
        )
    }
}
