//! Round trips that operators try out: everything as for a guest, and no session begins.

use chrono::TimeDelta;
use domain::{
    EmailAddress, Id, Secret,
    upstream::{TEST_FOR, TestSignIn},
};
use http::StatusCode;
use serde_json::json;
use test_support::samples;
use web::routes;

use super::Partner;
use crate::{
    html::Page,
    world::{ANNA, Browser},
};

/// The link of a try as `email`.
async fn try_as(partner: &Partner, email: EmailAddress) -> Secret {
    let core = &partner.world.core;
    let token = samples::secret();
    let test = TestSignIn {
        id: Id::new(core.now(), &*core.entropy),
        upstream: partner.tenant.id,
        email,
        by: "lee".into(),
        expires_at: core.now() + TEST_FOR,
    };
    let tx = core.store.begin().await.unwrap();
    tx.insert_test_sign_in(&test, &token.hash()).await.unwrap();
    tx.commit().await.unwrap();
    token
}

async fn away(browser: &mut Browser, token: &Secret) -> String {
    let page = browser.get(&routes::test_sign_in(token)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.text("main").contains("Nobody is signed in"), "{}", page.body);
    browser.get(&routes::test_sign_in_away(token)).await.goes_to()
}

async fn round(partner: &Partner, browser: &mut Browser, token: &Secret) -> Page {
    let url = away(browser, token).await;
    partner.arrive(browser, &partner.upstream.sign_in(&url)).await
}

#[tokio::test]
async fn a_try_shows_what_came_back_and_signs_nobody_in() {
    for partner in Partner::each().await {
        let world = &partner.world;
        let before = world
            .core
            .store
            .reader()
            .guests(&store::GuestFilter::default())
            .await
            .unwrap();
        let mut browser = world.browser();
        let token = try_as(&partner, samples::email(ANNA)).await;
        let page = round(&partner, &mut browser, &token).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let said = page.text("main");
        for words in [
            "It worked",
            "would have come in",
            partner.upstream.issuer.as_str(),
            "Subject",
        ] {
            assert!(said.contains(words), "{words}: {said}");
        }
        assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
        let after = world
            .core
            .store
            .reader()
            .guests(&store::GuestFilter::default())
            .await
            .unwrap();
        assert_eq!(before, after, "no method sticks, nobody is added");
        assert_eq!(world.count("guest.account.linked").await, 0);
        assert_eq!(world.count("upstream.tested").await, 1);

        let other = try_as(&partner, samples::email("bob@contoso.test")).await;
        let page = round(&partner, &mut browser, &other).await;
        assert!(
            page.text("main").contains("belongs to another address"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn what_does_not_fit_is_said_in_words() {
    let partner = super::partner().await;
    let mut browser = partner.world.browser();
    let token = try_as(&partner, samples::email(ANNA)).await;
    let url = away(&mut browser, &token).await;
    let back = partner.upstream.sign_in(&url);
    partner
        .upstream
        .behave(|upstream| upstream.token_error = Some("invalid_client"));
    let page = partner.arrive(&mut browser, &back).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.body);
    assert!(page.text("main").contains("invalid_client"), "{}", page.body);
    assert_eq!(partner.world.count("upstream.tested").await, 1);
}

/// A UserInfo that failed is named, whether or not an address was missing for it.
#[tokio::test]
async fn a_user_info_that_fails_is_shown() {
    let partner = super::partner().await;
    partner.upstream.behave(|upstream| {
        upstream.claims = json!({ "email": null, "email_verified": null });
        upstream.user_info_fails_with = Some(403);
    });
    let mut browser = partner.world.browser();
    let token = try_as(&partner, samples::email(ANNA)).await;
    let page = round(&partner, &mut browser, &token).await;
    let said = page.text("main");
    for words in ["says no address", "UserInfo failed", "403"] {
        assert!(said.contains(words), "{words}: {said}");
    }
    let events = partner.world.events("upstream.tested").await;
    assert_eq!(events[0].reason.as_deref(), Some("misconfigured"));
}

#[tokio::test]
async fn an_answer_counts_once_in_its_own_browser_and_in_time() {
    for partner in Partner::each().await {
        let world = &partner.world;
        let (mut browser, mut other) = (world.browser(), world.browser());
        let token = try_as(&partner, samples::email(ANNA)).await;
        away(&mut other, &token).await;
        let url = away(&mut browser, &token).await;
        let back = partner.upstream.sign_in(&url);
        let page = partner.arrive(&mut other, &back).await;
        assert!(
            !page.text("main").contains("Subject"),
            "another browser's: {}",
            page.body
        );
        let page = partner.arrive(&mut browser, &back).await;
        assert!(page.text("main").contains("Subject"), "{}", page.body);
        let page = partner.arrive(&mut browser, &back).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "once: {}", page.body);

        let url = away(&mut browser, &token).await;
        let back = partner.upstream.sign_in(&url);
        world.advance(TEST_FOR + TimeDelta::seconds(1));
        let page = partner.arrive(&mut browser, &back).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "too late: {}", page.body);
        let page = browser.get(&routes::test_sign_in(&token)).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{}", page.body);
    }
}

/// What was begun as a try never ends as a sign-in, and the other way round.
#[tokio::test]
async fn a_try_and_a_sign_in_do_not_mix() {
    let partner = super::partner().await;
    let world = &partner.world;
    let mut browser = world.browser();
    let id = browser.begin(world).await;
    let token = try_as(&partner, samples::email(ANNA)).await;
    let tried = away(&mut browser, &token).await;
    let left = partner.leave(&mut browser, id).await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&tried))
        .await;
    assert!(page.text("main").contains("Subject"), "{}", page.body);
    assert_eq!(world.count("session.started").await, 0);
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&left))
        .await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    assert_eq!(world.count("upstream.tested").await, 1);
}
