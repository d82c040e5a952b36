//! Tenants that say no, or nothing.

use chrono::TimeDelta;
use domain::{method::Method, upstream::UpstreamKind};
use http::StatusCode;
use method_resolution::CodesWhenFederationFails;
use serde_json::json;
use test_support::samples;
use web::routes;

use super::{Partner, partner, reason, says};
use crate::world::{ANNA, World};

#[tokio::test]
async fn a_tenant_says_no() {
    let partner = partner().await;
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    partner.leave(&mut browser, id).await;
    for (error, status, text, why) in [
        (
            "access_denied",
            StatusCode::FORBIDDEN,
            "You weren't signed in at Contoso",
            "refused",
        ),
        (
            "login_required",
            StatusCode::FORBIDDEN,
            "You weren't signed in",
            "refused",
        ),
        (
            "temporarily_unavailable",
            StatusCode::SERVICE_UNAVAILABLE,
            "can't be reached",
            "busy",
        ),
        (
            "server_error",
            StatusCode::SERVICE_UNAVAILABLE,
            "can't be reached",
            "busy",
        ),
        (
            "server_error",
            StatusCode::SERVICE_UNAVAILABLE,
            "can't be reached",
            "busy",
        ),
        (
            "invalid_scope",
            StatusCode::BAD_GATEWAY,
            "didn't work",
            "misconfigured",
        ),
    ] {
        let url = partner.away(&mut browser, id).await;
        let mut back = partner.upstream.sign_in(&url);
        let kept: Vec<(String, String)> = back
            .query_pairs()
            .into_owned()
            .filter(|(name, _)| name != "code")
            .collect();
        back.query_pairs_mut()
            .clear()
            .extend_pairs(kept)
            .append_pair("error", error);
        let page = partner.arrive(&mut browser, &back).await;
        says(&page, status, text);
        assert!(page.body.contains(&routes::away(id)), "a way to try again");
        assert_eq!(reason(&partner).await, why, "{error}");
    }
    // Anybody can say so in an address bar: it must not keep others away.
    assert_eq!(partner.world.count("tenant.down").await, 0);
}

#[tokio::test]
async fn a_token_endpoint_that_fails() {
    let partner = partner().await;
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    partner.leave(&mut browser, id).await;
    for (change, status, why) in [
        (503, StatusCode::SERVICE_UNAVAILABLE, "unreachable"),
        (404, StatusCode::BAD_GATEWAY, "invalid_answer"),
    ] {
        let url = partner.away(&mut browser, id).await;
        let back = partner.upstream.sign_in(&url);
        partner
            .upstream
            .behave(|upstream| upstream.fails_with = Some(change));
        let page = partner.arrive(&mut browser, &back).await;
        partner.upstream.behave(|upstream| upstream.fails_with = None);
        assert_eq!(
            (page.status, reason(&partner).await.as_str()),
            (status, why),
            "{change}"
        );
    }
    for (error, why) in [
        ("invalid_grant", "invalid_answer"),
        ("invalid_client", "misconfigured"),
    ] {
        partner
            .upstream
            .behave(|upstream| upstream.token_error = Some(error));
        let url = partner.away(&mut browser, id).await;
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert_eq!(
            (page.status, reason(&partner).await.as_str()),
            (StatusCode::BAD_GATEWAY, why),
            "{error}"
        );
    }
    partner.upstream.behave(|upstream| upstream.token_error = None);
    assert_eq!(
        partner.round(&mut browser, id).await.goes_to(),
        routes::resume(id),
        "and then it works"
    );
}

#[tokio::test]
async fn a_tenant_that_cannot_be_found() {
    for (discovery, fails_with, status, why) in [
        (
            json!({}),
            Some(500),
            StatusCode::SERVICE_UNAVAILABLE,
            "unreachable",
        ),
        (json!({}), Some(404), StatusCode::BAD_GATEWAY, "misconfigured"),
        (
            json!({ "issuer": "https://login.elsewhere.test" }),
            None,
            StatusCode::BAD_GATEWAY,
            "misconfigured",
        ),
        (
            json!({ "jwks_uri": "https://10.0.0.1/jwks" }),
            None,
            StatusCode::BAD_GATEWAY,
            "misconfigured",
        ),
        (
            json!({ "jwks_uri": "http://example.com/jwks" }),
            None,
            StatusCode::BAD_GATEWAY,
            "misconfigured",
        ),
        (
            json!({ "authorization_endpoint": null }),
            None,
            StatusCode::BAD_GATEWAY,
            "misconfigured",
        ),
    ] {
        let partner = partner().await;
        partner.upstream.behave(|upstream| {
            upstream.discovery = discovery.clone();
            upstream.fails_with = fails_with;
        });
        let mut browser = partner.world.browser();
        let id = browser
            .begin_with(&partner.world, |sign_in| {
                sign_in.email = Some(samples::email(ANNA));
            })
            .await;
        let page = browser.get(&routes::away(id)).await;
        assert_eq!(
            (page.status, reason(&partner).await.as_str()),
            (status, why),
            "{discovery}"
        );
        assert_eq!(
            partner.world.mails().await,
            0,
            "never a code instead: {discovery}"
        );
        if status == StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(page.header("retry-after"), "60");
        }
    }
}

/// Three times somebody leaves and the tenant does not answer.
async fn fail(partner: &Partner, times: usize) {
    partner
        .upstream
        .behave(|upstream| upstream.fails_with = Some(503));
    for _ in 0..times {
        let mut browser = partner.world.browser();
        let id = browser
            .begin_with(&partner.world, |sign_in| {
                sign_in.email = Some(samples::email(ANNA));
            })
            .await;
        let page = browser.get(&routes::away(id)).await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.body);
    }
}

#[tokio::test]
async fn a_tenant_that_fails_in_a_row_is_left_alone_for_a_minute() {
    for partner in Partner::each().await {
        let world = &partner.world;
        fail(&partner, 3).await;
        assert_eq!(world.count("tenant.down").await, 1);
        partner.upstream.requests();
        fail(&partner, 2).await;
        assert_eq!(partner.upstream.requests(), [""; 0], "nobody asks");
        assert_eq!(reason(&partner).await, "down");

        world.advance(TimeDelta::seconds(60));
        partner.upstream.behave(|upstream| upstream.fails_with = None);
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        assert_eq!(
            partner.round(&mut browser, id).await.goes_to(),
            routes::resume(id)
        );
        assert_eq!(world.count("tenant.up").await, 1);
        assert_eq!(world.count("guest.signin.code").await, 0, "never a code instead");
    }
}

#[tokio::test]
async fn codes_stand_in_where_the_operator_allows_it_and_do_not_stick() {
    for world in World::on_each_with(|settings| {
        settings.resolution.usual.codes_when_federation_fails = CodesWhenFederationFails::WhileDown;
    })
    .await
    {
        let partner = Partner::of(world).await;
        let world = &partner.world;
        fail(&partner, 3).await;
        let mut browser = world.browser();
        browser.come_in(world, ANNA).await;
        let chosen = &world.events("guest.signin.method").await[0];
        assert!(chosen.details.contains("federation_down"), "{}", chosen.details);
        let guest = world.stored_guest().await;
        assert_eq!(guest.method, None, "it only stood in");
        assert!(guest.redeemed_at.is_some());

        // A code that was mailed is good while the tenant is out, although somebody might try again by now.
        world.advance(TimeDelta::minutes(2));
        let mut late = world.browser();
        let id = late.ask(world, ANNA).await;
        world.advance(TimeDelta::minutes(20));
        let page = late.try_code(id, &world.code(id).await).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);

        world.advance(TimeDelta::minutes(10));
        partner.upstream.behave(|upstream| upstream.fails_with = None);
        let mut back = world.browser();
        let id = back.begin(world).await;
        assert_eq!(partner.round(&mut back, id).await.goes_to(), routes::resume(id));
        assert!(matches!(
            world.stored_guest().await.method,
            Some(Method::Upstream(UpstreamKind::Tenant, _))
        ));
    }
}

/// A browser may bring a code that no provider likes: what only it has seen fail keeps no one else away.
#[tokio::test]
async fn one_browser_opens_no_breaker() {
    let partner = partner().await;
    partner
        .upstream
        .behave(|upstream| upstream.token_fails_with = Some(500));
    for _ in 0..4 {
        let mut browser = partner.world.browser();
        let id = browser.begin(&partner.world).await;
        let page = partner.round(&mut browser, id).await;
        says(&page, StatusCode::SERVICE_UNAVAILABLE, "can't be reached");
        assert_eq!(reason(&partner).await, "busy");
    }
    assert_eq!(partner.world.count("tenant.down").await, 0);
    partner
        .upstream
        .behave(|upstream| upstream.token_fails_with = None);
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    assert_eq!(
        partner.round(&mut browser, id).await.goes_to(),
        routes::resume(id)
    );
}

#[tokio::test]
async fn whoever_comes_while_it_fails_does_not_ask_again_at_once() {
    let partner = partner().await;
    fail(&partner, 1).await;
    partner.upstream.requests();
    fail(&partner, 1).await;
    assert_eq!(
        partner.upstream.requests(),
        [""; 0],
        "the failure of just now is known"
    );
    partner.world.advance(TimeDelta::seconds(30));
    partner.upstream.behave(|upstream| upstream.fails_with = None);
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    assert_eq!(
        partner.round(&mut browser, id).await.goes_to(),
        routes::resume(id)
    );
}

#[tokio::test]
async fn metadata_of_yesterday_is_better_than_none() {
    let partner = partner().await;
    let world = &partner.world;
    let mut browser = world.browser();
    let id = browser.begin(world).await;
    partner.leave(&mut browser, id).await;
    world.advance(TimeDelta::hours(2));
    partner
        .upstream
        .behave(|upstream| upstream.fails_with = Some(503));
    partner.away(&mut browser, id).await;
    partner.upstream.requests();
    partner.away(&mut browser, id).await;
    assert_eq!(
        partner.upstream.requests(),
        [""; 0],
        "and nobody waits for a new one"
    );
    world.advance(TimeDelta::hours(23));
    let mut late = world.browser();
    let id = late
        .begin_with(world, |sign_in| {
            sign_in.email = Some(samples::email(ANNA));
        })
        .await;
    assert_eq!(
        late.get(&routes::away(id)).await.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "a day is enough"
    );
}
