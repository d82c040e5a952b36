//! My access: a guest sees what they hold, and gives it back.

mod activity;

use chrono::TimeDelta;
use dev::browser::{BrowserPage, TextBrowser};
use domain::{guest::GuestStatus, method::Method, my_access, upstream::UpstreamKind};
use serde_json::Value;
use store::AuditQuery;
use test_support::samples;
use url::Url;

use crate::{
    federation::{federate, through},
    rp::{Rp, answered_at, param, until_app},
    world::{World, browser, operator, worlds},
};

const ANNA: &str = "anna@contoso.test";

fn at(world: &World, path: &str) -> String {
    format!("{}{path}", world.issuer())
}

/// Signs Anna in to My access by a code.
async fn enters(world: &World, anna: &mut TextBrowser, path: &str) -> BrowserPage {
    let page = anna.get(&at(world, path)).await.unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let code = world.code(ANNA).await;
    anna.submit(&page, "code", &[("code", &code)]).await.unwrap()
}

/// What an app holds of a guest who is signed in: an access token.
async fn holds(guest: &mut TextBrowser, rp: &Rp) -> String {
    let page = until_app(guest, &rp.authorize(&[]), &rp.redirect_uri).await;
    let answer = answered_at(&page, &rp.redirect_uri);
    let tokens = rp.exchange(&param(&answer, "code").unwrap()).await;
    tokens.body["access_token"].as_str().unwrap().to_owned()
}

/// The same page once more, with the code that it asks for by now.
async fn proves_again(world: &World, anna: &mut TextBrowser, path: &str) -> BrowserPage {
    let page = anna.get(&at(world, path)).await.unwrap();
    assert!(page.all_text().contains(ANNA), "{}", page.body);
    let page = anna.submit(&page, "Email me a code", &[]).await.unwrap();
    let code = world.code(ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
    assert_eq!(page.url.path(), path);
    page
}

/// Their domain is federated since they came by codes: they need not wait for the next app to ask.
#[tokio::test]
async fn who_may_use_a_better_method_moves_from_there() {
    for world in worlds().await {
        let notes = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        world.sign_in(&mut anna, &notes, ANNA).await;
        let page = anna.get(&at(&world, "/me")).await.unwrap();
        assert!(page.form("Use Contoso from now on").is_err(), "{}", page.body);
        let upstream = federate(&world).await;

        let page = anna.get(&at(&world, "/me")).await.unwrap();
        let page = anna.submit(&page, "Use Contoso from now on", &[]).await.unwrap();
        let page = anna.submit(&page, "Email me a code", &[]).await.unwrap();
        let code = world.code(ANNA).await;
        let offer = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        let link = offer.link("Use Contoso from now on").unwrap();
        let page = through(&mut anna, &upstream, &link).await;
        assert_eq!(page.url.path(), "/me", "{}", page.body);
        assert!(
            page.all_text().contains("With your account at Contoso."),
            "{}",
            page.body
        );
        assert!(page.form("Use Contoso from now on").is_err());
        let method = world.guest(ANNA).await.method;
        assert!(
            matches!(method, Some(Method::Upstream(UpstreamKind::Tenant, _))),
            "{method:?}"
        );
        assert_eq!(world.count("guest.method.moved").await, 1);
    }
}

#[tokio::test]
async fn a_guest_signs_in_to_it_without_an_app_and_sees_what_is_theirs() {
    for world in worlds().await {
        world.app("notes").await;
        world
            .app_with("board", |app| app.name = "Acme Board".into())
            .await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let page = anna.get(&at(&world, "/me")).await.unwrap();
        assert_eq!(page.text("h1").as_deref(), Some("Sign in to open My access"));
        let page = enters(&world, &mut anna, "/me").await;
        assert_eq!(page.url.path(), "/me", "no code is added: {}", page.url);
        assert_eq!(page.url.query(), None);
        assert_eq!(page.text("h1").as_deref(), Some("My access"));
        let text = page.all_text();
        assert!(text.contains("See the invitation to Acme Notes"), "{text}");
        assert!(
            !text.contains("Acme Board"),
            "what is not theirs is not named: {text}"
        );
        assert!(text.contains("decided the next time you sign in"), "{text}");
        let guest = world.guest(ANNA).await;
        assert!(
            guest.status == GuestStatus::Invited && guest.redeemed_at.is_none(),
            "looking enters no app"
        );
        assert!(text.contains("This browser."), "{text}");

        // It is no app to anybody else: not by its id, not at the front door, not at the token endpoint.
        let reader = world.core.store.reader();
        assert!(reader.app_by_client_id("/me").await.unwrap().is_none());
        let apps = reader.apps().await.unwrap();
        assert!(apps.iter().all(|app| app.id != my_access::app_id()));
        assert_eq!(apps.len(), 2);
        let forged = format!(
            "/authorize?client_id=%2Fme&response_type=code&scope=openid&redirect_uri={}%2Fme",
            world.issuer()
        );
        let page = browser().get(&at(&world, &forged)).await.unwrap();
        assert_eq!(page.status, 400, "{}", page.body);

        let query = AuditQuery {
            action: Some("my_access.entered".into()),
            ..AuditQuery::default()
        };
        assert_eq!(reader.audit_search(&query).await.unwrap().len(), 1);
    }
}

/// Strangers read the same pages, and are mailed nothing.
#[tokio::test]
async fn who_is_not_in_the_directory_gets_no_code_for_it() {
    for world in worlds().await {
        let mut eve = browser();
        let page = eve.get(&at(&world, "/me")).await.unwrap();
        let page = eve
            .submit(&page, "email", &[("email", "eve@else.test")])
            .await
            .unwrap();
        assert!(
            page.all_text().contains("has been invited, an 8-digit code"),
            "{}",
            page.body
        );
        world.deliver().await;
        assert!(world.inbox.to("eve@else.test").is_empty());
        // And a guest who is blocked reads why.
        world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let guest = world.guest(ANNA).await.id;
        actions::block_guest(&world.core, operator(), guest, None)
            .await
            .unwrap();
        let page = enters(&world, &mut browser(), "/me").await;
        assert!(
            page.all_text().contains("has blocked this address"),
            "{}",
            page.body
        );
    }
}

/// They are told why, and are not offered a way back to where nothing is.
#[tokio::test]
async fn who_is_shut_out_is_told_so() {
    for world in worlds().await {
        world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let page = anna.get(&at(&world, "/me")).await.unwrap();
        let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
        let code = world.code(ANNA).await;
        let guest = world.guest(ANNA).await;
        actions::block_guest(&world.core, operator(), guest.id, None)
            .await
            .unwrap();
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        assert_eq!(
            page.text("h1").as_deref(),
            Some("You can't open My access"),
            "{}",
            page.body
        );
        assert!(!page.all_text().contains("Back to"), "{}", page.body);
        assert!(page.link("Use a different address").is_ok(), "{}", page.body);
    }
}

#[tokio::test]
async fn a_session_elsewhere_ends_from_here_with_all_that_apps_hold_of_it() {
    for world in worlds().await {
        let notes = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let (mut laptop, mut phone) = (browser(), browser());
        world.sign_in(&mut phone, &notes, ANNA).await;
        let tokens = holds(&mut phone, &notes).await;
        world.advance(TimeDelta::minutes(20));
        let page = enters(&world, &mut laptop, "/me").await;
        assert_eq!(
            page.texts("button")
                .iter()
                .filter(|b| *b == "Sign out there")
                .count(),
            1
        );

        let mut eve = browser();
        let forged = page.form("Sign out there").unwrap();
        let refused = eve.send(forged).await.unwrap();
        assert_ne!(
            refused.text("h1").as_deref(),
            Some("My access"),
            "a form without a session"
        );

        let page = laptop.submit(&page, "Sign out there", &[]).await.unwrap();
        assert!(!page.all_text().contains("Sign out there"), "{}", page.body);
        assert_eq!(notes.userinfo(&tokens).await.status, 401);
        let asked = phone.get(&notes.authorize(&[])).await.unwrap();
        assert!(asked.form("email").is_ok(), "the phone has to sign in again");
        let page = laptop.get(&at(&world, "/me")).await.unwrap();
        assert_eq!(page.text("h1").as_deref(), Some("My access"), "this one goes on");

        let page = laptop.submit(&page, "Sign out everywhere", &[]).await.unwrap();
        assert_eq!(page.text("h1").as_deref(), Some("You're signed out"));
        let page = laptop.get(&at(&world, "/me")).await.unwrap();
        assert_eq!(page.text("h1").as_deref(), Some("Sign in to open My access"));
    }
}

/// What cannot be taken back asks for a proof of the last minutes, and comes back to the page that was asked for.
#[tokio::test]
async fn an_app_is_given_up_with_a_fresh_code_and_the_others_stay() {
    for world in worlds().await {
        let notes = world.app("notes").await;
        let board = world
            .app_with("board", |app| app.name = "Acme Board".into())
            .await;
        world.invite(ANNA, "notes").await;
        world.invite(ANNA, "board").await;
        let mut anna = browser();
        world.sign_in(&mut anna, &notes, ANNA).await;
        let of_notes = holds(&mut anna, &notes).await;
        let (leave, away) = ("/me/apps/notes/leave", at(&world, "/me/apps/files/leave"));
        assert_eq!(
            anna.get(&away).await.unwrap().url.path(),
            "/me",
            "there is no such app"
        );
        let page = anna.get(&at(&world, leave)).await.unwrap();
        let form = page.form("Give up access").unwrap();
        world.advance(TimeDelta::minutes(15));
        let page = anna.send(form).await.unwrap();
        assert!(
            page.form("Email me a code").is_ok(),
            "the proof is too old: {}",
            page.body
        );
        assert_eq!(
            notes.userinfo(&of_notes).await.status,
            401,
            "ten minutes are over"
        );
        let (of_notes, of_board) = (holds(&mut anna, &notes).await, holds(&mut anna, &board).await);
        let page = proves_again(&world, &mut anna, leave).await;
        let page = anna.submit(&page, "Give up access", &[]).await.unwrap();
        assert_eq!(page.url.path(), "/me");
        assert!(!page.all_text().contains("Open Acme Notes"), "{}", page.body);
        assert!(page.all_text().contains("Open Acme Board"), "{}", page.body);
        assert_eq!(notes.userinfo(&of_notes).await.status, 401);
        assert_eq!(board.userinfo(&of_board).await.status, 200);
        let page = anna.get(&notes.authorize(&[])).await.unwrap();
        assert!(page.all_text().contains("has ended"), "{}", page.body);
    }
}

#[tokio::test]
async fn who_leaves_is_out_and_can_be_restored_and_who_is_deleted_cannot() {
    for world in worlds().await {
        for (data, title, text) in [
            ("keep", "You have left Acme", "deleted after 30 days"),
            ("delete", "You have left Acme", "your data is deleted"),
        ] {
            let app = world.app(data).await;
            world.invite(ANNA, data).await;
            let mut anna = browser();
            world.sign_in(&mut anna, &app, ANNA).await;
            let token = holds(&mut anna, &app).await;
            let guest = world.guest(ANNA).await.id;
            let page = anna.get(&at(&world, "/me/leave")).await.unwrap();
            let page = anna.submit(&page, "Leave", &[]).await.unwrap();
            assert_eq!(page.status, 422, "nothing is chosen beforehand");
            assert!(page.title().starts_with("Error: "), "{}", page.title());
            let page = anna.submit(&page, "Leave", &[("data", data)]).await.unwrap();
            assert_eq!(page.text("h1").as_deref(), Some(title));
            assert!(page.all_text().contains(text), "{}", page.body);
            assert_eq!(app.userinfo(&token).await.status, 401);
            let page = anna.get(&at(&world, "/me")).await.unwrap();
            assert!(page.form("email").is_ok(), "signed out: {}", page.body);
            let restored = actions::restore_guest(&world.core, operator(), guest).await;
            assert_eq!(restored.is_ok(), data == "keep", "{restored:?}");
            let reader = world.core.store.reader();
            assert_eq!(reader.guest(guest).await.unwrap().is_some(), data == "keep");
        }
        assert_eq!(world.count("guest.left").await, 2);
        assert_eq!(world.count("guest.erased").await, 1);
    }
}

#[tokio::test]
async fn a_copy_of_ones_data_holds_what_is_kept_and_no_secret() {
    for world in worlds().await {
        let notes = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        world.sign_in(&mut anna, &notes, ANNA).await;
        let page = anna.get(&at(&world, "/me/data")).await.unwrap();
        let answer = anna.submit(&page, "Download your data", &[]).await.unwrap();
        assert_eq!(answer.status, 200);
        let copy: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(copy["guest"]["email"], ANNA);
        assert_eq!(copy["guest"]["sub"], world.guest(ANNA).await.subject.as_str());
        assert_eq!(copy["access"]["assignments"][0]["app"], "Acme Notes");
        assert_eq!(copy["access"]["invitations"][0]["state"], "redeemed");
        assert_eq!(copy["sign_in"]["sessions"].as_array().unwrap().len(), 1);
        let said = copy["activity"].as_array().unwrap();
        assert_eq!(said[0]["action"], "guest.data_taken");
        assert!(said.iter().any(|event| event["action"] == "guest.signin.code.ok"));
        for secret in ["token", "hash", "credential"] {
            assert!(!answer.body.contains(&format!("\"{secret}\"")), "{secret}");
        }
    }
}

/// An upstream answers from a session of its own, and says nothing of when anybody proved themselves: it is asked anew, also by who
/// has thrown the session here away, and its word counts from then on.
#[tokio::test]
async fn an_upstream_is_asked_anew_before_anything_that_cannot_be_taken_back() {
    for world in worlds().await {
        let notes = world.app("notes").await;
        let upstream = federate(&world).await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let page = anna.get(&notes.authorize(&[])).await.unwrap();
        let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
        let link = page.link("Continue to Contoso").unwrap();
        through(&mut anna, &upstream, &link).await;
        let page = anna.get(&at(&world, "/me")).await.unwrap();
        assert!(
            page.all_text().contains("your account at Contoso"),
            "{}",
            page.body
        );

        let mut somebody = browser();
        for (who, has_session) in [(&mut anna, true), (&mut somebody, false)] {
            let mut link = at(&world, "/me/leave");
            if !has_session {
                let page = who.get(&link).await.unwrap();
                let page = who.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
                link = page.link("Continue to Contoso").unwrap().to_string();
            }
            let mut url = Url::parse(&link).unwrap();
            let there = loop {
                let hop = who.once(&url, None).await.unwrap();
                let location = hop.headers["location"].to_str().unwrap();
                let next = url.join(location).unwrap();
                if next.as_str().starts_with(&upstream.issuer) {
                    break next;
                }
                url = next;
            };
            assert_eq!(param(&there, "prompt").as_deref(), Some("login"), "{there}");
            let page = who.get(upstream.sign_in(there.as_str()).as_str()).await.unwrap();
            assert_eq!(page.url.path(), "/me/leave", "{}", page.body);
            assert!(page.form("Leave").is_ok(), "{}", page.body);
        }
        // And for so long.
        let page = anna.get(&at(&world, "/me/data")).await.unwrap();
        assert!(page.form("Download your data").is_ok(), "{}", page.body);
        world.advance(TimeDelta::minutes(15));
        let there = until_app(&mut anna, &at(&world, "/me/data"), &upstream.issuer).await;
        assert!(there.url.as_str().starts_with(&upstream.issuer), "{}", there.url);
    }
}

/// By the link of an invitation, with a second box, and back by the same link or in My access.
#[tokio::test]
async fn who_blocks_invitations_is_invited_no_more_until_they_allow_it() {
    for world in worlds().await {
        let notes = world.app("notes").await;
        world.app("board").await;
        world.invite(ANNA, "notes").await;
        world.deliver().await;
        let mail = world.inbox.to(ANNA).pop().unwrap();
        let link = mail
            .text
            .split_whitespace()
            .find(|word| word.contains("/invitation/"));
        let link = link.unwrap().to_owned();
        let again = || async {
            let invite = actions::Invite {
                email: ANNA.into(),
                app: "board".into(),
                terms: domain::invitation::InvitationTerms::by("Lee"),
                ..actions::Invite::default()
            };
            let invited = actions::invite_guest(&world.core, operator(), invite).await;
            invited.map(|_| ()).map_err(|error| error.to_string())
        };

        // A mail scanner sends every form as it is.
        let mut anna = browser();
        let page = anna.get(&format!("{link}/decline")).await.unwrap();
        let before = page.form("Decline").unwrap();
        let page = anna.submit(&page, "Decline", &[]).await.unwrap();
        assert_eq!(page.status, 422);
        // In another tab the invitation alone was declined: the second box counts all the same.
        let other_tab = before.with(&[("ticked", "yes")]);
        let declined = anna.send(other_tab).await.unwrap();
        assert!(
            !declined.all_text().contains("don't want to be invited"),
            "{}",
            declined.body
        );
        let page = anna
            .submit(&page, "Decline", &[("ticked", "yes"), ("also", "yes")])
            .await
            .unwrap();
        assert!(
            page.all_text().contains("don't want to be invited"),
            "{}",
            page.body
        );
        let refused = again().await.unwrap_err();
        assert!(
            refused.contains("does not want to be invited any more"),
            "{refused}"
        );

        let page = anna.get(&format!("{link}/allow")).await.unwrap();
        let page = anna.submit(&page, "Allow", &[]).await.unwrap();
        assert_eq!(page.status, 422);
        assert!(again().await.is_err());
        let page = anna.submit(&page, "Allow", &[("ticked", "yes")]).await.unwrap();
        assert!(
            !page.all_text().contains("don't want to be invited"),
            "{}",
            page.body
        );
        world.advance(TimeDelta::minutes(1));
        again().await.unwrap();
        world.invite(ANNA, "notes").await;
        world.sign_in(&mut anna, &notes, ANNA).await;
        let page = anna.get(&at(&world, "/me")).await.unwrap();
        let page = anna.submit(&page, "Don't invite me again", &[]).await.unwrap();
        assert!(again().await.is_err());
        anna.submit(&page, "Allow invitations again", &[]).await.unwrap();
        again().await.unwrap();
        assert_eq!(world.count("guest.invitations_blocked").await, 2);
        assert_eq!(world.count("guest.invitations_allowed").await, 2);
    }
}
