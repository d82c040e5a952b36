//! The mails about an access request: the question itself, to who is answerable, and the answer, to the guest.

use chrono::{DateTime, Utc};
use domain::EmailAddress;
use web::texts::fill;

use super::{
    field::{FieldError, line},
    messages::{Content, House, contact},
    paragraphs::{LetterLink, letter_with_link},
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
    /// Whether it is asked if access goes on.
    pub renews: bool,
    /// Whether the guest has proven who they are.
    pub proven: bool,
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
            &fill(
                if self.renews {
                    t.renewal_subject
                } else {
                    t.access_request_subject
                },
                &values,
            ),
            &if self.renews {
                [
                    t.renewal_lead,
                    t.access_request_host,
                    t.renewal_why,
                    t.renewal_until,
                ]
            } else {
                [
                    if self.proven {
                        t.access_request_lead
                    } else {
                        t.access_request_lead_unproven
                    },
                    t.access_request_host,
                    t.access_request_why,
                    t.access_request_until,
                ]
            }
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
    /// What was answered.
    pub told: AccessTold,
}

/// What a guest is told of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccessTold {
    /// They may, until then; `None` is «until someone ends it».
    Approved(Option<DateTime<Utc>>),
    /// They may not.
    Refused,
    /// Their access goes on, until then.
    Renewed(Option<DateTime<Utc>>),
    /// Their access ends then.
    NotRenewed(DateTime<Utc>),
    /// Their access has ended.
    Ended,
}

impl AccessAnswerMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        let (subject, lead, until) = match self.told {
            AccessTold::Approved(until) => (t.access_approved_subject, t.access_approved, until),
            AccessTold::Refused => (t.access_refused_subject, t.access_refused, None),
            AccessTold::Renewed(until) => (t.renewed_subject, t.renewed, until),
            AccessTold::NotRenewed(ends) => (t.not_renewed_subject, t.not_renewed, Some(ends)),
            AccessTold::Ended => (t.access_ended_subject, t.access_ended, None),
        };
        let is_good = matches!(self.told, AccessTold::Approved(_) | AccessTold::Renewed(_));
        let date = until.map(|until| self.house.date(until));
        let help = contact(self.house.help)?;
        let values = [
            ("app", line("app", self.app)?),
            ("organisation", line("organisation", self.house.organisation)?),
            ("date", date.as_deref().unwrap_or_default()),
            ("help", help.unwrap_or_default()),
        ];
        let lasts = (is_good && until.is_some()).then_some(t.invitation_access);
        let ask = (!is_good && help.is_some()).then_some(t.access_refused_ask);
        let paragraphs: Vec<String> = [Some(lead), lasts, ask]
            .into_iter()
            .flatten()
            .map(|text| fill(text, &values))
            .collect();
        let open = fill(t.access_approved_open, &values);
        let link = self.home.filter(|_| is_good);
        let link = link.map(|url| LetterLink { words: &open, url });
        letter_with_link(&self.house, &fill(subject, &values), &paragraphs, link)
    }
}
