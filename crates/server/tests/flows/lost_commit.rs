//! `PostgreSQL` goes away at a COMMIT: before it has heard it, or after it has made it and before we know. Whoever tries again
//! comes in; nothing counts twice.

use http::header::RETRY_AFTER;
use store::{Backend, Store};
use test_support::{CommitFault, CuttingProxy, FakeClock, databases, samples};

use crate::{
    rp::{Rp, answered_at, claims, param},
    world::{World, browser},
};

const ANNA: &str = "anna@contoso.test";

/// A world whose connections are cut when the proxy is armed; only on `PostgreSQL`.
async fn cut_worlds(fault: CommitFault) -> Vec<(World, CuttingProxy)> {
    let mut worlds = Vec::new();
    for database in databases().await {
        if database.store.backend() == Backend::Sqlite {
            continue;
        }
        let proxy = CuttingProxy::start(&database.settings().url, fault).await;
        let mut settings = database.settings().clone();
        settings.url = proxy.url();
        let entropy = std::sync::Arc::new(samples::entropy());
        let store = Store::connect(&settings, samples::master_keys(), entropy)
            .await
            .unwrap();
        worlds.push((World::with(database, store, FakeClock::new()).await, proxy));
    }
    worlds
}

/// A sign-in during which every step that commits is cut once, and tried again; the authorization code.
async fn signed_in(world: &World, proxy: &CuttingProxy, rp: &Rp) -> String {
    let mut anna = browser();
    let scope = [
        ("scope", Some("openid email offline_access")),
        ("prompt", Some("consent")),
    ];
    let mut page = anna.get(&rp.authorize(&scope)).await.unwrap();
    let mut steps = vec![("email", ANNA.to_owned()), ("code", String::new())];
    for (name, value) in &mut steps {
        if *name == "code" {
            *value = world.code(ANNA).await;
        }
        let fields = [(&**name, &**value)];
        proxy.arm();
        let cut = anna.submit(&page, name, &fields).await.unwrap();
        assert_eq!(cut.status, 503, "{name}: {}", cut.body);
        assert!(cut.headers.contains_key(RETRY_AFTER), "{name}: {:?}", cut.headers);
        page = anna.submit(&page, name, &fields).await.unwrap();
        assert_eq!(page.status, 200, "{name}: {}", page.body);
    }
    let page = anna.submit(&page, "Continue", &[]).await.unwrap();
    param(&answered_at(&page, &rp.redirect_uri), "code").unwrap()
}

#[tokio::test]
async fn an_app_gets_its_tokens_although_the_answer_to_their_commit_was_lost() {
    for fault in [CommitFault::Before, CommitFault::After] {
        for (world, proxy) in cut_worlds(fault).await {
            let rp = world.app_with("notes", |app| app.offline_access = true).await;
            world.invite(ANNA, "notes").await;
            let code = signed_in(&world, &proxy, &rp).await;

            proxy.arm();
            let mut tokens = rp.exchange(&code).await;
            if fault == CommitFault::Before {
                assert_eq!(tokens.status, 503, "{fault:?}: {tokens:?}");
                assert!(tokens.headers.contains_key(RETRY_AFTER), "{tokens:?}");
                tokens = rp.exchange(&code).await;
            }
            assert_eq!(tokens.status, 200, "{fault:?}: {tokens:?}");
            let sub = claims(tokens.body["id_token"].as_str().unwrap())["sub"].clone();
            assert_eq!(sub, world.guest(ANNA).await.subject.as_str(), "{fault:?}");

            proxy.arm();
            let refresh = tokens.body["refresh_token"].as_str().unwrap();
            let mut next = rp.refresh(refresh).await;
            if fault == CommitFault::Before {
                assert_eq!(next.status, 503, "{fault:?}: {next:?}");
                next = rp.refresh(refresh).await;
            }
            assert_eq!(next.status, 200, "{fault:?}: {next:?}");
            let access = next.body["access_token"].as_str().unwrap();
            assert_eq!(rp.userinfo(access).await.status, 200, "{fault:?}");
            assert_eq!(world.count("token.issued").await, 1, "{fault:?}");
            assert_eq!(world.count("guest.signin.code.ok").await, 1, "{fault:?}");
        }
    }
}

/// A server that fails over takes all its connections along, and is back within a second.
#[tokio::test]
async fn what_a_lost_commit_stored_is_looked_up_until_the_database_is_back() {
    for (world, proxy) in cut_worlds(CommitFault::After).await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let code = signed_in(&world, &proxy, &rp).await;
        proxy.arm_and_go_away(250);
        let tokens = rp.exchange(&code).await;
        assert_eq!(tokens.status, 200, "{tokens:?}");
        let access = tokens.body["access_token"].as_str().unwrap();
        assert_eq!(rp.userinfo(access).await.status, 200);
        assert_eq!(world.count("token.issued").await, 1);
    }
}
