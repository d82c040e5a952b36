//! What mails say. Each mail is a struct of plain values; its two templates show the same sentences.

use askama::Template;
use chrono::{DateTime, Datelike, TimeDelta, Utc};
use domain::{EmailAddress, Language, passcode::Passcode};
use sign_in::Help;
use web::texts::{fill, mail::MailTexts};

use super::field::{FieldError, line};

/// What a mail says, before it has headers.
pub struct Content {
    /// The language's BCP 47 tag.
    pub language: &'static str,
    /// The subject.
    pub subject: String,
    /// The body as plain text.
    pub text: String,
    /// The body as HTML.
    pub html: String,
}

/// Who writes, and in which language.
#[derive(Clone, Copy, Debug)]
pub struct House<'a> {
    /// The language.
    pub language: Language,
    /// The organisation: `Acme`.
    pub organisation: &'a str,
    /// Where guests find help.
    pub help: &'a Help,
    /// The host of the issuer: the only place where a code is typed.
    pub host: &'a str,
}

impl House<'_> {
    pub(super) fn texts(&self) -> &'static MailTexts {
        &web::texts::Texts::of(self.language).mail
    }

    pub(super) fn date(&self, at: DateTime<Utc>) -> String {
        let t = self.texts();
        let (day, year) = (at.day().to_string(), at.year().to_string());
        fill(
            t.date,
            &[
                ("day", &day),
                ("month", t.months[at.month0() as usize % 12]),
                ("year", &year),
            ],
        )
    }
}

/// The mail that carries a sign-in code. It holds no link: nothing in it can be opened by a scanner, and guests
/// do not learn to click on such mails (`docs/decisions/no-links.md`).
#[derive(Clone, Copy, Debug)]
pub struct CodeMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// The app's name.
    pub app: &'a str,
    /// The address that was typed.
    pub address: &'a EmailAddress,
    /// The code.
    pub code: &'a Passcode,
    /// The four letters on the page.
    pub reference: &'a str,
    /// How long it lives. The mail names no time of day: the reader's time zone is unknown.
    pub lifetime: TimeDelta,
    /// Which mail of this sign-in it is, from 1: no two have the same subject, so that no mail program folds them together.
    pub number: u32,
    /// Whether the code stands in the subject, the preview and the first line; otherwise it comes last.
    pub code_first: bool,
}

#[derive(Template)]
#[template(path = "mail/passcode.txt")]
struct CodeText<'a> {
    m: &'a CodeParts<'a>,
}

#[derive(Template)]
#[template(path = "mail/passcode.html")]
struct CodeHtml<'a> {
    m: &'a CodeParts<'a>,
}

struct CodeParts<'a> {
    language: Language,
    organisation: &'a str,
    subject: String,
    code: &'a str,
    code_first: bool,
    preheader: String,
    lead: String,
    enter: String,
    reference: String,
    why: String,
    never: String,
    suspicious: Option<String>,
    host: &'a str,
}

impl CodeMail<'_> {
    /// What it says.
    pub fn content(&self) -> Result<Content, FieldError> {
        let House {
            language,
            organisation,
            help,
            host,
        } = self.house;
        let t = self.house.texts();
        let minutes = self.lifetime.num_minutes();
        let lifetime = match minutes {
            1 => t.minute.to_owned(),
            _ => fill(t.minutes, &[("minutes", &minutes.to_string())]),
        };
        let mark = match self.number {
            1 => self.reference.to_owned(),
            number => format!("{}-{number}", self.reference),
        };
        let values = [
            ("code", self.code.expose()),
            ("organisation", line("organisation", organisation)?),
            ("app", line("app", self.app)?),
            ("address", self.address.as_str()),
            ("reference", line("reference", self.reference)?),
            ("mark", &mark),
            ("host", line("host", host)?),
            ("lifetime", &lifetime),
        ];
        let parts = CodeParts {
            language,
            organisation,
            subject: fill(
                if self.code_first {
                    t.code_subject
                } else {
                    t.code_subject_without
                },
                &values,
            ),
            code: self.code.expose(),
            code_first: self.code_first,
            preheader: fill(t.code_preheader, &values),
            lead: fill(
                if self.code_first {
                    t.code_lead
                } else {
                    t.code_lead_without
                },
                &values,
            ),
            enter: fill(t.code_enter, &values),
            reference: fill(t.code_reference, &values),
            why: fill(t.code_why, &values),
            never: fill(t.code_never, &values),
            suspicious: contact(help)?.map(|contact| fill(t.code_suspicious, &[("help", contact)])),
            host,
        };
        content(
            language,
            parts.subject.clone(),
            &CodeText { m: &parts },
            &CodeHtml { m: &parts },
        )
    }
}

/// How a suspicious mail reaches a person.
pub(super) fn contact(help: &Help) -> Result<Option<&str>, FieldError> {
    help.email.as_deref().map(|email| line("help", email)).transpose()
}

pub(super) fn content(
    language: Language,
    subject: String,
    text: &impl Template,
    html: &impl Template,
) -> Result<Content, FieldError> {
    // Templates write into memory and call nothing that fails.
    let failed = |_| FieldError { field: "template" };
    Ok(Content {
        language: language.tag(),
        subject,
        text: text.render().map_err(failed)?,
        html: html.render().map_err(failed)?,
    })
}
