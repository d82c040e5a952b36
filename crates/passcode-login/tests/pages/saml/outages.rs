//! Identity providers that say no, nothing, or something else than they should.

use chrono::TimeDelta;
use http::StatusCode;
use test_support::saml::{Pair, Response};
use web::routes;

use super::{Partner, back};

#[tokio::test]
async fn an_identity_provider_says_no() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let name = "urn:oasis:names:tc:SAML:2.0:status:";
    let table: [(fn(&mut Response), _, _, _); 3] = [
        (
            |response| {
                response.status = (
                    "urn:oasis:names:tc:SAML:2.0:status:Responder".into(),
                    Some("urn:oasis:names:tc:SAML:2.0:status:AuthnFailed".into()),
                );
            },
            StatusCode::FORBIDDEN,
            "You weren't signed in at Contoso",
            "refused",
        ),
        (
            |response| response.status = ("urn:oasis:names:tc:SAML:2.0:status:Responder".into(), None),
            StatusCode::SERVICE_UNAVAILABLE,
            "can't be reached",
            "busy",
        ),
        (
            |response| response.status = ("urn:oasis:names:tc:SAML:2.0:status:Requester".into(), None),
            StatusCode::BAD_GATEWAY,
            "didn't work",
            "misconfigured",
        ),
    ];
    for (change, status, says, reason) in table {
        partner.upstream.behave(|upstream| upstream.response = change);
        let page = partner.round(&mut browser, id).await;
        assert_eq!(page.status, status, "{reason}: {}", page.body);
        assert!(
            page.text("main").contains(says),
            "{reason}: {}",
            page.text("main")
        );
        assert_eq!(partner.reason().await, reason);
        assert!(!page.body.contains(name), "{reason}: not a word for a guest");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_believed_signs_nobody_in() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    for forge in [
        (|message: String| message.replace("anna-1", "boss-1")) as fn(String) -> String,
        |message| message.replace("<saml:Conditions", "<!-- --><saml:Conditions"),
        |_| "no XML".into(),
    ] {
        partner.upstream.behave(|upstream| upstream.forge = forge);
        let page = partner.round(&mut browser, id).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.body);
        assert_eq!(partner.reason().await, "invalid_answer");
    }
    assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
    let guest = partner.world.stored_guest().await;
    assert_eq!(guest.method, None, "nothing sticks");
}

/// A new key is found by asking again, a stranger's is not, and the provider is not asked without end.
#[tokio::test]
async fn keys_change_and_the_metadata_is_kept() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    assert_eq!(
        partner.round(&mut browser, id).await.goes_to(),
        routes::resume(id)
    );
    assert_eq!(partner.upstream.asked(), 1, "once for there and back");
    // It signs with a key that it does not publish.
    partner.upstream.behave(|upstream| upstream.key = Pair::second());
    let mut another = partner.world.browser();
    let id = partner.begin(&mut another).await;
    let page = partner.round(&mut another, id).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.body);
    assert_eq!(partner.upstream.asked(), 2, "an unknown key asks at once");
    // Now it publishes both.
    partner
        .upstream
        .behave(|upstream| upstream.published = vec![Pair::first(), Pair::second()]);
    partner.world.clock.advance(TimeDelta::seconds(10));
    let mut third = partner.world.browser();
    let id = partner.begin(&mut third).await;
    assert_eq!(partner.round(&mut third, id).await.goes_to(), routes::resume(id));
    assert_eq!(partner.upstream.asked(), 3);
}

#[tokio::test]
async fn metadata_that_cannot_be_fetched_is_kept_for_a_day() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let posted = partner.there(&mut browser, id).await;
    partner
        .upstream
        .behave(|upstream| upstream.fails_with = Some(503));
    assert_eq!(back(&mut browser, &posted).await.goes_to(), routes::resume(id));
    for (hours, status) in [(23, StatusCode::SEE_OTHER), (2, StatusCode::SERVICE_UNAVAILABLE)] {
        partner.world.clock.advance(TimeDelta::hours(hours));
        let mut another = partner.world.browser();
        let id = partner.begin(&mut another).await;
        let page = another.get(&routes::away(id)).await;
        assert_eq!(page.status, status, "{hours}: {}", page.body);
    }
    assert_eq!(partner.reason().await, "unreachable");
}
