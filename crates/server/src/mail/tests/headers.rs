//! Headers: the ones that must be there, and the ones that cannot be smuggled in.

use chrono::TimeDelta;
use dev::{CapturedMail, NamedAddress};
use domain::{Language, invitation::InvitationTerms};
use sign_in::Help;
use test_support::samples;

use super::{code, code_mail, compose, email, help, house, mailbox_of, opened_at, row, settings};
use crate::mail::{
    FieldError, Mail, Recipient, Sender, Stamp,
    invitation::InvitationMail,
    messages::{CodeMail, Content},
};

/// The header of a mail, line by line.
pub(super) fn headers(mail: &Mail) -> Vec<(String, String)> {
    CapturedMail {
        id: String::new(),
        received_at: samples::now(),
        message_id: String::new(),
        from: NamedAddress {
            name: mail.from.name.clone(),
            address: mail.from.address.clone(),
        },
        to: mail.to.clone(),
        reply_to: None,
        subject: String::new(),
        text: String::new(),
        html: String::new(),
        ends_at: mail.ends_at,
        raw: mail.raw.clone(),
    }
    .headers()
}

fn header(mail: &Mail, name: &str) -> Option<String> {
    let found: Vec<_> = headers(mail)
        .into_iter()
        .filter(|(known, _)| known.eq_ignore_ascii_case(name))
        .collect();
    assert!(found.len() < 2, "{name} stands there twice");
    found.into_iter().next().map(|(_, value)| value)
}

#[test]
fn what_every_mail_says_of_itself() {
    let mail = compose(&settings(), code_mail(Language::De, true));
    for (name, value) in [
        ("From", "\"Acme guest access\" <signin@mail.acme.example>"),
        ("To", "anna@contoso.example"),
        ("Reply-To", "helpdesk@acme.example"),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),
        ("Content-Language", "de"),
        (
            "Message-ID",
            "<019c0000-0000-7000-8000-000000000001@mail.acme.example>",
        ),
        ("Date", "Mon, 01 Mar 2027 09:00:00 +0000"),
        ("MIME-Version", "1.0"),
    ] {
        assert_eq!(header(&mail, name).as_deref(), Some(value), "{name}");
    }
    assert!(
        header(&mail, "Subject").unwrap().contains("48201573"),
        "digits survive the encoding of «ü»"
    );
    assert_eq!(header(&mail, "List-Unsubscribe"), None);
    assert!(
        header(&mail, "Content-Type")
            .unwrap()
            .starts_with("multipart/alternative")
    );
    assert!(mail.raw.is_ascii(), "every server takes it, 8BITMIME or not");
    let text = String::from_utf8(mail.raw).unwrap();
    assert!(
        !text.replace("\r\n", "").contains(['\r', '\n']),
        "no bare CR or LF"
    );
    assert!(text.lines().all(|line| line.len() <= 998), "RFC 5322 §2.1.1");
}

#[test]
fn another_try_is_the_same_mail() {
    let (one, two) = (super::sample_mail(), super::sample_mail());
    assert_eq!(one.raw, two.raw);
}

#[test]
fn the_answer_to_an_invitation_reaches_the_inviter() {
    let (to, lee) = (email("anna@contoso.example"), email("lee@acme.example"));
    let recipient = Recipient {
        to: &to,
        reply_to: Some(&lee),
    };
    let sender = Sender::new(&settings(), "Acme").unwrap();
    let mail = sender
        .compose(
            Stamp::of(&row(), opened_at()),
            recipient,
            code_mail(Language::En, true),
        )
        .unwrap();
    assert_eq!(header(&mail, "Reply-To").as_deref(), Some("lee@acme.example"));
}

#[test]
fn a_sender_without_a_name_bears_the_organisations() {
    let mut settings = settings();
    settings.from.name = None;
    settings.reply_to = None;
    let mail = compose(&settings, code_mail(Language::En, true));
    assert_eq!(
        header(&mail, "From").as_deref(),
        Some("Acme <signin@mail.acme.example>")
    );
    assert_eq!(header(&mail, "Reply-To"), None);
}

/// What an attacker would like to stand in a field.
const INJECTIONS: [&str; 10] = [
    "x\r\nBcc: victim@contoso.example",
    "x\nBcc: victim@contoso.example",
    "x\rBcc: victim@contoso.example",
    "x\r\n\r\n<html>",
    "x\0y",
    "x\u{8}y",
    "x\u{85}Bcc: victim@contoso.example",
    "x\u{2028}Bcc: victim@contoso.example",
    "x\u{2029}y",
    "x\u{202e}elpmaxe.live",
];

#[test]
fn nothing_is_injected_into_a_code_mail() {
    let (address, code, none) = (email("anna@contoso.example"), code(), Help::default());
    for injection in INJECTIONS {
        let bad_help = Help {
            email: Some(injection.into()),
            ..Help::default()
        };
        let good = CodeMail {
            house: house(Language::En, &none),
            app: "Acme Notes",
            address: &address,
            code: &code,
            reference: "K7QF",
            lifetime: TimeDelta::minutes(30),
            number: 1,
            code_first: true,
        };
        assert!(good.content().is_ok());
        let mut organisation = good;
        organisation.house.organisation = injection;
        let mut host = good;
        host.house.host = injection;
        let mut help = good;
        help.house.help = &bad_help;
        for (field, mail) in [
            (
                "app",
                CodeMail {
                    app: injection,
                    ..good
                },
            ),
            (
                "reference",
                CodeMail {
                    reference: injection,
                    ..good
                },
            ),
            ("organisation", organisation),
            ("host", host),
            ("help", help),
        ] {
            assert_eq!(mail.content().err(), Some(FieldError { field }), "{injection:?}");
        }
    }
}

#[test]
fn nothing_is_injected_into_an_invitation() {
    let (address, help) = (email("anna@contoso.example"), help());
    let lee = InvitationTerms::by("Lee");
    for injection in INJECTIONS {
        let [inviter, about, message] = [
            InvitationTerms::by(injection),
            InvitationTerms {
                about: Some(injection.into()),
                ..lee.clone()
            },
            InvitationTerms {
                message: Some(injection.into()),
                ..lee.clone()
            },
        ];
        let good = InvitationMail {
            house: house(Language::En, &help),
            address: &address,
            app: "Acme Notes",
            known_hosts: &[],
            terms: &lee,
            link: "https://login.acme.example/invitation/x",
            upstreams: &[],
            expires_at: samples::now(),
        };
        assert!(good.content().is_ok());
        for (field, mail) in [
            (
                "inviter",
                InvitationMail {
                    terms: &inviter,
                    ..good
                },
            ),
            (
                "about",
                InvitationMail {
                    terms: &about,
                    ..good
                },
            ),
            (
                "app",
                InvitationMail {
                    app: injection,
                    ..good
                },
            ),
            (
                "link",
                InvitationMail {
                    link: injection,
                    upstreams: &[],
                    ..good
                },
            ),
        ] {
            assert_eq!(mail.content().err(), Some(FieldError { field }), "{injection:?}");
        }
        // A message has lines; they are lines of the body, whatever they say.
        let message = InvitationMail {
            terms: &message,
            ..good
        }
        .content();
        assert_eq!(message.is_ok(), injection.starts_with("x\nBcc"), "{injection:?}");
    }
}

#[test]
fn nothing_is_injected_into_a_header() {
    let to = email("anna@contoso.example");
    for injection in INJECTIONS {
        let recipient = Recipient {
            to: &to,
            reply_to: None,
        };
        let compose = |settings, content| {
            Sender::new(&settings, "Acme")
                .unwrap()
                .compose(Stamp::of(&row(), opened_at()), recipient, content)
                .err()
        };
        let content = |subject: &str| Content {
            subject: subject.into(),
            ..code_mail(Language::En, true)
        };
        assert_eq!(
            compose(settings(), content(injection)),
            Some(FieldError { field: "subject" })
        );
        let mut from = settings();
        from.from = mailbox_of(injection, "signin@mail.acme.example");
        assert_eq!(compose(from, content("x")), Some(FieldError { field: "From" }));
        let mut reply_to = settings();
        reply_to.reply_to = Some(mailbox_of(injection, "helpdesk@acme.example"));
        assert_eq!(
            compose(reply_to, content("x")),
            Some(FieldError { field: "Reply-To" })
        );
    }
}

#[test]
fn odd_names_and_subjects_stay_in_their_header() {
    let names = [
        "Lee, <x@y.example>",
        "\"Lee\" (home)",
        "Łukasz 会議 – “Q3”",
        "=?utf-8?B?DQpCY2M6IHg=?=",
    ];
    for name in names {
        let mut settings = settings();
        settings.from = mailbox_of(name, "signin@mail.acme.example");
        let content = Content {
            subject: name.into(),
            ..code_mail(Language::En, true)
        };
        let mail = compose(&settings, content);
        assert!(
            header(&mail, "From")
                .unwrap()
                .ends_with("<signin@mail.acme.example>"),
            "{name}"
        );
        assert!(
            !header(&mail, "Subject").unwrap().contains("=?utf-8?B?DQ"),
            "{name}"
        );
        let expected = [
            "Auto-Submitted",
            "Content-Language",
            "Content-Type",
            "Date",
            "From",
            "Message-ID",
        ];
        for name in expected {
            assert!(header(&mail, name).is_some());
        }
        assert_eq!(header(&mail, "Bcc"), None);
        assert!(mail.raw.is_ascii());
    }
}

/// Two mails of one sign-in have two subjects, with the code in them or without.
#[test]
fn no_two_codes_share_a_subject() {
    let (help, address, code) = (help(), email("anna@contoso.example"), code());
    let subject = |number| {
        CodeMail {
            house: house(Language::En, &help),
            app: "Acme Notes",
            address: &address,
            code: &code,
            reference: "K7QF",
            lifetime: TimeDelta::minutes(30),
            number,
            code_first: false,
        }
        .content()
        .unwrap()
        .subject
    };
    assert_eq!(subject(1), "Your Acme sign-in code (K7QF)");
    assert_eq!(subject(2), "Your Acme sign-in code (K7QF-2)");
}
