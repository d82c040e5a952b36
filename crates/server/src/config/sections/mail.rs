//! `[mail]`: who mail comes from, and how it leaves.

use domain::EmailAddress;
use sign_in::Issuer;

use super::{
    dkim::{self, DkimSettings},
    smtp::{self, SmtpSettings},
};
use crate::config::{Purpose, kinds::Mailbox, reader::Section};

/// Who mail comes from, and how it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailSettings {
    /// The sender.
    pub from: Mailbox,
    /// Where answers go.
    pub reply_to: Option<Mailbox>,
    /// Whether the code stands in the subject, where lock screens show it.
    pub code_in_subject: bool,
    /// The server that takes it; `None` only where mail is captured.
    pub smtp: Option<SmtpSettings>,
    /// What signs it.
    pub dkim: Option<DkimSettings>,
}

pub(in crate::config) fn read(
    section: &mut Section<'_>,
    purpose: Purpose,
    issuer: Option<&Issuer>,
) -> Option<MailSettings> {
    let from: Option<Mailbox> = section.maybe("from");
    let needed = purpose == Purpose::Serve;
    if needed && !section.is_set("from") {
        section.refuse(
            "from",
            "is not set: sign-in codes need a sender",
            "write from = \"Acme guest access <signin@mail.acme.example>\" under [mail]",
        );
    }
    let mail = (
        section.maybe("reply_to"),
        section.get("code_in_subject", true),
        section.section("smtp", |section| smtp::read(section, needed)),
        section.section("dkim", |section| dkim::read(section, from.as_ref())),
    );
    let (reply_to, code_in_subject, smtp, dkim) = mail;
    Some(MailSettings {
        from: from.or_else(|| captured_from(issuer))?,
        reply_to,
        code_in_subject,
        smtp,
        dkim,
    })
}

/// The sender of mail that never leaves this machine.
fn captured_from(issuer: Option<&Issuer>) -> Option<Mailbox> {
    let host = issuer.map(Issuer::host).unwrap_or_default();
    let address = EmailAddress::parse(&format!("signin@{host}"))
        .or_else(|_| EmailAddress::parse("signin@vestibule.test"))
        .ok()?;
    Some(Mailbox { name: None, address })
}
