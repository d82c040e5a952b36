//! ID tokens that break a rule.

use http::StatusCode;
use serde_json::{Value, json};
use test_support::upstream::Key;
use web::routes;

use super::{Partner, partner, reason};

/// R01, R09, O10: each breaks one rule of Core §3.1.3.7.
#[tokio::test]
async fn tokens_that_break_a_rule() {
    let partner = partner().await;
    let now = partner.world.now().timestamp();
    let claims: Vec<Value> = vec![
        json!({ "iss": "https://login.elsewhere.test" }),
        json!({ "iss": null }),
        json!({ "aud": "mallory" }),
        json!({ "aud": ["acme", "mallory"] }),
        json!({ "aud": ["acme", "mallory"], "azp": "acme" }),
        json!({ "aud": null }),
        json!({ "azp": "mallory" }),
        json!({ "nonce": "mallory" }),
        json!({ "nonce": null }),
        json!({ "exp": now - 61 }),
        json!({ "exp": null }),
        json!({ "exp": (now + 300).to_string() }),
        json!({ "iat": now + 120 }),
        json!({ "iat": null }),
        json!({ "nbf": now + 120 }),
        json!({ "nbf": "now" }),
        json!({ "sub": null }),
        json!({ "sub": 7 }),
        json!({ "sub": "" }),
        json!({ "auth_time": "now" }),
        json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
    ];
    for claims in claims {
        partner
            .upstream
            .behave(|upstream| upstream.claims = claims.clone());
        refused(&partner, &claims.to_string()).await;
    }
    partner.upstream.behave(|upstream| upstream.claims = json!({}));
    for header in [
        json!({ "alg": "none" }),
        json!({ "alg": "HS256" }),
        json!({ "alg": "RS256" }),
        json!({ "kid": "unknown" }),
        json!({ "crit": ["x"], "x": 1 }),
        json!({ "typ": "at+jwt" }),
    ] {
        partner
            .upstream
            .behave(|upstream| upstream.header = header.clone());
        refused(&partner, &header.to_string()).await;
    }
    partner.upstream.behave(|upstream| upstream.header = json!({}));
    partner.upstream.behave(|upstream| upstream.key = Key::Second);
    refused(&partner, "signed with a key that is not published").await;
    // Its name says that it is the published one.
    partner
        .upstream
        .behave(|upstream| upstream.header = json!({ "kid": "first" }));
    refused(&partner, "signed with another key under the name").await;
    partner.upstream.behave(|upstream| {
        upstream.key = Key::First;
        upstream.header = json!({});
    });
    let forgeries: [fn(String) -> String; 5] = [
        |token| {
            token
                .rsplit_once('.')
                .map(|(open, _)| format!("{open}."))
                .unwrap_or_default()
        },
        |token| token.replacen('.', "..", 1),
        |token| format!("{token}.{token}"),
        |_| String::new(),
        |_| "a.b.c".into(),
    ];
    for forge in forgeries {
        partner.upstream.behave(|upstream| upstream.forge = forge);
        refused(&partner, "a forged token").await;
    }
    // And after all of that one that keeps the rules is taken.
    partner.upstream.behave(|upstream| upstream.forge = |token| token);
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    assert_eq!(
        partner.round(&mut browser, id).await.goes_to(),
        routes::resume(id)
    );
}

async fn refused(partner: &Partner, what: &str) {
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    let page = partner.round(&mut browser, id).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{what}: {}", page.body);
    assert!(page.text("main").contains("This isn't your fault"), "{what}");
    assert_eq!(reason(partner).await, "invalid_answer", "{what}");
    let event = &partner.world.events("guest.signin.federation.failed").await[0];
    for secret in ["eyJ", "code-", "hunter2", "an-access-token"] {
        assert!(!event.details.contains(secret), "{what}: {}", event.details);
    }
    assert!(
        !browser.cookies.contains_key("__Host-vestibule-session"),
        "{what}"
    );
}
