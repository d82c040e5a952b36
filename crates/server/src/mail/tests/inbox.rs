//! The inbox that keeps mail on this machine.

use std::sync::Arc;

use dev::{CapturedMail, Inbox};
use domain::Language;
use test_support::FakeClock;

use super::{code_mail, compose, email, sample_mail, settings};
use crate::mail::{Mail, Mailer as _};

fn to(address: &str) -> Mail {
    Mail {
        to: email(address),
        ..sample_mail()
    }
}

#[tokio::test]
async fn keeps_what_was_sent_and_finds_it_again() {
    let inbox = Inbox::new(Arc::new(FakeClock::new()));
    for address in [
        "anna@contoso.example",
        "ben@contoso.example",
        "Anna@contoso.example",
    ] {
        inbox.send(&to(address)).await.unwrap();
    }
    let ids = |mails: Vec<Arc<CapturedMail>>| mails.iter().map(|mail| mail.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(inbox.to("ANNA@contoso.example")), ["1", "3"]);
    assert_eq!(inbox.latest(None).unwrap().id, "3");
    assert_eq!(inbox.latest(Some("ben@contoso.example")).unwrap().id, "2");
    assert!(inbox.latest(Some("eva@contoso.example")).is_none());
    assert_eq!(inbox.get("2").unwrap().to, email("ben@contoso.example"));
    inbox.forget(&["2".into()]);
    assert!(inbox.get("2").is_none());
    inbox.clear();
    assert!(inbox.all().is_empty());
    inbox.send(&to("eva@contoso.example")).await.unwrap();
    assert_eq!(inbox.latest(None).unwrap().id, "4", "an id is never used twice");
}

#[tokio::test]
async fn reads_the_code_from_the_mail_itself() {
    let inbox = Inbox::new(Arc::new(FakeClock::new()));
    for language in Language::ALL {
        for code_first in [true, false] {
            inbox
                .send(&compose(&settings(), code_mail(language, code_first)))
                .await
                .unwrap();
            assert_eq!(inbox.latest(None).unwrap().code(), Some("48201573"));
        }
    }
    inbox
        .send(&Mail {
            text: "No code here.\n\nhttps://x.example/#12345678\n".into(),
            ..sample_mail()
        })
        .await
        .unwrap();
    assert_eq!(inbox.latest(None).unwrap().code(), None);
}

#[tokio::test]
async fn is_bounded() {
    let inbox = Inbox::new(Arc::new(FakeClock::new()));
    for _ in 0..510 {
        inbox.send(&sample_mail()).await.unwrap();
    }
    let kept = inbox.all();
    assert_eq!((kept.len(), kept[0].id.as_str()), (500, "11"));
}
