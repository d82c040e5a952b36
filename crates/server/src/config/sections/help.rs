//! `[help]`: where guests find help, on every page.

use domain::EmailAddress;
use sign_in::Help;
use url::Url;

use crate::config::{kinds::Mailbox, reader::Section};

pub(in crate::config) fn read(section: &mut Section<'_>) -> Help {
    let name = section.maybe("name");
    let email: Option<Mailbox> = section.maybe("email");
    let help = Help {
        name,
        email: email.map(|mailbox| EmailAddress::as_str(&mailbox.address).to_owned()),
        privacy_url: link(section, "privacy_url"),
        terms_url: link(section, "terms_url"),
        accessibility_url: link(section, "accessibility_url"),
    };
    if help.email.is_none() {
        section.note(
            "email",
            "is not set: a guest whose code does not arrive has nobody to ask",
            "write email = \"helpdesk@acme.example\" under [help]",
        );
    }
    help
}

fn link(section: &mut Section<'_>, key: &'static str) -> Option<Url> {
    let url: Url = section.maybe(key)?;
    if url.scheme() != "https" {
        section.warn(
            key,
            "is http",
            "use https: guests follow it from the sign-in page",
        );
    }
    Some(url)
}
