//! The mail with the link of the page on which somebody invites.

use web::texts::fill;

use super::{
    field::{FieldError, line},
    messages::{Content, House},
    paragraphs::{LetterLink, letter_with_link},
};

/// The link. It opens a page, and does nothing by itself.
#[derive(Clone, Copy, Debug)]
pub struct InviterMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// Where one invites.
    pub link: &'a str,
}

impl InviterMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = self.house.texts();
        let values = [
            ("organisation", line("organisation", self.house.organisation)?),
            ("host", line("host", self.house.host)?),
        ];
        let link = LetterLink {
            words: t.inviter_open,
            url: self.link,
        };
        letter_with_link(
            &self.house,
            &fill(t.inviter_subject, &values),
            &[t.inviter_lead, t.inviter_host, t.inviter_why, t.inviter_secret]
                .map(|text| fill(text, &values)),
            Some(link),
        )
    }
}
