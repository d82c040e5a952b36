//! The mailbox that keeps mail on this machine.

use std::sync::Arc;

use domain::Language;
use test_support::FakeClock;

use super::{code_mail, compose, email, sample_mail, settings};
use crate::mail::{Mail, Mailbox, Mailer as _};

fn to(address: &str) -> Mail {
    Mail {
        to: email(address),
        ..sample_mail()
    }
}

#[tokio::test]
async fn keeps_what_was_sent_and_finds_it_again() {
    let mailbox = Mailbox::new(Arc::new(FakeClock::new()));
    for address in [
        "anna@contoso.example",
        "ben@contoso.example",
        "Anna@contoso.example",
    ] {
        mailbox.send(&to(address)).await.unwrap();
    }
    let ids = |mails: Vec<Arc<crate::mail::CapturedMail>>| {
        mails.iter().map(|mail| mail.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids(mailbox.to("ANNA@contoso.example")), ["1", "3"]);
    assert_eq!(mailbox.latest(None).unwrap().id, "3");
    assert_eq!(mailbox.latest(Some("ben@contoso.example")).unwrap().id, "2");
    assert!(mailbox.latest(Some("eva@contoso.example")).is_none());
    assert_eq!(mailbox.get("2").unwrap().to, email("ben@contoso.example"));
    mailbox.forget(&["2".into()]);
    assert!(mailbox.get("2").is_none());
    mailbox.clear();
    assert!(mailbox.all().is_empty());
    mailbox.send(&to("eva@contoso.example")).await.unwrap();
    assert_eq!(mailbox.latest(None).unwrap().id, "4", "an id is never used twice");
}

#[tokio::test]
async fn reads_the_code_from_the_mail_itself() {
    let mailbox = Mailbox::new(Arc::new(FakeClock::new()));
    for language in Language::ALL {
        for code_first in [true, false] {
            mailbox
                .send(&compose(&settings(), code_mail(language, code_first)))
                .await
                .unwrap();
            assert_eq!(mailbox.latest(None).unwrap().code(), Some("48201573"));
        }
    }
    mailbox
        .send(&Mail {
            text: "No code here.\n\nhttps://x.example/#12345678\n".into(),
            ..sample_mail()
        })
        .await
        .unwrap();
    assert_eq!(mailbox.latest(None).unwrap().code(), None);
}

#[tokio::test]
async fn is_bounded() {
    let mailbox = Mailbox::new(Arc::new(FakeClock::new()));
    for _ in 0..510 {
        mailbox.send(&sample_mail()).await.unwrap();
    }
    let kept = mailbox.all();
    assert_eq!((kept.len(), kept[0].id.as_str()), (500, "11"));
}
