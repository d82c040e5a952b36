//! The form of a mail: headers, alternatives, signature.

use chrono::{DateTime, Utc};
use domain::{EmailAddress, Id};
use lettre::{
    Address, Message,
    message::{
        Mailbox as LettreMailbox, MultiPart, SinglePart,
        header::{HeaderName, HeaderValue},
    },
};
use store::OutboxMail;

use super::{
    DkimError, FieldError, Mail,
    dkim::Dkim,
    field::{self, line},
    messages::Content,
};
use crate::config::settings::{MailSettings, Mailbox};

/// Puts mails together: who they are from is the same for all.
pub struct Sender {
    from: Mailbox,
    reply_to: Option<Mailbox>,
    code_in_subject: bool,
    dkim: Option<Dkim>,
}

/// Whom a mail is for, and where their answer goes.
#[derive(Clone, Copy, Debug)]
pub struct Recipient<'a> {
    /// The address that it is sent to.
    pub to: &'a EmailAddress,
    /// Where answers go instead of the usual place.
    pub reply_to: Option<&'a EmailAddress>,
}

/// What tells a mail apart from every other one.
#[derive(Clone, Copy, Debug)]
pub struct Stamp {
    /// Its Message-ID follows from it.
    pub id: Id<OutboxMail>,
    /// Its date: when it was asked for.
    pub asked_at: DateTime<Utc>,
    /// When what it says is worth nothing any more.
    pub ends_at: DateTime<Utc>,
}

impl Stamp {
    /// That of a row of the outbox: the same however often it is tried.
    pub fn of(row: &OutboxMail, ends_at: DateTime<Utc>) -> Self {
        Self {
            id: row.id,
            asked_at: row.created_at,
            ends_at,
        }
    }
}

impl Sender {
    /// A sender by the settings. Its name is the organisation's unless another is set.
    pub fn new(settings: &MailSettings, organisation: &str) -> Result<Self, DkimError> {
        let name = settings
            .from
            .name
            .clone()
            .or_else(|| Some(organisation.to_owned()));
        Ok(Self {
            from: Mailbox {
                name,
                address: settings.from.address.clone(),
            },
            reply_to: settings.reply_to.clone(),
            code_in_subject: settings.code_in_subject,
            dkim: settings.dkim.as_ref().map(Dkim::new).transpose()?,
        })
    }

    /// Whether a code stands in the subject of its mail.
    pub fn code_in_subject(&self) -> bool {
        self.code_in_subject
    }

    /// A mail. Everything in it follows from its stamp and from what it says, so that another try sends the same mail again,
    /// under the same Message-ID.
    pub fn compose(
        &self,
        stamp: Stamp,
        recipient: Recipient<'_>,
        content: Content,
    ) -> Result<Mail, FieldError> {
        let reply_to = match recipient.reply_to {
            Some(address) => Some(Mailbox {
                name: None,
                address: address.clone(),
            }),
            None => self.reply_to.clone(),
        };
        let subject = field::subject(&content.subject)?;
        let message_id = format!("{}@{}", stamp.id, self.from.address.domain());
        let mut builder = Message::builder()
            .from(mailbox("From", &self.from)?)
            .to(LettreMailbox::new(None, address("To", recipient.to)?))
            .subject(subject.clone())
            .date(stamp.asked_at.into())
            .message_id(Some(format!("<{message_id}>")));
        if let Some(reply_to) = &reply_to {
            builder = builder.reply_to(mailbox("Reply-To", reply_to)?);
        }
        for (name, value) in [
            // RFC 3834 §5, and the same for Exchange ([MS-OXCMAIL] 2.1.3.2.20): no «out of office» comes back.
            ("Auto-Submitted", "auto-generated"),
            ("X-Auto-Response-Suppress", "All"),
            ("Content-Language", line("language", content.language)?),
        ] {
            builder = builder.raw_header(HeaderValue::new(
                HeaderName::new_from_ascii_str(name),
                value.to_owned(),
            ));
        }
        let parts = MultiPart::alternative()
            .boundary(boundary(stamp.id))
            .singlepart(SinglePart::plain(content.text.clone()))
            .singlepart(SinglePart::html(content.html.clone()));
        // lettre fails here without a sender or a recipient, which there are.
        let mut message = builder
            .multipart(parts)
            .map_err(|_| FieldError { field: "From" })?;
        if let Some(dkim) = &self.dkim {
            dkim.sign(&mut message);
        }
        Ok(Mail {
            message_id,
            from: self.from.clone(),
            to: recipient.to.clone(),
            reply_to,
            subject,
            text: content.text,
            html: content.html,
            ends_at: stamp.ends_at,
            raw: message.formatted(),
        })
    }
}

/// RFC 2046 §5.1.1. Our texts cannot hold it: it follows from an id that is secret.
fn boundary(id: Id<OutboxMail>) -> String {
    format!("part.{id}")
}

fn mailbox(field: &'static str, mailbox: &Mailbox) -> Result<LettreMailbox, FieldError> {
    let name = mailbox
        .name
        .as_deref()
        .map(|name| line(field, name))
        .transpose()?;
    Ok(LettreMailbox::new(
        name.map(str::to_owned),
        address(field, &mailbox.address)?,
    ))
}

/// Our addresses obey stricter rules than lettre's.
pub(super) fn address(field: &'static str, address: &EmailAddress) -> Result<Address, FieldError> {
    Address::new(address.local_part(), address.domain()).map_err(|_| FieldError { field })
}
