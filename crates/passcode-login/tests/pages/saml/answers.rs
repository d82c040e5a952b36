//! Answers that belong to another question, come twice, come late, or were never asked for.

use chrono::TimeDelta;
use domain::upstream::Upstream;
use http::StatusCode;
use test_support::{saml::Posted, samples};
use web::routes;

use super::{Partner, back, post};

/// S06, S07: an answer is for one browser and one question, and counts once.
#[tokio::test]
async fn an_answer_is_for_one_browser_and_counts_once() {
    for partner in Partner::each().await {
        let world = &partner.world;
        let mut browser = world.browser();
        let id = partner.begin(&mut browser).await;
        let posted = partner.there(&mut browser, id).await;
        // Somebody else's browser, brought to post it, is not signed in (login CSRF).
        let mut stranger = world.browser();
        let page = back(&mut stranger, &posted).await;
        assert_ne!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
        assert!(!stranger.cookies.contains_key("__Host-vestibule-session"));
        // Eight at once: one session.
        let place = post(&browser, &posted).await.goes_to();
        let answers: Vec<_> = (0..8)
            .map(|_| {
                let (mut browser, place) = (browser.clone(), place.clone());
                tokio::spawn(async move { browser.get(&place).await.goes_to() })
            })
            .collect();
        for answer in answers {
            assert_eq!(answer.await.unwrap(), routes::resume(id));
        }
        assert_eq!(world.count("session.started").await, 1);
        // The form again, because our answer was lost: the same place, and the same session.
        assert_eq!(post(&browser, &posted).await.goes_to(), place);
        let again = browser.get(&place).await;
        assert_eq!(again.goes_to(), routes::resume(id));
        assert!(again.headers.contains_key("set-cookie"), "{:?}", again.headers);
        assert_eq!(world.count("session.started").await, 1);
    }
}

/// S06: the assertion of one question does not answer the next, whoever carries it.
#[tokio::test]
async fn an_assertion_answers_no_other_question() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let first = partner.there(&mut browser, id).await;
    let second = partner.there(&mut browser, id).await;
    let mixed = Posted {
        response: first.response.clone(),
        ..second
    };
    let page = back(&mut browser, &mixed).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.body);
    assert_eq!(partner.reason().await, "invalid_answer");
    assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
}

/// S07: a browser that did not ask here is not signed in.
#[tokio::test]
async fn there_are_no_sign_ins_that_begin_elsewhere() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let posted = partner.there(&mut browser, id).await;
    for relay_state in [
        "",
        "https://evil.test/",
        "\"><script>alert(1)</script>",
        &"x".repeat(300),
    ] {
        let unasked = Posted {
            relay_state: relay_state.into(),
            ..posted.clone()
        };
        let page = post(&browser, &unasked).await;
        assert_eq!(page.status, StatusCode::GONE, "{relay_state}: {}", page.body);
        // S11: nothing of it is on the page.
        assert!(
            !page.body.contains("evil.test") && !page.body.contains("<script>alert"),
            "{}",
            page.body
        );
    }
}

#[tokio::test]
async fn forms_that_are_none() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let posted = partner.there(&mut browser, id).await;
    let path = posted.acs.path().to_owned();
    let (response, state) = (
        ("SAMLResponse", &*posted.response),
        ("RelayState", &*posted.relay_state),
    );
    for fields in [
        &[][..],
        &[response],
        &[state],
        &[response, response, state],
        &[response, state, state],
    ] {
        let page = browser.post(&path, fields).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{fields:?}: {}", page.body);
    }
    // O32: here a body may be long, and no longer.
    let long = "A".repeat(200 * 1024);
    let page = browser.post(&path, &[("SAMLResponse", &long), state]).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.body);
    let too_long = "A".repeat(300 * 1024);
    let page = browser.post(&path, &[("SAMLResponse", &too_long), state]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE, "{}", page.body);
    let elsewhere = routes::federation_logout("contoso");
    let page = browser.post(&elsewhere, &[("logout_token", &long)]).await;
    assert_eq!(
        page.status,
        StatusCode::BAD_REQUEST,
        "as short as ever: {}",
        page.body
    );
}

#[tokio::test]
async fn an_answer_waits_five_minutes_for_its_browser() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let posted = partner.there(&mut browser, id).await;
    let place = post(&browser, &posted).await.goes_to();
    partner.world.clock.advance(TimeDelta::minutes(5));
    let page = browser.get(&place).await;
    assert_eq!(page.status, StatusCode::GONE, "{}", page.body);
    for made_up in ["?answer=", "?answer=AAAA", ""] {
        let page = browser.get(&format!("{}{made_up}", posted.acs.path())).await;
        assert_eq!(page.status, StatusCode::GONE, "{made_up}: {}", page.body);
    }
}

/// S07: what is posted to one tenant's address is no other tenant's.
#[tokio::test]
async fn each_tenant_has_its_own_address() {
    let partner = Partner::new().await;
    let fabrikam = Upstream {
        connection: partner.tenant.connection.clone(),
        ..samples::tenant("fabrikam", &["fabrikam.test"])
    };
    let tx = partner.world.core.store.begin().await.unwrap();
    tx.insert_upstream(&fabrikam).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let posted = partner.there(&mut browser, id).await;
    let mut elsewhere = posted.clone();
    elsewhere.acs.set_path(&routes::federation_acs("fabrikam"));
    let page = back(&mut browser, &elsewhere).await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    // And the place where it waits is of that tenant alone.
    let place = post(&browser, &posted).await.goes_to();
    let page = browser.get(&place.replace("contoso", "fabrikam")).await;
    assert_eq!(page.status, StatusCode::GONE, "{}", page.body);
    assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
    elsewhere.acs.set_path(&routes::federation_acs("nobody"));
    assert_eq!(post(&browser, &elsewhere).await.status, StatusCode::NOT_FOUND);
}

/// R11: what was switched off meanwhile admits no guest, and one who comes back from there reads why.
#[tokio::test]
async fn a_tenant_that_is_switched_off_meanwhile() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let posted = partner.there(&mut browser, id).await;
    let tx = partner.world.core.store.begin().await.unwrap();
    let off = Upstream {
        enabled: false,
        ..partner.tenant.clone()
    };
    tx.save_upstream(&off, partner.world.now()).await.unwrap();
    tx.commit().await.unwrap();
    let page = back(&mut browser, &posted).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "{}", page.body);
    assert!(
        page.body.contains("isn&#39;t used for signing in here any more"),
        "{}",
        page.body
    );
    assert_eq!(partner.reason().await, "switched_off");
    assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
}

#[tokio::test]
async fn one_network_may_not_post_without_end() {
    let partner = Partner::new().await;
    let mut browser = partner.world.browser();
    let id = partner.begin(&mut browser).await;
    let posted = partner.there(&mut browser, id).await;
    let broken = Posted {
        response: "AAAA".into(),
        ..posted
    };
    for _ in 0..600 {
        assert_eq!(post(&browser, &broken).await.status, StatusCode::SEE_OTHER);
    }
    let page = post(&browser, &broken).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.body);
}
