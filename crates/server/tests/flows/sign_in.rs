//! A guest comes in by emailed code, returns, and is asked again tomorrow.

use actions::{self, Invite};
use chrono::TimeDelta;
use domain::invitation::InvitationTerms;
use serde_json::json;

use crate::{
    rp::{answered_at, claims, param, until_app},
    world::{World, browser, operator, worlds},
};

const ANNA: &str = "anna@contoso.test";

#[tokio::test]
async fn an_invited_guest_comes_in() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();

        let before = world.core.store.write_transactions();
        let page = anna.get(&rp.authorize(&[])).await.unwrap();
        let page = anna
            .submit(&page, "email", &[("email", "Anna@Contoso.TEST")])
            .await
            .unwrap();
        let asked = world.core.store.write_transactions();
        let code = world.code(ANNA).await;
        let mailed = world.core.store.write_transactions();
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        let answer = answered_at(&page, &rp.redirect_uri);
        assert_eq!(param(&answer, "state").as_deref(), Some("state-1"));
        assert_eq!(param(&answer, "iss").as_deref(), Some(world.issuer()));
        let tokens = rp.exchange(&param(&answer, "code").unwrap()).await;
        let after = world.core.store.write_transactions();
        assert_eq!(tokens.status, 200, "{tokens:?}");
        assert_eq!(tokens.headers["cache-control"], "no-store");
        let spent = (asked - before) + (after - mailed);
        assert!(spent <= 6, "an emailed sign-in took {spent} write transactions");

        let id = claims(tokens.body["id_token"].as_str().unwrap());
        assert_eq!(id["iss"], json!(world.issuer()));
        assert_eq!(id["aud"], json!("notes"));
        assert_eq!(id["nonce"], json!("nonce-1"));
        assert_eq!(id["amr"], json!(["otp"]));
        assert_eq!(id["auth_time"], json!(world.now().timestamp()));
        let info = rp.userinfo(tokens.body["access_token"].as_str().unwrap()).await;
        assert_eq!(info.body["sub"], id["sub"]);
        assert_eq!(info.body["email"], json!(ANNA));
        assert_eq!(info.body["email_verified"], json!(true));
    }
}

#[tokio::test]
async fn she_returns_silently_for_a_day_and_is_asked_again_tomorrow() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let first = world.sign_in(&mut anna, &rp, ANNA).await;

        world.advance(TimeDelta::hours(24) - TimeDelta::seconds(1));
        let before = world.core.store.write_transactions();
        let silent = until_app(&mut anna, &rp.authorize(&[]), &rp.redirect_uri).await;
        let tokens = rp.exchange(&param(&silent.url, "code").unwrap()).await;
        let spent = world.core.store.write_transactions() - before;
        assert!(spent <= 3, "a silent sign-in took {spent} write transactions");
        let again = claims(tokens.body["id_token"].as_str().unwrap());
        assert_eq!(again["sub"], first["sub"]);
        assert_eq!(again["auth_time"], first["auth_time"]);

        world.advance(TimeDelta::seconds(1));
        let page = anna.get(&rp.authorize(&[])).await.unwrap();
        assert!(page.url.path().ends_with("/email"), "{}", page.url);
        let tomorrow = world.sign_in(&mut anna, &rp, ANNA).await;
        assert_eq!(tomorrow["sub"], first["sub"]);
        assert_ne!(tomorrow["auth_time"], first["auth_time"]);
    }
}

#[tokio::test]
async fn a_shared_computer_keeps_no_session_beyond_the_browser() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
    let form = page
        .form("code")
        .unwrap()
        .with(&[("code", code.as_str()), ("shared_computer", "on")]);
    let url = form.action.clone();
    let answer = anna.once(&url, Some(&form.fields)).await.unwrap();
    let session = answer
        .headers
        .get_all("set-cookie")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .find(|line| line.starts_with("vestibule-session="))
        .unwrap();
    assert!(!session.to_ascii_lowercase().contains("max-age"), "{session}");

    // Nor is it remembered again by the next app: what stands for a browser is given once, and then by a session alone.
    let gives = |answer: &reqwest::header::HeaderMap| {
        let lines = answer.get_all("set-cookie").iter();
        lines
            .filter(|line| line.as_bytes().starts_with(b"vestibule-browser="))
            .count()
    };
    assert_eq!(gives(&answer.headers), 1);
    let next = url::Url::parse(&rp.authorize(&[("prompt", Some("login"))])).unwrap();
    assert_eq!(gives(&anna.once(&next, None).await.unwrap().headers), 0);
    assert_eq!(gives(&browser().once(&next, None).await.unwrap().headers), 1);
}

#[tokio::test]
async fn a_stranger_sees_the_same_pages_and_gets_no_mail() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut pages = Vec::new();
        for address in [ANNA, "nobody@contoso.test"] {
            let mut browser = browser();
            let page = browser.get(&rp.authorize(&[])).await.unwrap();
            let page = browser
                .submit(&page, "email", &[("email", address)])
                .await
                .unwrap();
            let reference = page.text(".reference").unwrap();
            let id = page.url.path_segments().unwrap().nth(1).unwrap().to_owned();
            let csrf = page.attribute("input[name=csrf]", "value").unwrap();
            let wrong = browser
                .submit(&page, "code", &[("code", "12345678")])
                .await
                .unwrap();
            let mask = |visit: &dev::browser::BrowserPage| {
                visit
                    .body
                    .replace(&reference, "REF")
                    .replace(&id, "ID")
                    .replace(&csrf, "CSRF")
                    .replace(address, "ADDRESS")
            };
            pages.push((page.status, mask(&page), wrong.status, mask(&wrong)));
        }
        assert_eq!(pages[0], pages[1]);
        world.deliver().await;
        assert_eq!(world.inbox.to("nobody@contoso.test").len(), 0);
    }
}

#[tokio::test]
async fn prompt_and_max_age_are_honoured() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    let none = until_app(
        &mut anna,
        &rp.authorize(&[("prompt", Some("none"))]),
        &rp.redirect_uri,
    )
    .await;
    assert_eq!(param(&none.url, "error").as_deref(), Some("login_required"));
    assert_eq!(param(&none.url, "state").as_deref(), Some("state-1"));
    assert_eq!(param(&none.url, "iss").as_deref(), Some(world.issuer()));

    let first = world.sign_in(&mut anna, &rp, ANNA).await;
    let none = until_app(
        &mut anna,
        &rp.authorize(&[("prompt", Some("none"))]),
        &rp.redirect_uri,
    )
    .await;
    assert!(param(&none.url, "code").is_some(), "{}", none.url);
    for again in [
        ("prompt", Some("login")),
        ("max_age", Some("0")),
        ("prompt", Some("select_account")),
    ] {
        let page = anna.get(&rp.authorize(&[again])).await.unwrap();
        assert!(page.url.path().starts_with("/signin/"), "{again:?}: {}", page.url);
    }
    world.advance(TimeDelta::minutes(2));
    let page = anna.get(&rp.authorize(&[("max_age", Some("60"))])).await.unwrap();
    let id = world.finish(&mut anna, &rp, page, ANNA).await;
    assert_eq!(id["sub"], first["sub"]);
    assert_eq!(id["auth_time"], json!(world.now().timestamp()));
}

#[tokio::test]
async fn form_post_answers_by_a_form() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    world.sign_in(&mut anna, &rp, ANNA).await;
    let page = anna
        .get(&rp.authorize(&[("response_mode", Some("form_post"))]))
        .await
        .unwrap();
    assert_eq!(page.status, 200);
    let form = page.forms().into_iter().next().unwrap();
    assert!(form.post && form.action.as_str() == rp.redirect_uri, "{form:?}");
    let field = |name: &str| {
        form.fields
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.clone())
    };
    assert_eq!(field("state").as_deref(), Some("state-1"));
    assert_eq!(rp.exchange(&field("code").unwrap()).await.status, 200);
    let policy = page.headers["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("form-action 'self' https://notes.example"),
        "{policy}"
    );
}

#[tokio::test]
async fn a_guest_with_another_address_is_the_same_person_to_the_app() {
    const MARRIED: &str = "anna.berg@fabrikam.test";
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let before = world.sign_in(&mut anna, &rp, ANNA).await;
        let guest = world.guest(ANNA).await;
        let email = domain::EmailAddress::parse(MARRIED).unwrap();
        actions::change_address(&world.core, operator(), guest.id, &email)
            .await
            .unwrap();
        world.deliver().await;
        for address in [ANNA, MARRIED] {
            let told = world.inbox.to(address).pop().unwrap();
            assert!(told.subject.contains("address"), "{address}: {}", told.subject);
            assert!(
                !told.text.contains("@fabrikam") && !told.text.contains("@contoso"),
                "neither mailbox learns of the other: {}",
                told.text
            );
        }

        // Her session is over, the new mailbox proves itself, and the old one proves nothing.
        let page = anna.get(&rp.authorize(&[])).await.unwrap();
        assert!(page.url.path().starts_with("/signin/"), "{}", page.url);
        let after = world.finish(&mut anna, &rp, page, MARRIED).await;
        assert_eq!(after["sub"], before["sub"]);
        let told = world.inbox.to(ANNA).len();
        let mut stranger = browser();
        let page = stranger.get(&rp.authorize(&[])).await.unwrap();
        stranger.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
        world.deliver().await;
        assert_eq!(world.inbox.to(ANNA).len(), told, "no code goes there any more");
    }
}

/// The link of an invitation brings its guest, and shows whoever has it no more than the mask; the code goes to the
/// guest, in the language of the invitation.
#[tokio::test]
async fn an_invitations_link_names_the_guest_to_nobody() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        let other = world.app("wiki").await;
        let invite = Invite {
            email: ANNA.into(),
            app: "notes".into(),
            terms: InvitationTerms {
                language: Some("de".into()),
                ..InvitationTerms::by("Lee")
            },
            ..Invite::default()
        };
        let invited = actions::invite_guest(&world.core, operator(), invite)
            .await
            .unwrap();
        let token = store::invitation_token(world.core.store.master_keys(), invited.invitation.id);
        let hint = domain::invitation::login_hint(&token);

        let mut anna = browser();
        let page = anna
            .get(&rp.authorize(&[("login_hint", Some(&hint))]))
            .await
            .unwrap();
        assert!(page.url.path().ends_with("/send"), "{}", page.url);
        assert!(page.all_text().contains("a•••@c•••.test"), "{}", page.all_text());
        assert!(!page.body.contains(ANNA), "{}", page.body);
        let identify = page.link("different address").unwrap();
        let typing = anna.get(identify.as_str()).await.unwrap();
        assert!(!typing.body.contains(ANNA), "{}", typing.body);
        let page = anna.submit(&page, "Email me a code", &[]).await.unwrap();
        assert!(page.all_text().contains("a•••@c•••.test"), "{}", page.all_text());
        assert!(!page.body.contains(ANNA), "{}", page.body);
        let code = world.code(ANNA).await;
        let mails = world.inbox.to(ANNA);
        let german = format!("{code} ist Ihr Anmeldecode");
        assert!(
            mails.iter().any(|mail| mail.subject.starts_with(&german)),
            "the language of the invitation"
        );
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        assert!(param(&answered_at(&page, &rp.redirect_uri), "code").is_some());

        // Forwarded, and another address typed: that guest's mail is in that guest's language.
        world.invite("bob@fabrikam.test", "notes").await;
        let mut bob = browser();
        let page = bob
            .get(&rp.authorize(&[("login_hint", Some(&hint))]))
            .await
            .unwrap();
        let typing = bob
            .get(page.link("different address").unwrap().as_str())
            .await
            .unwrap();
        bob.submit(&typing, "email", &[("email", "bob@fabrikam.test")])
            .await
            .unwrap();
        let code = world.code("bob@fabrikam.test").await;
        let english = format!("{code} is your");
        let mails = world.inbox.to("bob@fabrikam.test");
        assert!(mails.iter().any(|mail| mail.subject.starts_with(&english)));

        // Another app's token, or a text that is no token, names no guest.
        for (rp, hint) in [
            (&other, hint.as_str()),
            (&rp, "invitation:nothing"),
            (&rp, "invitation:"),
        ] {
            let page = browser()
                .get(&rp.authorize(&[("login_hint", Some(hint))]))
                .await
                .unwrap();
            assert!(page.url.path().ends_with("/email"), "{hint}: {}", page.url);
            assert!(!page.body.contains("invitation:"), "{}", page.body);
        }
    }
}

/// Mail scanners open the page behind the link, again and again; a person goes on from it.
#[tokio::test]
async fn an_invitation_is_opened_by_who_begins_to_sign_in_by_its_link() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        world.deliver().await;
        let mail = world.inbox.to(ANNA).pop().unwrap();
        let link = mail
            .text
            .split_whitespace()
            .find(|word| word.contains("/invitation/"));
        let link = link.unwrap();
        let reader = world.core.store.reader();
        let guest = world.guest(ANNA).await;
        let app = reader.app_by_client_id("notes").await.unwrap().unwrap();
        let opened = async || {
            let invitation = reader.newest_invitation(guest.id, app.id).await.unwrap();
            invitation.unwrap().opened_at
        };
        let mut scanner = browser();
        for _ in 0..3 {
            scanner.get(link).await.unwrap();
        }
        assert_eq!(opened().await, None);
        let (_, token) = link.rsplit_once('/').unwrap();
        let hint = format!("invitation:{token}");
        let first = world.now();
        for _ in 0..2 {
            let page = browser()
                .get(&rp.authorize(&[("login_hint", Some(&hint))]))
                .await
                .unwrap();
            assert!(page.form("Email me a code").is_ok(), "{}", page.body);
            assert_eq!(opened().await, Some(first), "the first time counts");
            world.advance(TimeDelta::minutes(5));
        }
        assert_eq!(world.count("invitation.opened").await, 1);
    }
}
