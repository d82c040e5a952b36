//! The mail to a guest whom a rule will block or remove.

use chrono::{DateTime, Utc};
use domain::guest_rule::RuleCondition;
use web::texts::fill;

use super::{
    field::{FieldError, line},
    messages::{Content, House, contact},
    paragraphs::letter,
};

/// What it says. It holds no link.
#[derive(Clone, Copy, Debug)]
pub struct GuestNoticeMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// Why it will happen.
    pub when: RuleCondition,
    /// When.
    pub on: DateTime<Utc>,
}

impl GuestNoticeMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        let help = contact(self.house.help)?;
        let date = self.house.date(self.on);
        let values = [
            ("organisation", line("organisation", self.house.organisation)?),
            ("date", &date),
            ("help", help.unwrap_or_default()),
        ];
        let (lead, keep) = match self.when {
            RuleCondition::Inactive => (t.notice_inactive, t.notice_inactive_keep),
            RuleCondition::NeverRedeemed => (t.notice_never_redeemed, t.notice_never_redeemed_keep),
            RuleCondition::Unassigned => (t.notice_unassigned, t.notice_unassigned_keep),
            RuleCondition::SponsorGone => (t.notice_sponsor_gone, t.notice_sponsor_gone_keep),
        };
        let ask = help.is_some().then_some(t.notice_ask);
        let paragraphs: Vec<String> = [lead, keep]
            .into_iter()
            .chain(ask)
            .map(|text| fill(text, &values))
            .collect();
        letter(&self.house, &fill(t.notice_subject, &values), &paragraphs)
    }
}
