//! Mails as they are read, as they travel, and the conversation that carries them.

mod golden;
#[cfg(feature = "dev")]
mod headers;
#[cfg(feature = "dev")]
mod inbox;
mod signature;
mod smtp;
pub(crate) mod smtp_server;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{EmailAddress, Id, Language, passcode::Passcode};
use sign_in::Help;
use store::{MailKind, OutboxMail};
use test_support::samples;
use uuid::Uuid;

use super::{
    Mail, Recipient, Sender, Stamp,
    messages::{CodeMail, Content, House},
};
use crate::config::settings::{MailSettings, Mailbox};

/// An outbox row whose id is always the same.
fn row() -> OutboxMail {
    let id = Id::from_uuid(Uuid::from_u128(0x019c_0000_0000_7000_8000_0000_0000_0001));
    let kind = MailKind::Passcode {
        challenge: samples::id(),
        send: 1,
    };
    OutboxMail::new(
        id,
        kind,
        None,
        samples::now(),
        samples::now() + TimeDelta::minutes(30),
    )
}

fn mailbox_of(name: &str, address: &str) -> Mailbox {
    Mailbox {
        name: (!name.is_empty()).then(|| name.to_owned()),
        address: email(address),
    }
}

fn email(text: &str) -> EmailAddress {
    samples::email(text)
}

fn settings() -> MailSettings {
    MailSettings {
        from: mailbox_of("Acme guest access", "signin@mail.acme.example"),
        reply_to: Some(mailbox_of("", "helpdesk@acme.example")),
        code_in_subject: true,
        smtp: None,
        dkim: None,
    }
}

fn help() -> Help {
    Help {
        email: Some("security@acme.example".into()),
        privacy_url: "https://acme.example/privacy".parse().ok(),
        ..Help::default()
    }
}

fn house(language: Language, help: &Help) -> House<'_> {
    House {
        language,
        organisation: "Acme",
        help,
        host: "login.acme.example",
    }
}

fn opened_at() -> DateTime<Utc> {
    samples::now() + TimeDelta::minutes(2)
}

fn code() -> Passcode {
    Passcode::read("48201573").unwrap()
}

fn code_mail(language: Language, code_first: bool) -> Content {
    let (help, address, code) = (help(), email("anna@contoso.example"), code());
    CodeMail {
        house: house(language, &help),
        app: "Acme Notes",
        address: &address,
        code: &code,
        reference: "K7QF",
        lifetime: TimeDelta::minutes(30),
        number: 1,
        code_first,
    }
    .content()
    .unwrap()
}

fn compose(settings: &MailSettings, content: Content) -> Mail {
    let to = email("anna@contoso.example");
    let recipient = Recipient {
        to: &to,
        reply_to: None,
    };
    let sender = Sender::new(settings, "Acme").unwrap();
    sender
        .compose(
            Stamp::of(&row(), opened_at() + TimeDelta::minutes(30)),
            recipient,
            content,
        )
        .unwrap()
}

/// The mail that the tests of the wire send.
fn sample_mail() -> Mail {
    compose(&settings(), code_mail(Language::En, true))
}
