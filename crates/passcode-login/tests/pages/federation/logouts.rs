//! What a tenant says of those who signed out there (Back-Channel Logout 1.0; threat R12).

use http::StatusCode;
use serde_json::{Value, json};
use test_support::upstream::Key;
use web::routes;

use super::{Partner, partner};
use crate::world::{Browser, Page};

const PATH: &str = "/federation/contoso/backchannel-logout";

/// Signs in at the tenant, whose session there has this name.
async fn come_in(partner: &Partner, sid: &str) -> Browser {
    partner
        .upstream
        .behave(|upstream| upstream.claims = json!({ "sid": sid }));
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    let page = partner.round(&mut browser, id).await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    browser
}

async fn tell(partner: &Partner, over: &Value) -> Page {
    let token = partner.upstream.logout_token(over);
    let mut upstream = partner.world.browser();
    upstream.post(PATH, &[("logout_token", &token)]).await
}

/// How many of these browsers are still signed in.
async fn signed_in(partner: &Partner, browsers: &[&Browser]) -> usize {
    let world = &partner.world;
    let mut count = 0;
    for browser in browsers {
        let secret = domain::Secret::presented(browser.cookies["__Host-vestibule-session"].clone());
        let found = world.core.store.reader().session_by_token(&secret.hash()).await;
        let (session, _) = found.unwrap().unwrap();
        count += usize::from(session.is_live(world.now()));
    }
    count
}

#[tokio::test]
async fn a_session_that_is_named_ends_and_no_other() {
    for partner in Partner::each().await {
        let (one, two) = (come_in(&partner, "s-1").await, come_in(&partner, "s-2").await);
        let told = tell(&partner, &json!({ "sid": "s-1" })).await;
        assert_eq!(told.status, StatusCode::OK, "{}", told.body);
        assert_eq!(told.headers["cache-control"], "no-store");
        assert_eq!(signed_in(&partner, &[&one]).await, 0);
        assert_eq!(signed_in(&partner, &[&two]).await, 1);
        let ended = &partner.world.events("session.ended").await[0];
        assert_eq!(ended.reason.as_deref(), Some("signed_out_upstream"));
        assert!(ended.details.contains("contoso"), "{}", ended.details);
    }
}

#[tokio::test]
async fn without_a_session_all_of_the_account_end() {
    let partner = partner().await;
    let (one, two) = (come_in(&partner, "s-1").await, come_in(&partner, "s-2").await);
    assert_eq!(
        tell(&partner, &json!({ "sub": "bob-9" })).await.status,
        StatusCode::OK
    );
    assert_eq!(signed_in(&partner, &[&one, &two]).await, 2, "bob is nobody here");
    assert_eq!(
        tell(&partner, &json!({ "jti": "another" })).await.status,
        StatusCode::OK
    );
    assert_eq!(signed_in(&partner, &[&one, &two]).await, 0);
}

/// A token that was kept does not end the next session.
#[tokio::test]
async fn a_token_counts_once() {
    let partner = partner().await;
    let first = come_in(&partner, "s-1").await;
    let token = partner.upstream.logout_token(&json!({}));
    let mut upstream = partner.world.browser();
    let told = upstream.post(PATH, &[("logout_token", &token)]).await;
    assert_eq!(told.status, StatusCode::OK, "{}", told.body);
    let second = come_in(&partner, "s-2").await;
    let again = upstream.post(PATH, &[("logout_token", &token)]).await;
    assert_eq!(
        again.status,
        StatusCode::OK,
        "whose answer was lost may ask again"
    );
    assert_eq!(signed_in(&partner, &[&first]).await, 0);
    assert_eq!(signed_in(&partner, &[&second]).await, 1);
}

#[tokio::test]
async fn tokens_that_are_not_believed_end_nothing() {
    let partner = partner().await;
    let anna = come_in(&partner, "s-1").await;
    for over in [
        json!({ "iss": "https://login.elsewhere.test" }),
        json!({ "aud": "others" }),
        json!({ "nonce": "n" }),
        json!({ "events": {} }),
        json!({ "iat": 1, "exp": 2 }),
    ] {
        let told = tell(&partner, &over).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{over}: {}", told.body);
        assert!(told.body.contains("invalid_request"), "{}", told.body);
    }
    // Signed by a stranger, or changed afterwards.
    partner.upstream.behave(|upstream| upstream.key = Key::Second);
    assert_eq!(tell(&partner, &json!({})).await.status, StatusCode::BAD_REQUEST);
    partner.upstream.behave(|upstream| upstream.key = Key::First);
    let good = partner.upstream.logout_token(&json!({}));
    let (_, signature) = good.rsplit_once('.').unwrap();
    let other = partner.upstream.logout_token(&json!({ "sub": "bob-9" }));
    let (message, _) = other.rsplit_once('.').unwrap();
    let mut upstream = partner.world.browser();
    for fields in [
        vec![("logout_token", format!("{message}.{signature}"))],
        vec![("logout_token", String::new())],
        vec![("logout_token", good.clone()), ("logout_token", good.clone())],
        vec![],
    ] {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
        let told = upstream.post(PATH, &fields).await;
        assert_eq!(told.status, StatusCode::BAD_REQUEST, "{}", told.body);
    }
    let nobody = upstream
        .post(
            "/federation/nobody/backchannel-logout",
            &[("logout_token", &good)],
        )
        .await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    assert_eq!(signed_in(&partner, &[&anna]).await, 1);
}
