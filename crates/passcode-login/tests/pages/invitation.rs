//! The page behind an invitation's link.

use chrono::TimeDelta;
use domain::{
    Id, Secret,
    access::{Access, AccessRefusal},
    invitation::{Invitation, InvitationState},
};
use http::{Method, StatusCode};
use web::routes;

use crate::world::{ANNA, World};

async fn invitation(world: &World) -> (Invitation, String) {
    let reader = world.core.store.reader();
    let found = reader
        .newest_invitation(world.guest.id, world.app.id)
        .await
        .unwrap()
        .unwrap();
    let token = store::invitation_token(world.core.store.master_keys(), found.id);
    (found, routes::invitation(&token))
}

async fn change(world: &World, id: Id<Invitation>, redeem: bool) {
    let tx = world.core.store.begin().await.unwrap();
    if redeem {
        assert!(tx.redeem_invitation(id, world.now()).await.unwrap().is_some());
    } else {
        assert!(tx.revoke_invitation(id, world.now()).await.unwrap());
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn says_who_invited_to_what_until_when_and_leads_to_the_app() {
    let world = World::new().await;
    let (_, path) = invitation(&world).await;
    let mut anna = world.browser();
    anna.cookies.clear();
    let before = world.writes();
    // Scanners open every link, and try what else it takes.
    for method in [Method::GET, Method::HEAD, Method::GET] {
        anna.send(method, &path, None, &[]).await;
    }
    assert_eq!(anna.post(&path, &[]).await.status, StatusCode::METHOD_NOT_ALLOWED);
    let page = anna.get(&path).await;
    assert_eq!(world.writes(), before, "nothing changed");
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.title(), "Invitation to Acme Notes – Acme");
    assert_eq!(page.text("h1"), "Lee invited you to “Q3 kickoff notes”");
    let main = page.text("main");
    for says in [
        "This invitation is for a•••@c•••.test.",
        "You can accept it until 31 March 2027.",
        "Lee writes: Here are yesterday's notes.",
        "You don't need a password.",
    ] {
        assert!(main.contains(says), "{main}");
    }
    assert!(
        page.forms().is_empty(),
        "there is no form that a scanner could send"
    );
    let token = path.rsplit('/').next().unwrap();
    let link = format!(
        "https://notes.example/?iss=https%3A%2F%2Flogin.acme.example&login_hint=invitation%3A{token}"
    );
    assert_eq!(page.attribute("main a", "href"), Some(link));
    assert!(
        !page.body.contains("anna"),
        "the link may have been forwarded: {}",
        page.body
    );
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.set_cookie("").is_none(), "it sets no cookie");
}

#[tokio::test]
async fn a_guest_turns_it_down_and_no_scanner_does() {
    for world in World::on_each().await {
        let (found, path) = invitation(&world).await;
        let mut anna = world.browser();
        anna.cookies.clear();
        let page = anna.get(&path).await;
        let decline = format!("{path}/decline");
        assert_eq!(
            page.attribute("main a.tap", "href").as_deref(),
            Some(decline.as_str())
        );
        let before = world.writes();
        let page = anna.get(&decline).await;
        assert_eq!(page.text("h1"), "Decline this invitation");
        assert!(
            page.text("main").contains("Lee invited you to Acme Notes."),
            "{}",
            page.text("main")
        );
        let csrf = page.attribute("input[name=csrf]", "value").unwrap();
        // As a scanner sends it: the box is not ticked.
        let page = anna.post(&decline, &[("csrf", &csrf)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(page.title(), "Error: Decline this invitation – Acme");
        assert_eq!(
            page.attribute("[role=alert] a", "href").as_deref(),
            Some("#ticked")
        );
        let forged = anna
            .post(&decline, &[("csrf", "made-up"), ("ticked", "yes")])
            .await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        assert_eq!(world.writes(), before, "nothing changed");

        let page = anna.post(&decline, &[("csrf", &csrf), ("ticked", "yes")]).await;
        assert_eq!(
            (page.status, page.header("location")),
            (StatusCode::SEE_OTHER, path.as_str())
        );
        let page = anna.get(&path).await;
        assert_eq!(page.text("h1"), "You declined this invitation");
        assert!(page.text("main").contains("Ask Lee for a new invitation."));
        assert!(!page.has("main a"), "it leads nowhere any more");
        let reader = world.core.store.reader();
        let declined = reader.invitation(found.id).await.unwrap().unwrap();
        assert_eq!(declined.state, InvitationState::Declined);
        let access = reader
            .access_of(world.app.id, &world.guest, world.now())
            .await
            .unwrap();
        assert_eq!(access, Access::Refuse(AccessRefusal::NotInvited));
        assert_eq!(world.events("invitation.declined").await.len(), 1);

        // Once more, and too late.
        let again = anna.post(&decline, &[("csrf", &csrf), ("ticked", "yes")]).await;
        assert_eq!(again.status, StatusCode::SEE_OTHER);
        assert_eq!(anna.get(&decline).await.header("location"), path);
        assert_eq!(world.events("invitation.declined").await.len(), 1);
    }
}

#[tokio::test]
async fn what_was_accepted_or_is_over_is_not_turned_down() {
    let world = World::new().await;
    let (found, path) = invitation(&world).await;
    let decline = format!("{path}/decline");
    let mut anna = world.browser();
    let csrf = anna
        .get(&decline)
        .await
        .attribute("input[name=csrf]", "value")
        .unwrap();
    change(&world, found.id, true).await;
    let page = anna.post(&decline, &[("csrf", &csrf), ("ticked", "yes")]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let page = anna.get(&path).await;
    assert!(
        page.text("main")
            .contains("You have already accepted this invitation.")
    );
    assert!(!page.has("main a.tap"));
    let unknown = routes::decline_invitation(&Secret::presented("x"));
    assert_eq!(anna.get(&unknown).await.status, StatusCode::NOT_FOUND);
    assert_eq!(anna.post(&unknown, &[]).await.status, StatusCode::NOT_FOUND);
    assert_eq!(world.events("invitation.declined").await.len(), 0);
}

#[tokio::test]
async fn what_is_over_is_explained() {
    let world = World::new().await;
    let (found, path) = invitation(&world).await;
    let mut anna = world.browser();
    world.advance(TimeDelta::days(30) - TimeDelta::milliseconds(1));
    assert!(anna.get(&path).await.has("main a.button"));
    world.advance(TimeDelta::milliseconds(1));
    let page = anna.get(&path).await;
    assert_eq!(page.text("h1"), "This invitation has expired");
    assert!(
        page.text("main")
            .contains("The invitation ended on 31 March 2027. Ask Lee for a new invitation.")
    );
    assert_eq!(page.text("main a"), "Ask for a new invitation");
    change(&world, found.id, false).await;
    let page = anna.get(&path).await;
    assert_eq!(page.text("h1"), "This invitation was cancelled");
}

#[tokio::test]
async fn another_invitation_is_asked_for_in_place_of_one_that_expired() {
    for world in World::on_each().await {
        let (_, path) = invitation(&world).await;
        let again = format!("{path}/ask-again");
        let mut anna = world.browser();
        anna.cookies.clear();
        assert_eq!(anna.get(&again).await.header("location"), path, "it is open");
        world.advance(TimeDelta::days(30));
        let page = anna.get(&path).await;
        assert_eq!(
            page.attribute("main a.button", "href").as_deref(),
            Some(again.as_str())
        );
        let page = anna.get(&again).await;
        let csrf = page.attribute("input[name=csrf]", "value").unwrap();
        let before = world.writes();
        // As a scanner sends it: the box is not ticked.
        let page = anna.post(&again, &[("csrf", &csrf)]).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
        let forged = anna.post(&again, &[("csrf", "made-up"), ("ticked", "yes")]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        assert_eq!(world.writes(), before, "nothing changed");

        for _ in 0..2 {
            let page = anna.post(&again, &[("csrf", &csrf), ("ticked", "yes")]).await;
            assert_eq!(page.header("location"), path);
        }
        let page = anna.get(&path).await;
        assert!(
            page.text("main")
                .contains("You asked for a new one on 31 March 2027."),
            "{}",
            page.text("main")
        );
        let newest = world
            .core
            .store
            .reader()
            .newest_access_request(world.guest.id, world.app.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!(
            (newest.asked_of.as_str(), newest.proven),
            ("lee@acme.test", false),
            "the inviter is asked, and told that nobody has proven anything"
        );
        let event = &world.events("access.requested").await;
        assert_eq!((event.len(), event[0].actor_kind.as_str()), (1, "visitor"));
        let token = world
            .core
            .store
            .reader()
            .token_of_access_request(newest.id)
            .await
            .unwrap()
            .unwrap();
        let page = world.browser().get(&routes::access_request(&token)).await;
        assert!(page.text("main").contains("Whoever has the invitation"));
    }
}

#[tokio::test]
async fn who_has_accepted_is_still_shown_the_way() {
    let world = World::new().await;
    let (found, path) = invitation(&world).await;
    change(&world, found.id, true).await;
    let page = world.browser().get(&path).await;
    assert!(
        page.text("main")
            .contains("You have already accepted this invitation.")
    );
    assert!(page.has("main a.button"));
}

#[tokio::test]
async fn a_link_that_is_not_complete() {
    let world = World::new().await;
    let (_, path) = invitation(&world).await;
    let mut anna = world.browser();
    for path in [
        path[..path.len() - 1].to_owned(),
        routes::invitation(&Secret::presented("x")),
    ] {
        let page = anna.get(&path).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND);
        assert_eq!(page.text("h1"), "We don't know this invitation");
        assert!(!page.body.contains(ANNA));
    }
}

#[tokio::test]
async fn an_app_without_a_front_page_is_named() {
    let world = World::with(|_| (), |app| app.home = None).await;
    let (_, path) = invitation(&world).await;
    let page = world.browser().get(&path).await;
    assert!(
        page.text("main")
            .contains("Open Acme Notes in your browser, and sign in with that address.")
    );
    assert!(!page.has("main a.button"));
}

#[tokio::test]
async fn speaks_the_invitations_language_unless_the_visitor_chose_another() {
    let world = World::new().await;
    let (mut found, _) = invitation(&world).await;
    found.id = test_support::samples::id();
    found.terms.language = Some("de".into());
    let token = store::invitation_token(world.core.store.master_keys(), found.id);
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_invitation(&found, &token.hash()).await.unwrap();
    tx.commit().await.unwrap();
    let path = routes::invitation(&token);
    let mut anna = world.browser();
    anna.language = Some("en-GB");
    let page = anna.get(&path).await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("de"));
    assert_eq!(page.text("h1"), "Lee hat Sie zu „Q3 kickoff notes“ eingeladen");
    let page = anna.get(&format!("{path}?ui_locales=en")).await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("en"));
}
