//! The letter to a guest who asked for a sign-in code and cannot get one: the way they sign in is off. The page says nothing of
//! it, so the mailbox must (a guest would wait for a mail that nobody sends).

use askama::Template;
use domain::EmailAddress;
use method_resolution::NoCode;
use web::texts::{Language, fill};

use super::{
    field::{FieldError, line},
    messages::{Content, House, contact, content},
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

#[derive(Template)]
#[template(path = "mail/no_code.txt")]
struct Text<'a> {
    m: &'a Parts<'a>,
}

#[derive(Template)]
#[template(path = "mail/no_code.html")]
struct Html<'a> {
    m: &'a Parts<'a>,
}

struct Parts<'a> {
    language: Language,
    organisation: &'a str,
    subject: String,
    lead: String,
    why: String,
    ask: String,
}

impl NoCodeMail<'_> {
    /// What it says.
    ///
    /// # Errors
    ///
    /// A name that fits in no mail.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = &self.house.language.texts().mail;
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
        let parts = Parts {
            language: self.house.language,
            organisation: self.house.organisation,
            subject: fill(t.no_code_subject, &values),
            lead: fill(t.no_code_lead, &values),
            why: fill(why, &values),
            ask: fill(ask, &values),
        };
        content(
            self.house.language,
            parts.subject.clone(),
            &Text { m: &parts },
            &Html { m: &parts },
        )
    }
}
