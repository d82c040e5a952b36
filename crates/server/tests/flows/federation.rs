//! A partner's employee, from the app to its tokens; and a move that is required.

use chrono::TimeDelta;
use dev::browser::TextBrowser;
use domain::{
    guest::{Guest, GuestStatus},
    method::Method,
    upstream::{Upstream, UpstreamKind},
};
use method_resolution::{CodesWhenFederationFails, Moving};
use serde_json::json;
use test_support::{FakeClock, TestUpstream, databases, samples};
use url::Url;

use crate::{
    rp::{Rp, answered_at, claims, param, until_app},
    world::{World, browser},
};

const ANNA: &str = "anna@contoso.test";

/// Worlds in which guests must move to a better method.
async fn strict() -> Vec<World> {
    let mut worlds = Vec::new();
    for database in databases().await {
        let store = database.store.clone();
        let require = |settings: &mut sign_in::Settings| {
            settings.resolution.usual.moving = Moving::RequireFrom(samples::now());
        };
        worlds.push(World::with_settings(database, store, FakeClock::new(), require).await);
    }
    worlds
}

pub(crate) async fn federate(world: &World) -> TestUpstream {
    let upstream = TestUpstream::start(world.clock.clone()).await;
    let tenant = Upstream {
        display_name: "Contoso".into(),
        connection: Some(samples::connection(&upstream.issuer)),
        ..samples::tenant("contoso", &["contoso.test"])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.commit().await.unwrap();
    upstream
}

/// The same, as a provider of personal accounts.
pub(crate) async fn provide(world: &World) -> TestUpstream {
    let upstream = TestUpstream::start(world.clock.clone()).await;
    let provider = Upstream {
        display_name: "Contoso".into(),
        connection: Some(samples::connection(&upstream.issuer)),
        ..samples::provider("contoso", &["contoso.test"])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&provider).await.unwrap();
    tx.commit().await.unwrap();
    upstream
}

/// To the partner by this link, and back.
pub(crate) async fn through(
    anna: &mut TextBrowser,
    upstream: &TestUpstream,
    link: &Url,
) -> dev::browser::BrowserPage {
    let away = anna.once(link, None).await.unwrap();
    let there = away.headers["location"].to_str().unwrap();
    anna.get(upstream.sign_in(there).as_str()).await.unwrap()
}

#[tokio::test]
async fn a_new_guest_comes_by_the_partner_and_returns_silently() {
    for world in strict().await {
        let rp = world.app("notes").await;
        let upstream = federate(&world).await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let page = anna.get(&rp.authorize(&[])).await.unwrap();
        let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
        let link = page.link("Continue to Contoso").unwrap();
        let page = through(&mut anna, &upstream, &link).await;
        let answer = answered_at(&page, &rp.redirect_uri);
        let tokens = rp.exchange(&param(&answer, "code").unwrap()).await;
        let id = claims(tokens.body["id_token"].as_str().unwrap());
        assert_eq!(id["amr"], json!(["fed"]));
        assert_eq!(id["acr"], json!("urn:vestibule:acr:upstream"));
        world.deliver().await;
        let mails = world.inbox.all();
        assert!(
            mails.iter().all(|mail| !mail.text.contains("code")),
            "none but the invitation"
        );

        world.advance(TimeDelta::hours(23));
        let silent = until_app(
            &mut anna,
            &rp.authorize(&[("prompt", Some("none"))]),
            &rp.redirect_uri,
        )
        .await;
        assert!(param(&answered_at(&silent, &rp.redirect_uri), "code").is_some());
    }
}

#[tokio::test]
async fn an_app_that_names_the_domain_shows_no_page_of_ours() {
    for world in strict().await {
        let rp = world.app("notes").await;
        let upstream = federate(&world).await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let app: Url = rp
            .authorize(&[("domain_hint", Some("contoso.test"))])
            .parse()
            .unwrap();
        let dispatched = anna.once(&app, None).await.unwrap();
        let way = app
            .join(dispatched.headers["location"].to_str().unwrap())
            .unwrap();
        let page = through(&mut anna, &upstream, &way).await;
        let answer = answered_at(&page, &rp.redirect_uri);
        let tokens = rp.exchange(&param(&answer, "code").unwrap()).await;
        let id = claims(tokens.body["id_token"].as_str().unwrap());
        assert_eq!(id["amr"], json!(["fed"]));
    }
}

#[tokio::test]
async fn who_must_move_cannot_go_on_with_the_session_of_a_code() {
    for world in strict().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let before = world.sign_in(&mut anna, &rp, ANNA).await;
        let upstream = federate(&world).await;

        // The session lives, and is too little.
        world.advance(TimeDelta::hours(1));
        let silent = until_app(
            &mut anna,
            &rp.authorize(&[("prompt", Some("none"))]),
            &rp.redirect_uri,
        )
        .await;
        let answer = answered_at(&silent, &rp.redirect_uri);
        assert_eq!(param(&answer, "error").as_deref(), Some("login_required"));

        let page = anna.get(&rp.authorize(&[])).await.unwrap();
        let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
        let code = world.code(ANNA).await;
        let offer = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        assert!(offer.url.path().ends_with("/offer"), "{}", offer.body);
        // Nor is the new one, in another tab.
        let again = anna.get(&rp.authorize(&[])).await.unwrap();
        assert!(again.url.path().starts_with("/signin/"), "{}", again.url);

        let link = offer.link("Use Contoso from now on").unwrap();
        let page = through(&mut anna, &upstream, &link).await;
        let answer = answered_at(&page, &rp.redirect_uri);
        let tokens = rp.exchange(&param(&answer, "code").unwrap()).await;
        let id = claims(tokens.body["id_token"].as_str().unwrap());
        assert_eq!(id["amr"], json!(["fed"]));
        assert_eq!(id["sub"], before["sub"]);
    }
}

/// A code that stood in for the tenant at an app that turns the guest away fixes no method at the next one.
#[tokio::test]
async fn a_code_that_stood_in_fixes_no_method_at_another_app() {
    for database in databases().await {
        let store = database.store.clone();
        let stand_in = |settings: &mut sign_in::Settings| {
            settings.resolution.usual.codes_when_federation_fails = CodesWhenFederationFails::WhileDown;
        };
        let world = World::with_settings(database, store, FakeClock::new(), stand_in).await;
        let (notes, wiki) = (world.app("notes").await, world.app("wiki").await);
        world.invite(ANNA, "notes").await;
        let _upstream = federate(&world).await;
        let tenant = world
            .core
            .store
            .reader()
            .upstream_named(UpstreamKind::Tenant, "contoso")
            .await
            .unwrap();
        let tx = world.core.store.begin().await.unwrap();
        for _ in 0..5 {
            tx.note_failure(tenant.as_ref().unwrap().id, world.now())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();

        let guest = turned_away_and_let_in(&world, &wiki, &notes).await;
        assert_eq!(guest.method, None, "their tenant's sign-in is still to come");
    }
}

/// Where codes come before the tenant, such a code is the guest's own method: the rule is the same as within one app.
#[tokio::test]
async fn a_code_that_stood_in_for_nothing_is_fixed_at_another_app() {
    for database in databases().await {
        let store = database.store.clone();
        let by_code = |settings: &mut sign_in::Settings| settings.resolution.usual.order.clear();
        let world = World::with_settings(database, store, FakeClock::new(), by_code).await;
        let (notes, wiki) = (world.app("notes").await, world.app("wiki").await);
        world.invite(ANNA, "notes").await;
        let _upstream = federate(&world).await;
        let guest = turned_away_and_let_in(&world, &wiki, &notes).await;
        assert_eq!(guest.method, Some(Method::Passcode));
    }
}

/// A guest who proves the mailbox at an app that turns them away, and enters another one with that session.
async fn turned_away_and_let_in(world: &World, refusing: &Rp, admitting: &Rp) -> Guest {
    let mut anna = browser();
    let (page, code) = world.ask_for_code(&mut anna, refusing, ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
    let heading = page.text("h1").unwrap_or_default();
    assert!(heading.contains("can't open"), "turned away: {heading}");
    let entered = until_app(&mut anna, &admitting.authorize(&[]), &admitting.redirect_uri).await;
    assert!(param(&answered_at(&entered, &admitting.redirect_uri), "code").is_some());
    let guest = world.guest(ANNA).await;
    assert_eq!(guest.status, GuestStatus::Active);
    guest
}
