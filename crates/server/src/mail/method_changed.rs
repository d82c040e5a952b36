//! The mail that tells a guest that the way they sign in has changed.

use askama::Template;
use domain::Language;
use store::MethodChange;
use web::texts::fill;

use super::{
    field::{FieldError, line},
    messages::{Content, House, contact, content},
};

/// What it says. It holds no link.
#[derive(Clone, Copy, Debug)]
pub struct MethodChangedMail<'a> {
    /// Who writes.
    pub house: House<'a>,
    /// What changed.
    pub change: MethodChange,
    /// Where the guest signs in now, by the names of the upstreams; none means by a code.
    pub upstreams: &'a [String],
}

#[derive(Template)]
#[template(path = "mail/method_changed.txt")]
struct ChangedText<'a> {
    m: &'a ChangedParts<'a>,
}

#[derive(Template)]
#[template(path = "mail/method_changed.html")]
struct ChangedHtml<'a> {
    m: &'a ChangedParts<'a>,
}

struct ChangedParts<'a> {
    language: Language,
    organisation: &'a str,
    subject: String,
    lead: String,
    now: String,
    ended: Option<String>,
    suspicious: Option<String>,
}

impl MethodChangedMail<'_> {
    /// What it says.
    pub fn content(&self) -> Result<Content, FieldError> {
        let t = &web::texts::Texts::of(self.house.language).mail;
        let organisation = line("organisation", self.house.organisation)?;
        let upstream = self.upstreams.join(", ");
        let values = [
            ("organisation", organisation),
            ("upstream", line("upstream", &upstream)?),
        ];
        let address = matches!(
            self.change,
            MethodChange::NewAddress | MethodChange::FormerAddress
        );
        let passkey = self.change == MethodChange::PasskeyAdded;
        let subject = match self.change {
            _ if address => t.address_subject,
            _ if passkey => t.passkey_subject,
            _ => t.method_subject,
        };
        let now = match (self.change, self.upstreams) {
            (MethodChange::FormerAddress, _) => t.address_former_now,
            (MethodChange::PasskeyAdded, _) => t.passkey_now,
            (_, []) => t.method_now_code,
            _ => t.method_now_upstream,
        };
        let parts = ChangedParts {
            language: self.house.language,
            organisation: self.house.organisation,
            subject: fill(subject, &values),
            lead: fill(
                match self.change {
                    MethodChange::Moved => t.method_moved,
                    MethodChange::Reset => t.method_reset,
                    MethodChange::NewAddress => t.address_new,
                    MethodChange::FormerAddress => t.address_former,
                    MethodChange::PasskeyAdded => t.passkey_added,
                },
                &values,
            ),
            now: fill(now, &values),
            ended: (self.change != MethodChange::FormerAddress && !passkey)
                .then(|| fill(t.method_ended, &values)),
            suspicious: contact(self.house.help)?.map(|help| fill(t.method_suspicious, &[("help", help)])),
        };
        content(
            self.house.language,
            parts.subject.clone(),
            &ChangedText { m: &parts },
            &ChangedHtml { m: &parts },
        )
    }
}
