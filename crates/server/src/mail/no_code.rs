//! The mail to a guest who asked for a sign-in code and cannot get one: the way they sign in is off. The page says nothing of
//! it, so the mailbox must (a guest would wait for a mail that is not sent).

use domain::EmailAddress;
use method_resolution::NoCode;
use web::texts::fill;

use super::{
    field::{FieldError, line},
    messages::{Content, House, contact},
    paragraphs::letter,
};

/// What it says. It holds no link and no code.
#[derive(Clone, Copy, Debug)]
pub struct NoCodeMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// What they wanted to open.
    pub app: &'a str,
    /// The address that was typed.
    pub address: &'a EmailAddress,
    /// What ties it to their page.
    pub reference: &'a str,
    /// Why there is no code.
    pub why: NoCode,
}

impl NoCodeMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = &web::texts::Texts::of(self.house.language).mail;
        let organisation = line("organisation", self.house.organisation)?;
        let help = contact(self.house.help)?;
        let values = [
            ("organisation", organisation),
            ("app", line("app", self.app)?),
            ("address", self.address.as_str()),
            ("reference", self.reference),
            ("help", help.unwrap_or_default()),
        ];
        let why = match self.why {
            NoCode::DomainRefused => t.no_code_refused,
            NoCode::MethodOff => t.no_code_off,
        };
        let ask = if help.is_some() {
            t.no_code_ask
        } else {
            t.no_code_ask_nobody
        };
        letter(
            &self.house,
            &fill(t.no_code_subject, &values),
            &[t.no_code_lead, why, ask].map(|text| fill(text, &values)),
        )
    }
}
