//! A domain that is federated later: guests who came by code stay with it, are offered the move, and prove both.

use chrono::TimeDelta;
use domain::{Id, guest::Guest, method::Method, sign_in::SignIn};
use http::StatusCode;
use method_resolution::Moving;
use serde_json::json;
use test_support::samples;
use web::routes;

use super::{Partner, says};
use crate::world::{ANNA, Browser, Page, World};

/// A guest who redeemed by code before the domain was federated.
async fn later_federated(moving: Moving) -> Vec<Partner> {
    let mut partners = Vec::new();
    for world in World::on_each_with(|settings| settings.resolution.usual.moving = moving).await {
        world.browser().come_in(&world, ANNA).await;
        world.advance(TimeDelta::hours(25));
        partners.push(Partner::of(world).await);
    }
    partners
}

/// Signed in by code, at the page with the offer.
async fn offered(partner: &Partner, browser: &mut Browser) -> (Id<SignIn>, Page) {
    let id = browser.come_in(&partner.world, ANNA).await;
    let page = browser.get(&routes::offer(id)).await;
    (id, page)
}

async fn guest(partner: &Partner) -> Guest {
    partner.world.stored_guest().await
}

#[tokio::test]
async fn a_guest_moves_and_stays_who_they_are() {
    for partner in later_federated(Moving::Offer).await {
        let world = &partner.world;
        let before = guest(&partner).await;
        assert_eq!(before.method, Some(Method::Passcode), "nobody is moved silently");
        let mut elsewhere = world.browser();
        elsewhere.come_in(world, ANNA).await;

        world.advance(TimeDelta::minutes(2));
        let mut browser = world.browser();
        let (id, page) = offered(&partner, &mut browser).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(
            page.text("main").contains("Use Contoso from now on"),
            "{}",
            page.body
        );
        let old_session = world.session_of(&browser).await;

        let url = partner.away(&mut browser, id).await;
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        let after = guest(&partner).await;
        assert_eq!(after.method, Some(partner.tenant.method()));
        assert_eq!(after.subject, before.subject);
        assert_eq!(after.redeemed_at, before.redeemed_at);
        assert_ne!(world.session_of(&browser).await, old_session);
        let session = elsewhere.cookies["__Host-vestibule-session"].clone();
        let found = world
            .core
            .store
            .reader()
            .session_by_token(&domain::Secret::presented(session).hash())
            .await
            .unwrap();
        assert!(
            found.is_none_or(|(session, _)| !session.is_live(world.now())),
            "sessions end"
        );
        let tx = world.core.store.begin().await.unwrap();
        let claimed = tx.claim_mail(world.now(), TimeDelta::minutes(1), 100, None).await;
        let mails = claimed.unwrap();
        drop(tx);
        let told = store::MailKind::MethodChanged {
            guest: after.id,
            change: store::MethodChange::Moved,
        };
        assert!(
            mails.iter().any(|mail| mail.kind == told),
            "she is told: {mails:?}"
        );
        let moved = &world.events("guest.method.moved").await[0];
        assert!(
            moved.details.contains(r#""from":"passcode""#),
            "{}",
            moved.details
        );

        // From now on there are no codes for her.
        let mut tomorrow = world.browser();
        let id = tomorrow.begin(world).await;
        let codes = world.count("guest.signin.code.requested").await;
        assert_eq!(
            partner.round(&mut tomorrow, id).await.goes_to(),
            routes::resume(id)
        );
        assert_eq!(world.count("guest.signin.code.requested").await, codes);
        // And nothing is offered.
        tomorrow.get(&routes::offer(id)).await.assert_answered();
    }
}

#[tokio::test]
async fn a_guest_keeps_codes_this_time_and_is_asked_again_the_next() {
    for partner in later_federated(Moving::Offer).await {
        let world = &partner.world;
        let mut browser = world.browser();
        let (id, page) = offered(&partner, &mut browser).await;
        let answer = browser.submit(&page, "Use a code this time", &[]).await;
        assert_eq!(answer.goes_to(), routes::resume(id));
        assert!(world.said(id).await.keeps_method);
        let page = browser.get(&routes::offer(id)).await;
        assert_eq!(page.goes_to(), routes::resume(id), "not again in this sign-in");
        assert_eq!(guest(&partner).await.method, Some(Method::Passcode));

        world.advance(TimeDelta::hours(25));
        let mut next = world.browser();
        let (_, page) = offered(&partner, &mut next).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    }
}

#[tokio::test]
async fn the_policy_keeps_offers_or_requires() {
    for partner in later_federated(Moving::Keep).await {
        let mut browser = partner.world.browser();
        let (_, kept) = offered(&partner, &mut browser).await;
        kept.assert_answered();
    }
    for partner in later_federated(Moving::RequireFrom(samples::now())).await {
        let mut browser = partner.world.browser();
        let (id, page) = offered(&partner, &mut browser).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        assert!(!page.body.contains("Use a code this time"), "{}", page.body);
        // Declining all the same changes nothing.
        let csrf = browser.csrf(id);
        browser.post(&routes::offer(id), &[("csrf", &csrf)]).await;
        assert_eq!(browser.get(&routes::offer(id)).await.status, StatusCode::OK);
    }
}

/// Who has proven a code is never locked out by an offer.
#[tokio::test]
async fn a_move_that_fails_leads_back_to_the_code() {
    type Fails = fn(&mut test_support::upstream::Behaviour);
    let fails: [(&str, Fails); 2] = [
        ("down", |upstream| upstream.token_fails_with = Some(503)),
        ("another account", |upstream| {
            upstream.claims = json!({ "email": "bob@contoso.test" });
        }),
    ];
    for (what, fails) in fails {
        for partner in later_federated(Moving::Offer).await {
            let mut browser = partner.world.browser();
            let (id, _) = offered(&partner, &mut browser).await;
            partner.upstream.behave(fails);
            let url = partner.away(&mut browser, id).await;
            let page = partner
                .arrive(&mut browser, &partner.upstream.sign_in(&url))
                .await;
            keeps_the_code(&partner, &mut browser, id, &page, what).await;
        }
    }
    for partner in later_federated(Moving::Offer).await {
        let mut browser = partner.world.browser();
        let (id, _) = offered(&partner, &mut browser).await;
        let url = partner.away(&mut browser, id).await;
        let mut cancelled = partner.upstream.sign_in(&url);
        let state = cancelled.query_pairs().find(|(name, _)| name == "state");
        let query = format!(
            "error=access_denied&state={}&iss={}",
            state.unwrap().1,
            urlencoding(&partner.upstream.issuer)
        );
        cancelled.set_query(Some(&query));
        let page = partner.arrive(&mut browser, &cancelled).await;
        keeps_the_code(&partner, &mut browser, id, &page, "cancelled").await;
    }
    // Where moving is a must, there is no way back to codes.
    for partner in later_federated(Moving::RequireFrom(samples::now())).await {
        let mut browser = partner.world.browser();
        let (id, _) = offered(&partner, &mut browser).await;
        partner
            .upstream
            .behave(|upstream| upstream.token_fails_with = Some(503));
        let url = partner.away(&mut browser, id).await;
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert!(!page.body.contains("Use a code this time"), "{}", page.body);
    }
}

fn urlencoding(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn keeps_the_code(partner: &Partner, browser: &mut Browser, id: Id<SignIn>, page: &Page, what: &str) {
    assert!(
        page.status.is_client_error() || page.status.is_server_error(),
        "{what}"
    );
    let answer = browser.submit(page, "Use a code this time", &[]).await;
    assert_eq!(answer.goes_to(), routes::resume(id), "{what}: {}", answer.body);
    assert!(partner.world.said(id).await.keeps_method, "{what}");
    assert_eq!(guest(partner).await.method, Some(Method::Passcode), "{what}");
}

#[tokio::test]
async fn one_proof_is_not_two() {
    for partner in later_federated(Moving::Offer).await {
        let world = &partner.world;
        // Without the code the guest does not get to the tenant: they are held to codes.
        let mut browser = world.browser();
        let id = browser
            .begin_with(world, |sign_in| sign_in.email = Some(samples::email(ANNA)))
            .await;
        assert_eq!(browser.get(&routes::away(id)).await.goes_to(), routes::send(id));

        // With the code of another browser neither.
        let mut proven = world.browser();
        let (id, _) = offered(&partner, &mut proven).await;
        let url = partner.away(&mut proven, id).await;
        let back = partner.upstream.sign_in(&url);
        let mut signed_out = proven.clone();
        signed_out.cookies.remove("__Host-vestibule-session");
        let page = partner.arrive(&mut signed_out, &back).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        assert_eq!(guest(&partner).await.method, Some(Method::Passcode));

        // Another person's account moves no guest, and the code's session goes on.
        partner
            .upstream
            .behave(|upstream| upstream.claims = json!({ "email": "bob@contoso.test" }));
        let url = partner.away(&mut proven, id).await;
        let page = partner.arrive(&mut proven, &partner.upstream.sign_in(&url)).await;
        says(&page, StatusCode::FORBIDDEN, "a different account");
        assert!(
            page.text("main").contains("Use a code this time"),
            "{}",
            page.body
        );
        assert_eq!(guest(&partner).await.method, Some(Method::Passcode));
        assert_eq!(proven.get(&routes::offer(id)).await.status, StatusCode::OK);
        assert_eq!(world.count("guest.method.moved").await, 0);
    }
}
