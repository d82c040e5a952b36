//! The mail that tells a guest that the way they sign in has changed.

use askama::Template;
use web::texts::{Language, fill};

use super::{
    field::{FieldError, line},
    messages::{Content, House, contact, content},
};

/// What it says. It holds no link.
#[derive(Clone, Copy, Debug)]
pub struct MethodChangedMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// Whether the guest did it themselves, by moving to their organisation's sign-in; an operator reset it otherwise.
    pub moved: bool,
    /// Where the guest signs in now, by the names of the doors; none is: by a code.
    pub doors: &'a [String],
}

#[derive(Template)]
#[template(path = "mail/method_changed.txt")]
struct Text<'a> {
    m: &'a Parts<'a>,
}

#[derive(Template)]
#[template(path = "mail/method_changed.html")]
struct Html<'a> {
    m: &'a Parts<'a>,
}

struct Parts<'a> {
    language: Language,
    organisation: &'a str,
    subject: String,
    lead: String,
    now: String,
    ended: String,
    suspicious: Option<String>,
}

impl MethodChangedMail<'_> {
    /// What it says.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = &self.house.language.texts().mail;
        let organisation = line("organisation", self.house.organisation)?;
        let door = self.doors.join(", ");
        let values = [("organisation", organisation), ("door", line("door", &door)?)];
        let parts = Parts {
            language: self.house.language,
            organisation: self.house.organisation,
            subject: fill(t.method_subject, &values),
            lead: fill(
                if self.moved {
                    t.method_moved
                } else {
                    t.method_reset
                },
                &values,
            ),
            now: fill(
                if self.doors.is_empty() {
                    t.method_now_code
                } else {
                    t.method_now_door
                },
                &values,
            ),
            ended: fill(t.method_ended, &values),
            suspicious: contact(self.house.help)?.map(|help| fill(t.method_suspicious, &[("help", help)])),
        };
        content(
            self.house.language,
            parts.subject.clone(),
            &Text { m: &parts },
            &Html { m: &parts },
        )
    }
}
