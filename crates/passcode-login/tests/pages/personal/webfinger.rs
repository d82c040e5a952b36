//! WebFinger: the host of the address's domain names the provider (RFC 7033).

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use axum::{Json, Router, extract::RawQuery, routing::get};
use chrono::TimeDelta;
use domain::method::Method;
use http::StatusCode;
use method_resolution::{Decision, Policy};
use serde_json::{Value, json};
use test_support::{TestUpstream, samples};
use web::routes;

use super::Accounts;
use crate::world::{Browser, World};

const ERIN: &str = "erin@erin.test";

/// The host of everybody's domain, which answers so, and counts how often it was asked.
async fn host(answer: Value) -> (url::Url, Arc<AtomicU32>) {
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let answers = move |RawQuery(query): RawQuery| {
        let answer = answer.clone();
        let count = Arc::clone(&count);
        async move {
            count.fetch_add(1, Ordering::SeqCst);
            let query = query.unwrap();
            assert!(query.contains("resource=acct%3Aerin%40erin.test"), "{query}");
            assert!(query.contains("rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer"));
            Json(answer)
        }
    };
    let router = Router::new().route("/.well-known/webfinger", get(answers));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base.parse().unwrap(), asked)
}

fn names(issuer: &str) -> Value {
    json!({
        "subject": "acct:erin@erin.test",
        "links": [
            { "rel": "http://webfinger.net/rel/avatar", "href": "https://erin.test/me.png" },
            { "rel": "http://openid.net/specs/connect/1.0/issuer", "href": issuer },
        ],
    })
}

/// A world that asks, with a provider that owns no domain of hers.
async fn accounts(webfinger: bool) -> Accounts {
    let world = World::with(|settings| settings.resolution = policy(webfinger).into(), |_| ()).await;
    Accounts::of(world).await
}

fn policy(webfinger: bool) -> Policy {
    Policy {
        webfinger,
        ..Policy::default()
    }
}

/// Types the address; says where it led.
async fn typed(accounts: &Accounts, browser: &mut Browser, base: &url::Url) -> String {
    browser.webfinger_at(&accounts.world, base);
    let id = browser.begin(&accounts.world).await;
    let page = browser.get(&routes::identify(id)).await;
    let answer = browser.submit(&page, "email", &[("email", ERIN)]).await;
    let place = answer.goes_to();
    if place == routes::passcode(id) {
        "code".into()
    } else {
        place
    }
}

async fn decision(accounts: &Accounts) -> Decision {
    let (email, policies) = (samples::email(ERIN), &accounts.world.core.settings.resolution);
    let reader = accounts.world.core.store.reader();
    let facts = reader
        .method_facts(&email, None, policies, accounts.world.now())
        .await;
    method_resolution::resolve(&facts.unwrap()).decision
}

#[tokio::test]
async fn the_provider_that_the_host_names_is_where_they_go() {
    for world in World::on_each_with(|settings| settings.resolution = policy(true).into()).await {
        let accounts = Accounts::of(world).await;
        let (base, asked) = host(names(&accounts.upstream.issuer)).await;
        let mut browser = accounts.world.browser();
        assert_eq!(
            decision(&accounts).await,
            Decision::Use(Method::Passcode),
            "nobody has asked yet"
        );
        let place = typed(&accounts, &mut browser, &base).await;
        assert!(place.ends_with("/leave"), "{place}");
        let provider = accounts.provider.method();
        assert_eq!(
            decision(&accounts).await,
            Decision::Use(provider),
            "the same for every explanation"
        );
        // It is kept for a day.
        typed(&accounts, &mut browser, &base).await;
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        accounts.world.clock.advance(TimeDelta::hours(24));
        assert_eq!(decision(&accounts).await, Decision::Use(Method::Passcode));
        typed(&accounts, &mut browser, &base).await;
        assert_eq!(asked.load(Ordering::SeqCst), 2);
    }
}

/// Where codes are off, the address that an app gave has its form all the same: sending it is what asks the host.
#[tokio::test]
async fn the_host_of_a_given_address_is_asked_where_codes_are_off() {
    let no_codes = Policy {
        codes: false,
        ..policy(true)
    };
    let world = World::with(|settings| settings.resolution = no_codes.into(), |_| ()).await;
    let accounts = Accounts::of(world).await;
    let (base, asked) = host(names(&accounts.upstream.issuer)).await;
    let mut browser = accounts.world.browser();
    browser.webfinger_at(&accounts.world, &base);
    let id = browser
        .begin_with(&accounts.world, |sign_in| {
            sign_in.email = Some(samples::email(ERIN));
        })
        .await;
    let page = browser.get(&routes::send(id)).await;
    assert_eq!(page.status, http::StatusCode::OK, "{}", page.body);
    assert_eq!(asked.load(Ordering::SeqCst), 0, "a GET asks nobody");
    let page = browser.submit(&page, "Email me a code", &[]).await;
    assert_eq!(page.goes_to(), routes::leave(id), "{}", page.body);
}

#[tokio::test]
async fn nobody_is_asked_unless_it_is_switched_on() {
    let accounts = accounts(false).await;
    let (base, asked) = host(names(&accounts.upstream.issuer)).await;
    let mut browser = accounts.world.browser();
    assert_eq!(typed(&accounts, &mut browser, &base).await, "code");
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_provider_that_is_not_set_up_here_counts_for_nothing() {
    let elsewhere = TestUpstream::start(test_support::FakeClock::new()).await;
    for answer in [
        names(&elsewhere.issuer),
        json!({ "links": [] }),
        json!([]),
        json!({ "links": [{ "rel": 7 }] }),
    ] {
        let accounts = accounts(true).await;
        let (base, asked) = host(answer).await;
        let mut browser = accounts.world.browser();
        for _ in 0..2 {
            assert_eq!(typed(&accounts, &mut browser, &base).await, "code");
        }
        assert_eq!(asked.load(Ordering::SeqCst), 1, "that is kept as well");
        accounts.world.clock.advance(TimeDelta::hours(1));
        typed(&accounts, &mut browser, &base).await;
        assert_eq!(asked.load(Ordering::SeqCst), 2, "and asked again sooner");
    }
}

#[tokio::test]
async fn a_host_that_does_not_answer_is_no_hindrance() {
    let accounts = accounts(true).await;
    let mut browser = accounts.world.browser();
    let nobody = "http://127.0.0.1:1".parse().unwrap();
    assert_eq!(typed(&accounts, &mut browser, &nobody).await, "code");
}

/// R01: the host of a domain proves nothing by naming a provider; a code confirms the address there once.
#[tokio::test]
async fn what_a_host_names_owns_no_address() {
    let accounts = accounts(true).await;
    let (base, _) = host(names(&accounts.upstream.issuer)).await;
    accounts.claims(json!({ "email": ERIN, "email_verified": true }));
    accounts.world.add(&samples::guest(ERIN)).await;
    let mut browser = accounts.world.browser();
    browser.webfinger_at(&accounts.world, &base);
    let id = browser.begin(&accounts.world).await;
    let page = browser.get(&routes::identify(id)).await;
    browser.submit(&page, "email", &[("email", ERIN)]).await;
    let page = accounts.there_and_back(&mut browser, id).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    assert_eq!(page.goes_to(), routes::send(id), "a code confirms it");
    assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
}
