//! Answers that belong to another question.

use chrono::TimeDelta;
use domain::upstream::Upstream;
use http::StatusCode;
use test_support::samples;
use web::routes;

use super::{Partner, partner};

/// R08, R10: an answer is for one browser, one tenant, one address, and counts once.
#[tokio::test]
async fn answers_that_belong_to_another_question() {
    let partner = partner().await;
    let world = &partner.world;
    let fabrikam = Upstream {
        connection: partner.tenant.connection.clone(),
        ..samples::tenant("fabrikam", &["fabrikam.test"])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&fabrikam).await.unwrap();
    tx.commit().await.unwrap();

    let mut browser = world.browser();
    let id = browser.begin(world).await;
    let url = partner.leave(&mut browser, id).await;
    let back = partner.upstream.sign_in(&url);
    let path = |path: &str| format!("{path}?{}", back.query().unwrap());

    // Another browser has no such sign-in.
    let mut stranger = world.browser();
    let page = stranger.get(&path("/federation/contoso/callback")).await;
    assert_ne!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    // At another tenant's redirect URI, or at none's, nothing is exchanged.
    partner.upstream.requests();
    for other in ["/federation/fabrikam/callback", "/federation/nobody/callback"] {
        let page = browser.get(&path(other)).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{other}");
    }
    // Another issuer, or none where one is promised.
    assert_eq!(partner.upstream.requests(), [""; 0]);
    // Parameters twice, and without a state.
    for query in [
        format!("{}&code=x", back.query().unwrap()),
        "code=x".into(),
        String::new(),
    ] {
        let page = browser
            .get(&format!("/federation/contoso/callback?{query}"))
            .await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{query}: {}", page.body);
    }
    // A state that somebody made up for this sign-in.
    let state = [&id.uuid().into_bytes()[..], &[0x1f; 5], &[0; 32]].concat();
    let state = data_encoding::BASE64URL_NOPAD.encode(&state);
    let made_up = format!("/federation/contoso/callback?code=x&state={state}");
    assert_eq!(browser.get(&made_up).await.goes_to(), routes::resume(id));
    assert!(!browser.cookies.contains_key("__Host-vestibule-session"));

    // Eight at once: one is exchanged.
    let answers = (0..8).map(|_| {
        let (mut browser, path) = (browser.clone(), path("/federation/contoso/callback"));
        tokio::spawn(async move { browser.get(&path).await.goes_to() })
    });
    for answer in answers.collect::<Vec<_>>() {
        assert_eq!(answer.await.unwrap(), routes::resume(id));
    }
    let exchanged = partner.upstream.requests();
    assert_eq!(
        exchanged.iter().filter(|path| *path == "/token").count(),
        1,
        "{exchanged:?}"
    );
    assert_eq!(world.count("session.started").await, 1);
}

#[tokio::test]
async fn an_answer_that_names_another_issuer_is_not_exchanged() {
    for iss in [Some("https://login.elsewhere.test"), None] {
        let partner = partner().await;
        let mut browser = partner.world.browser();
        let id = browser.begin(&partner.world).await;
        let url = partner.leave(&mut browser, id).await;
        let mut back = partner.upstream.sign_in(&url);
        let kept: Vec<(String, String)> = back
            .query_pairs()
            .into_owned()
            .filter(|(name, _)| name != "iss")
            .collect();
        back.query_pairs_mut().clear().extend_pairs(kept);
        if let Some(iss) = iss {
            back.query_pairs_mut().append_pair("iss", iss);
        }
        partner.upstream.requests();
        let page = partner.arrive(&mut browser, &back).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{iss:?}: {}", page.body);
        assert!(
            !partner.upstream.requests().contains(&"/token".to_owned()),
            "{iss:?}"
        );
    }
}

/// R11: what was switched off meanwhile admits no guest.
#[tokio::test]
async fn things_change_while_somebody_is_away() {
    for partner in Partner::each().await {
        let world = &partner.world;
        let mut browser = world.browser();
        let id = browser.begin(world).await;

        let url = partner.leave(&mut browser, id).await;
        world
            .change(id, |sign_in| {
                sign_in.email = Some(samples::email("bob@contoso.test"));
            })
            .await;
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);

        let url = partner.leave(&mut browser, id).await;
        world.advance(TimeDelta::minutes(61));
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert_eq!(page.status, StatusCode::CONFLICT, "too late: {}", page.body);

        let url = partner.leave(&mut browser, id).await;
        let tx = world.core.store.begin().await.unwrap();
        let off = Upstream {
            enabled: false,
            ..partner.tenant.clone()
        };
        tx.save_upstream(&off, world.now()).await.unwrap();
        tx.commit().await.unwrap();
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert_eq!(page.status, StatusCode::CONFLICT, "switched off: {}", page.body);
        assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
    }
}

/// R11: another tenant of the same name is another one, even with the same connection.
#[tokio::test]
async fn an_answer_to_a_removed_tenant_is_not_its_successors() {
    for partner in Partner::each().await {
        let world = &partner.world;
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        let url = partner.leave(&mut browser, id).await;
        let back = partner.upstream.sign_in(&url);
        let tx = world.core.store.begin().await.unwrap();
        tx.remove_upstream(partner.tenant.id).await.unwrap();
        let successor = Upstream {
            id: samples::id(),
            ..partner.tenant.clone()
        };
        tx.insert_upstream(&successor).await.unwrap();
        tx.commit().await.unwrap();
        partner.upstream.requests();
        let page = partner.arrive(&mut browser, &back).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
        assert_eq!(partner.upstream.requests(), [""; 0], "nothing is exchanged");
    }
}
