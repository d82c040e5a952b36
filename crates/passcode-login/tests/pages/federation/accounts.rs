//! Accounts that are not the guest's, and guests who may not enter.

use domain::guest::GuestStatus;
use http::StatusCode;
use serde_json::json;
use test_support::samples;
use web::routes;

use super::{Partner, partner, reason, says};

/// R01, R03: an address is believed once, verified, of the tenant's own domain, and for no one else.
#[tokio::test]
async fn accounts_that_are_not_the_guests() {
    for (claims, says_what, why) in [
        (
            json!({ "email": "bob@contoso.test" }),
            "a different account",
            "somebody_else",
        ),
        (
            json!({ "email": null }),
            "didn't tell us your email address",
            "no_address",
        ),
        (
            json!({ "email": "anna@fabrikam.test" }),
            "a different account",
            "somebody_else",
        ),
        (
            json!({ "email_verified": null }),
            "doesn't confirm",
            "email_unverified",
        ),
        (
            json!({ "email_verified": false }),
            "doesn't confirm",
            "email_unverified",
        ),
    ] {
        let partner = partner().await;
        partner
            .upstream
            .behave(|upstream| upstream.claims = claims.clone());
        let mut browser = partner.world.browser();
        let id = browser.begin(&partner.world).await;
        let status = if why == "no_address" {
            StatusCode::BAD_GATEWAY
        } else {
            StatusCode::FORBIDDEN
        };
        says(&partner.round(&mut browser, id).await, status, says_what);
        assert_eq!(reason(&partner).await, why, "{claims}");
        assert_eq!(partner.world.count("guest.account.linked").await, 0);
    }
    // `"true"` is text (nOAuth's cousin), and text is no claim.
    let partner = partner().await;
    partner
        .upstream
        .behave(|upstream| upstream.claims = json!({ "email_verified": "true" }));
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    assert_ne!(
        partner.round(&mut browser, id).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(partner.world.count("guest.account.linked").await, 0);
}

#[tokio::test]
async fn a_new_account_under_an_old_address_is_a_stranger() {
    for partner in Partner::each().await {
        let mut browser = partner.world.browser();
        let id = browser.begin(&partner.world).await;
        assert_eq!(
            partner.round(&mut browser, id).await.goes_to(),
            routes::resume(id)
        );
        partner
            .upstream
            .behave(|upstream| upstream.claims = json!({ "sub": "anna-the-second" }));
        let mut other = partner.world.browser();
        let id = other.begin(&partner.world).await;
        let page = partner.round(&mut other, id).await;
        says(&page, StatusCode::FORBIDDEN, "has a new account");
        assert_eq!(reason(&partner).await, "another_account");

        // The old account under another's address is hers, and not theirs.
        let bob = samples::guest("bob@contoso.test");
        partner.world.add(&bob).await;
        partner
            .upstream
            .behave(|upstream| upstream.claims = json!({ "email": "bob@contoso.test" }));
        let mut third = partner.world.browser();
        let id = third
            .begin_with(&partner.world, |sign_in| sign_in.email = Some(bob.email.clone()))
            .await;
        let url = partner.away(&mut third, id).await;
        let page = partner.arrive(&mut third, &partner.upstream.sign_in(&url)).await;
        says(&page, StatusCode::FORBIDDEN, "a different account");
        // Trying again asks the tenant to ask anew.
        assert!(
            page.body.contains(&format!("{}?again=1", routes::away(id))),
            "{}",
            page.body
        );
        let again = third.get(&format!("{}?again=1", routes::away(id))).await;
        assert!(again.goes_to().contains("prompt=login"), "{}", again.goes_to());
    }
}

#[tokio::test]
async fn somebody_whom_the_tenant_knows_and_nobody_invited() {
    let partner = partner().await;
    let eve = "eve@contoso.test";
    partner
        .upstream
        .behave(|upstream| upstream.claims = json!({ "sub": "eve-9", "email": eve }));
    let mut browser = partner.world.browser();
    let id = browser
        .begin_with(&partner.world, |sign_in| {
            sign_in.email = Some(samples::email(eve));
        })
        .await;
    let url = partner.away(&mut browser, id).await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&url))
        .await;
    says(&page, StatusCode::FORBIDDEN, "You're not invited");
    let found = partner
        .world
        .core
        .store
        .reader()
        .guest_by_email(&samples::email(eve))
        .await;
    assert!(found.unwrap().is_none());
    // Back to the app, which learns of it.
    let answer = browser.submit(&page, "Back to Acme Notes", &[]).await;
    assert_eq!(answer.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn a_blocked_guest_proves_who_they_are_and_learns_of_it() {
    let partner = partner().await;
    partner
        .world
        .change_guest(|guest| guest.status = GuestStatus::Blocked)
        .await;
    let mut browser = partner.world.browser();
    let id = browser.begin(&partner.world).await;
    let page = partner.round(&mut browser, id).await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    assert_eq!(partner.world.count("access.refused").await, 1);
    assert_eq!(
        partner.world.count("guest.account.linked").await,
        0,
        "who may not enter fixes no account"
    );
    assert_eq!(
        partner.world.stored_guest().await.method,
        None,
        "that is no redemption"
    );
    let page = browser.get(&routes::refused(id)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
}
