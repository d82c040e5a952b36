//! Answers as providers out there give them: what is used is read, and the rest may be anything.

use domain::upstream::OidcConnection;
use http::StatusCode;
use serde_json::{Value, json};
use test_support::upstream::Behaviour;
use web::routes;

use super::{Partner, partner, reason, says};
use crate::world::{ANNA, Page, World};

async fn partner_with(change: impl FnOnce(&mut OidcConnection)) -> Partner {
    Partner::with(World::new().await, change).await
}

/// A sign-in of a new browser at a partner that behaves so.
async fn round(partner: &Partner, behave: impl FnOnce(&mut Behaviour)) -> Page {
    partner.upstream.behave(|upstream| {
        *upstream = Behaviour::default();
        behave(upstream);
    });
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    partner.round(&mut browser, id).await
}

fn comes_in(page: &Page, what: &str) {
    assert_eq!(
        page.status,
        StatusCode::SEE_OTHER,
        "{what}: {}",
        page.text("main")
    );
    assert!(
        page.goes_to().starts_with("/authorize/"),
        "{what}: {}",
        page.goes_to()
    );
}

/// The details of the newest failure.
async fn details(partner: &Partner) -> Value {
    let events = partner.world.events("guest.signin.federation.failed").await;
    serde_json::from_str(&events[0].details).unwrap()
}

#[tokio::test]
async fn members_of_another_type_that_nobody_uses_end_no_sign_in() {
    let partner = partner().await;
    for claims in [
        json!({ "updated_at": "2026-11-20T10:59:07.841Z" }),
        json!({ "acr": 1 }),
        json!({ "amr": "mfa" }),
        json!({ "amr": 7 }),
        json!({ "locale": { "language": "de" } }),
        json!({ "address": "Musterstr. 1", "birthdate": 1999, "phone_number_verified": "true" }),
        json!({ "name": ["Anna"], "picture": 7, "website": false }),
        json!({ "c_hash": 7, "sid": 7 }),
    ] {
        let what = claims.to_string();
        comes_in(&round(&partner, |upstream| upstream.claims = claims).await, &what);
    }
    for tokens in [
        json!({ "token_type": null }),
        json!({ "token_type": "bearer", "expires_in": "3600" }),
        json!({ "expires_in": 3599.5, "scope": ["openid"], "refresh_token": 7 }),
        json!({ "not_before_policy": 0, "session_state": null }),
    ] {
        let what = tokens.to_string();
        comes_in(&round(&partner, |upstream| upstream.tokens = tokens).await, &what);
    }
    // And what is used is named, with its type and what was wanted.
    let page = round(&partner, |upstream| upstream.claims = json!({ "nonce": ["x"] })).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    let page = round(&partner, |upstream| upstream.claims = json!({ "sub": 7 })).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    let said = details(&partner).await["said"].to_string();
    assert!(
        said.contains("`sub` is a number, and text was expected"),
        "{said}"
    );
}

#[tokio::test]
async fn a_discovery_document_is_read_for_what_is_used() {
    let odd = json!({
        "scopes_supported": "openid", "claims_supported": 7, "response_types_supported": null,
        "subject_types_supported": "public", "acr_values_supported": [1], "ui_locales_supported": {},
        "id_token_signing_alg_values_supported": ["EdDSA", "ES256K", "none"],
    });
    comes_in(
        &round(&partner().await, |upstream| upstream.discovery = odd).await,
        "discovery",
    );
}

#[tokio::test]
async fn further_audiences_are_taken_where_the_tenant_names_them() {
    let both = json!({ "aud": ["acme", "project-123"], "azp": "acme" });
    let strict = partner().await;
    let page = round(&strict, |upstream| upstream.claims = both.clone()).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    let said = details(&strict).await["said"].to_string();
    assert!(
        said.contains("project-123") && said.contains("trusted_audiences"),
        "{said}"
    );

    let zitadel = partner_with(|oidc| oidc.trusted_audiences = vec!["project-123".into()]).await;
    comes_in(
        &round(&zitadel, |upstream| upstream.claims = both).await,
        "its project",
    );
    for claims in [
        json!({ "aud": ["acme", "project-123"] }),
        json!({ "aud": ["acme", "project-123"], "azp": "project-123" }),
        json!({ "aud": ["acme", "project-124"], "azp": "acme" }),
        json!({ "aud": ["project-123"], "azp": "acme" }),
    ] {
        let page = round(&zitadel, |upstream| upstream.claims = claims.clone()).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{claims}");
    }
}

#[tokio::test]
async fn verified_as_text_counts_where_the_tenant_is_set_so() {
    let text = |upstream: &mut Behaviour| upstream.claims = json!({ "email_verified": "true" });
    let in_user_info = |upstream: &mut Behaviour| {
        upstream.claims = json!({ "email": null, "email_verified": null });
        upstream.user_info = json!({ "email": ANNA, "email_verified": "true" });
    };
    let strict = partner().await;
    for behave in [text as fn(&mut Behaviour), in_user_info] {
        says(
            &round(&strict, behave).await,
            StatusCode::FORBIDDEN,
            "doesn't confirm",
        );
        assert_eq!(reason(&strict).await, "email_unverified");
        assert_eq!(details(&strict).await["setting"], "trust_email");
        let cognito = partner_with(|oidc| oidc.email_verified_as_text = true).await;
        comes_in(&round(&cognito, behave).await, "as text");
    }
    // Whom to trust is one thing, and what they deny another.
    let trusting = partner_with(|oidc| oidc.trusts_email = true).await;
    let unsaid = round(&trusting, |upstream| {
        upstream.claims = json!({ "email_verified": null });
    })
    .await;
    comes_in(&unsaid, "not said");
    for denied in [json!(false), json!("false")] {
        let trusting = partner_with(|oidc| oidc.trusts_email = true).await;
        let page = round(&trusting, |upstream| {
            upstream.claims = json!({ "email_verified": denied });
        })
        .await;
        says(&page, StatusCode::FORBIDDEN, "hasn't confirmed");
    }
}

#[tokio::test]
async fn without_an_address_the_log_names_what_came() {
    let partner = partner().await;
    let page = round(&partner, |upstream| {
        upstream.claims = json!({ "email": null, "email_verified": null, "upn": ANNA, "mail": "x@y.test" });
    })
    .await;
    says(
        &page,
        StatusCode::BAD_GATEWAY,
        "didn't tell us your email address",
    );
    assert!(page.body.contains("?again=1"), "{}", page.body);
    let details = details(&partner).await;
    let claims = details["claims"].as_str().unwrap();
    assert!(claims.contains("upn") && claims.contains("mail"), "{details}");
    assert!(
        !details.to_string().contains("x@y.test"),
        "names, and no values: {details}"
    );
    assert!(details["setting"].as_str().unwrap().contains("email_claim"));
}

#[tokio::test]
async fn a_signed_user_info_answer_is_verified_and_read() {
    let without = json!({ "email": null, "email_verified": null });
    let good = json!({ "email": ANNA, "email_verified": true });
    let good_page = |over: Value| {
        let (without, good) = (without.clone(), good.clone());
        move |upstream: &mut Behaviour| {
            upstream.claims = without;
            let mut signed = good;
            signed
                .as_object_mut()
                .unwrap()
                .extend(over.as_object().unwrap().clone());
            upstream.user_info_signed = Some(signed);
        }
    };
    comes_in(&round(&partner().await, good_page(json!({}))).await, "signed");
    for over in [
        json!({ "sub": "mallory" }),
        json!({ "iss": "https://login.elsewhere.test" }),
        json!({ "aud": "mallory" }),
    ] {
        let partner = partner().await;
        let page = round(&partner, good_page(over.clone())).await;
        assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{over}: {}", page.body);
    }
}

/// What needs no address needs no UserInfo.
#[tokio::test]
async fn a_user_info_that_fails_keeps_nobody_out_who_is_known() {
    let partner = partner().await;
    comes_in(&round(&partner, |_| ()).await, "the first time");
    let fails = |status| {
        move |upstream: &mut Behaviour| {
            upstream.claims = json!({ "email": null, "email_verified": null });
            upstream.user_info_fails_with = Some(status);
        }
    };
    for status in [404, 500] {
        comes_in(&round(&partner, fails(status)).await, "known");
    }
    // Who is new learns of it, and the log says which of the two failed.
    partner.upstream.behave(|upstream| upstream.claims = json!({}));
    let newcomer = super::partner().await;
    let page = round(&newcomer, fails(404)).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY, "{}", page.body);
    assert!(details(&newcomer).await["said"].to_string().contains("UserInfo"));
}

/// The page names the address that the partner gave, and goes on with it.
#[tokio::test]
async fn another_address_is_named_and_leads_on() {
    let partner = partner().await;
    let anna_too = "a.berg@contoso.test";
    partner.world.add(&test_support::samples::guest(anna_too)).await;
    partner.upstream.behave(|upstream| {
        upstream.claims = json!({ "sub": "berg-1", "email": anna_too });
    });
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    let page = partner.round(&mut browser, id).await;
    says(
        &page,
        StatusCode::FORBIDDEN,
        "you're signed in as a.berg@contoso.test",
    );
    let said = details(&partner).await;
    assert_eq!(
        (&said["expected"], &said["asserted"]),
        (&json!(ANNA), &json!(anna_too))
    );
    let answer = browser
        .submit(&page, "Continue as a.berg@contoso.test", &[])
        .await;
    assert_eq!(answer.goes_to(), routes::leave(id), "{}", answer.body);
    let url = partner.away(&mut browser, id).await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&url))
        .await;
    comes_in(&page, "as who they are there");
}

/// Who was renamed at the partner learns under which address they are known.
#[tokio::test]
async fn a_changed_address_is_explained_to_guest_and_operator() {
    let partner = partner().await;
    comes_in(&round(&partner, |_| ()).await, "the first time");
    let new = "anna.new@contoso.test";
    let mut browser = partner.world.browser();
    let id = browser
        .begin_with(&partner.world, |sign_in| {
            sign_in.email = Some(test_support::samples::email(new));
        })
        .await;
    partner
        .upstream
        .behave(|upstream| upstream.claims = json!({ "email": new }));
    let url = partner.away(&mut browser, id).await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&url))
        .await;
    says(&page, StatusCode::FORBIDDEN, "is known here as anna@contoso.test");
    assert!(
        page.body.contains("Continue as anna@contoso.test"),
        "{}",
        page.body
    );
    let said = details(&partner).await;
    assert_eq!(said["account_of"], ANNA);
    assert_eq!(
        said["mend"],
        "vestibule guest reset-method anna@contoso.test --new-address anna.new@contoso.test"
    );
}

/// A tenant may name the one algorithm.
#[tokio::test]
async fn a_tenant_may_pin_the_algorithm_of_its_tokens() {
    let pinned = partner_with(|oidc| oidc.id_token_alg = Some("EdDSA".into())).await;
    comes_in(&round(&pinned, |_| ()).await, "by the pinned one");
    let other = partner_with(|oidc| oidc.id_token_alg = Some("RS256".into())).await;
    let page = round(&other, |_| ()).await;
    assert_eq!(page.status, StatusCode::BAD_GATEWAY);
    let said = details(&other).await["said"].to_string();
    assert!(said.contains("RS256") && said.contains("id_token_alg"), "{said}");
}

/// Who comes back too late, or to what was switched off, reads so.
#[tokio::test]
async fn a_way_back_that_leads_nowhere_says_why() {
    let partner = partner().await;
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    let url = partner.leave(&mut browser, id).await;
    let back = partner.upstream.sign_in(&url);
    partner.world.clock.advance(chrono::TimeDelta::minutes(61));
    let page = partner.arrive(&mut browser, &back).await;
    says(&page, StatusCode::CONFLICT, "That took too long");
    assert_eq!(reason(&partner).await, "late");
    assert!(page.body.contains(&routes::away(id)), "{}", page.body);

    let url = partner.away(&mut browser, id).await;
    let back = partner.upstream.sign_in(&url);
    let tx = partner.world.core.store.begin().await.unwrap();
    let off = domain::upstream::Upstream {
        enabled: false,
        ..partner.tenant.clone()
    };
    tx.save_upstream(&off, partner.world.now()).await.unwrap();
    tx.commit().await.unwrap();
    let page = partner.arrive(&mut browser, &back).await;
    says(
        &page,
        StatusCode::CONFLICT,
        "isn't used for signing in here any more",
    );
    assert_eq!(reason(&partner).await, "switched_off");
    assert!(page.body.contains(&routes::resume(id)), "{}", page.body);
}
