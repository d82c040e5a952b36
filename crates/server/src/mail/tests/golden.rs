//! The mails, word for word.

use chrono::TimeDelta;
use domain::{Language, guest_rule::RuleCondition, invitation::InvitationTerms};
use method_resolution::NoCode;
use store::MethodChange;
use test_support::samples;

use super::{code_mail, compose, email, help, house, settings};
use crate::mail::{
    access_request::{AccessAnswerMail, AccessRequestMail, AccessTold},
    guest_notice::GuestNoticeMail,
    invitation::InvitationMail,
    inviter::InviterMail,
    merge::{MergeAskedMail, MergeMail},
    messages::Content,
    method_changed::MethodChangedMail,
    no_code::NoCodeMail,
    test_mail::TestMail,
};

fn read(content: &Content) -> String {
    format!(
        "Subject: {}\n\n{}\n\n{}\n{}",
        content.subject,
        content.text,
        "-".repeat(76),
        content.html
    )
}

fn invitation(language: Language, full: bool) -> Content {
    let (help, address) = (help(), email("anna@contoso.example"));
    let mut terms = InvitationTerms::by("Lee");
    if full {
        let message = "Hello Anna,\n\nhere are yesterday's notes: https://notes.acme.example/q3 and, <b>not</b> ours, \
                       https://evil.example/login. Read them before the next meeting, which is on Thursday.";
        terms = InvitationTerms {
            reply_to: Some("lee@acme.example".into()),
            about: Some("Q3 kickoff notes".into()),
            message: Some(message.into()),
            access_until: Some(samples::now() + TimeDelta::days(365)),
            ..terms
        };
    }
    InvitationMail {
        house: house(language, &help),
        address: &address,
        app: "Acme Notes",
        known_hosts: &["login.acme.example", "notes.acme.example"],
        terms: &terms,
        link: "https://login.acme.example/invitation/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        upstreams: &[],
        expires_at: samples::now() + TimeDelta::days(30),
    }
    .content()
    .unwrap()
}

#[test]
fn codes() {
    insta::assert_snapshot!("code_en", read(&code_mail(Language::En, true)));
    insta::assert_snapshot!("code_de", read(&code_mail(Language::De, true)));
    insta::assert_snapshot!("code_last_en", read(&code_mail(Language::En, false)));
}

#[test]
fn invitations() {
    insta::assert_snapshot!("invitation_en", read(&invitation(Language::En, true)));
    insta::assert_snapshot!("invitation_de", read(&invitation(Language::De, true)));
    insta::assert_snapshot!("invitation_short_en", read(&invitation(Language::En, false)));
}

/// Subject and first line name who, what and where; the organisation is named once.
#[test]
fn an_invitations_subject() {
    let (help, address) = (help(), email("anna@contoso.example"));
    for (invited_by, about, subject) in [
        ("Lee", None, "Lee invited you to Acme Notes at Acme"),
        ("Acme", None, "Acme invited you to Acme Notes"),
        ("Acme", Some("Q3"), "Acme invited you to “Q3” in Acme Notes"),
    ] {
        let terms = InvitationTerms {
            about: about.map(str::to_owned),
            ..InvitationTerms::by(invited_by)
        };
        let mail = InvitationMail {
            house: house(Language::En, &help),
            address: &address,
            app: "Acme Notes",
            known_hosts: &[],
            terms: &terms,
            link: "https://login.acme.example/invitation/x",
            upstreams: &[],
            expires_at: samples::now(),
        };
        assert_eq!(mail.content().unwrap().subject, subject);
    }
}

#[test]
fn other_methods() {
    let help = help();
    let read = |language, change, upstreams: &[&str]| {
        let upstreams: Vec<String> = upstreams.iter().map(|&upstream| upstream.to_owned()).collect();
        let mail = MethodChangedMail {
            house: house(language, &help),
            change,
            upstreams: &upstreams,
        };
        let content = mail.content().unwrap();
        assert!(
            !content.text.contains("://") && !content.html.contains("href"),
            "no link"
        );
        read(&content)
    };
    insta::assert_snapshot!("method_reset_en", read(Language::En, MethodChange::Reset, &[]));
    insta::assert_snapshot!(
        "method_moved_de",
        read(Language::De, MethodChange::Moved, &["Contoso"])
    );
    insta::assert_snapshot!(
        "address_new_en",
        read(Language::En, MethodChange::NewAddress, &[])
    );
    insta::assert_snapshot!(
        "passkey_added_en",
        read(Language::En, MethodChange::PasskeyAdded, &[])
    );
    insta::assert_snapshot!(
        "passkey_added_de",
        read(Language::De, MethodChange::PasskeyAdded, &[])
    );
    insta::assert_snapshot!(
        "address_former_de",
        read(Language::De, MethodChange::FormerAddress, &["Contoso"])
    );
}

#[test]
fn links_of_inviters() {
    let help = help();
    for language in Language::ALL {
        let mail = InviterMail {
            house: house(language, &help),
            link: "https://login.acme.example/invite/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        };
        let name = format!("inviter_{}", language.tag());
        insta::assert_snapshot!(name, read(&mail.content().unwrap()));
    }
}

#[test]
fn two_guests_who_are_one() {
    let help = help();
    let (kept, other) = (email("anna@new.example"), email("anna@contoso.example"));
    for language in Language::ALL {
        let question = MergeAskedMail {
            house: house(language, &help),
            kept: &kept,
            other: &other,
            link: "https://login.acme.example/me/merge",
            expires_at: samples::now() + TimeDelta::days(7),
        };
        let name = format!("merge_asked_{}", language.tag());
        insta::assert_snapshot!(name, read(&question.content().unwrap()));
        let notice = MergeMail {
            house: house(language, &help),
            kept: &kept,
            other: &other,
        };
        let name = format!("merged_{}", language.tag());
        insta::assert_snapshot!(name, read(&notice.merged().unwrap()));
        let name = format!("unmerged_{}", language.tag());
        insta::assert_snapshot!(name, read(&notice.undone().unwrap()));
    }
}

#[test]
fn questions_for_access_and_answers() {
    let (help, guest) = (help(), email("anna@contoso.example"));
    let question = |language, renews| {
        let mail = AccessRequestMail {
            house: house(language, &help),
            guest: &guest,
            app: "Acme Notes",
            link: "https://login.acme.example/access-request/AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            expires_at: samples::now() + TimeDelta::days(14),
            renews,
            proven: language == Language::En,
        };
        read(&mail.content().unwrap())
    };
    insta::assert_snapshot!("access_request_en", question(Language::En, false));
    insta::assert_snapshot!("access_request_de", question(Language::De, false));
    insta::assert_snapshot!("renewal_en", question(Language::En, true));
    let answer = |language, told| {
        let mail = AccessAnswerMail {
            house: house(language, &help),
            app: "Acme Notes",
            home: Some("https://notes.acme.example/"),
            told,
        };
        read(&mail.content().unwrap())
    };
    let until = samples::now() + TimeDelta::days(90);
    insta::assert_snapshot!(
        "access_approved_en",
        answer(Language::En, AccessTold::Approved(Some(until)))
    );
    insta::assert_snapshot!("access_refused_de", answer(Language::De, AccessTold::Refused));
    insta::assert_snapshot!("renewed_de", answer(Language::De, AccessTold::Renewed(None)));
    insta::assert_snapshot!(
        "not_renewed_en",
        answer(Language::En, AccessTold::NotRenewed(until))
    );
    insta::assert_snapshot!("access_ended_en", answer(Language::En, AccessTold::Ended));
}

#[test]
fn access_that_will_end() {
    let help = help();
    let notice = |language, when| {
        let mail = GuestNoticeMail {
            house: house(language, &help),
            when,
            on: samples::now() + TimeDelta::days(14),
        };
        read(&mail.content().unwrap())
    };
    insta::assert_snapshot!(
        "notice_inactive_en",
        notice(Language::En, RuleCondition::Inactive)
    );
    insta::assert_snapshot!(
        "notice_never_redeemed_de",
        notice(Language::De, RuleCondition::NeverRedeemed)
    );
    insta::assert_snapshot!(
        "notice_sponsor_gone_de",
        notice(Language::De, RuleCondition::SponsorGone)
    );
    insta::assert_snapshot!(
        "notice_unassigned_en",
        notice(Language::En, RuleCondition::Unassigned)
    );
}

#[test]
fn on_the_wire() {
    let mail = compose(&settings(), code_mail(Language::De, true));
    insta::assert_snapshot!(
        "wire_de",
        String::from_utf8(mail.raw).unwrap().replace("\r\n", "\n")
    );
}

#[test]
fn code_mails_hold_no_link_and_their_code_once_where_it_counts() {
    for language in Language::ALL {
        for code_first in [true, false] {
            let Content {
                subject, text, html, ..
            } = code_mail(language, code_first);
            for part in [&text, &html] {
                assert!(
                    !part.contains("://") && !part.contains("href") && !part.contains("www."),
                    "{part}"
                );
                assert!(
                    !part.contains("<img") && !part.contains("src="),
                    "nothing is fetched"
                );
            }
            assert!(html.len() <= 8_000, "{} bytes", html.len());
            assert_eq!(subject.starts_with("48201573 "), code_first);
            assert_eq!(subject.contains("48201573"), code_first);
            assert_eq!(text.starts_with("48201573 "), code_first);
            let preview: String = text.chars().take(200).collect();
            assert_eq!(preview.contains("48201573"), code_first, "{preview}");
            assert_eq!(
                text.trim_end().lines().last(),
                Some("@login.acme.example #48201573")
            );
            assert!(text.contains("K7QF") && html.contains("K7QF"));
            assert!(text.contains("anna@contoso.example") && html.contains("anna@contoso.example"));
            // Whoever marks and copies the large digits gets eight in a row.
            assert!(
                scraper::Html::parse_document(&html)
                    .select(&scraper::Selector::parse("strong[dir=ltr]").unwrap())
                    .any(|large| large.text().collect::<String>() == "48201573")
            );
        }
    }
}

#[test]
fn the_words_of_an_inviter_are_words() {
    let Content { text, html, .. } = invitation(Language::En, true);
    assert!(html.contains("&#60;b&#62;not&#60;/b&#62;"), "{html}");
    for part in [&text, &html] {
        assert!(
            !part.contains("https://evil.example") && part.contains("https: //evil[.]example/login"),
            "{part}"
        );
        assert!(part.contains("https://notes.acme.example/q3"));
    }
    let first = text
        .split_whitespace()
        .find(|word| word.starts_with("http"))
        .unwrap();
    assert!(!first.contains("evil"), "{first}");
    assert!(html.len() <= 8_000, "{} bytes", html.len());
}

fn no_code(language: Language, why: NoCode) -> Content {
    let (help, address) = (help(), email("anna@contoso.example"));
    NoCodeMail {
        house: house(language, &help),
        app: "Acme Notes",
        address: &address,
        reference: "K7QF",
        why,
    }
    .content()
    .unwrap()
}

#[test]
fn test_mails() {
    for language in [Language::En, Language::De] {
        let help = help();
        let house = house(language, &help);
        let content = TestMail { house }.content().unwrap();
        insta::assert_snapshot!(format!("test_mail_{}", language.tag()), read(&content));
    }
}

#[test]
fn letters_in_place_of_codes() {
    insta::assert_snapshot!("no_code_en", read(&no_code(Language::En, NoCode::MethodOff)));
    insta::assert_snapshot!(
        "no_code_refused_de",
        read(&no_code(Language::De, NoCode::DomainRefused))
    );
}
