//! `domain_hint` and `idp_hint`: the guest types no address, and the account says which one it is.

use domain::{method::Method, sign_in::SignIn};
use http::StatusCode;
use serde_json::json;
use test_support::samples;
use web::routes;

use super::{Partner, partner, reason, says};

const STICKS_TO_CODES: Method = Method::Passcode;

fn hint(domain: &str) -> impl FnOnce(&mut SignIn) {
    let domain = domain.to_owned();
    move |sign_in| sign_in.request.domain_hint = Some(domain)
}

#[tokio::test]
async fn a_hint_leads_there_without_a_page_and_the_account_says_who_it_is() {
    for partner in Partner::each().await {
        let world = &partner.world;
        for by_name in [false, true] {
            let mut browser = world.browser();
            let id = browser
                .begin_with(world, |sign_in| {
                    let request = &mut sign_in.request;
                    if by_name {
                        request.idp_hint = Some("contoso".into());
                    } else {
                        request.domain_hint = Some("Contoso.TEST".into());
                    }
                })
                .await;
            let url = partner.away(&mut browser, id).await;
            assert!(!url.contains("login_hint"), "{url}");
            let page = partner
                .arrive(&mut browser, &partner.upstream.sign_in(&url))
                .await;
            assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
            let guest = world.stored_guest().await;
            assert_eq!(guest.method, Some(partner.tenant.method()));
            let sign_in = world.sign_in(id).await;
            assert_eq!(sign_in.email.as_ref(), Some(&guest.email));
            assert_eq!(
                sign_in.progress.session().unwrap().to_string(),
                world.session_of(&browser).await
            );
            // From the second time on the account is the key, whatever address it claims.
            partner.upstream.behave(|upstream| {
                upstream.claims = json!({ "email": "anna.berg@elsewhere.test", "email_verified": null });
            });
        }
        assert_eq!(world.count("guest.account.linked").await, 1);
    }
}

#[tokio::test]
async fn a_hint_that_names_nobody_asks_for_the_address() {
    let partner = partner().await;
    let world = &partner.world;
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&samples::tenant("fabrikam", &["fabrikam.test"]))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    for domain in [
        "elsewhere.test",
        "mail.contoso.test",
        "not a domain",
        "fabrikam.test",
        "\0",
    ] {
        let mut browser = world.browser();
        let id = browser.begin_with(world, hint(domain)).await;
        let answer = browser.get(&routes::away(id)).await;
        assert_eq!(answer.goes_to(), routes::identify(id), "{domain}");
    }
    // Whoever is asked to choose an account is not sent anywhere.
    let mut browser = world.browser();
    let id = browser
        .begin_with(world, |sign_in| {
            hint("contoso.test")(sign_in);
            sign_in.request.prompt.select_account = true;
        })
        .await;
    assert_eq!(
        browser.get(&routes::away(id)).await.goes_to(),
        routes::identify(id)
    );
}

/// R01: without an address to compare, what comes back must be of the tenant's own domains, and verified.
#[tokio::test]
async fn an_account_without_an_address_that_it_may_assert_is_nobody() {
    for (claims, expected, told) in [
        (
            json!({ "email": null }),
            "no_address",
            "didn't tell us your email address",
        ),
        (
            json!({ "email": "anna@fabrikam.test" }),
            "foreign_domain",
            "anna@fabrikam.test, which can't be used here with Contoso",
        ),
        (
            json!({ "email_verified": false }),
            "email_unverified",
            "hasn't confirmed that anna@contoso.test is yours",
        ),
    ] {
        let partner = partner().await;
        partner
            .upstream
            .behave(|upstream| upstream.claims = claims.clone());
        let mut browser = partner.world.browser();
        let id = browser.begin_with(&partner.world, hint("contoso.test")).await;
        let url = partner.away(&mut browser, id).await;
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert!(page.status.is_client_error() || page.status.is_server_error());
        says(&page, page.status, told);
        assert_eq!(reason(&partner).await, expected);
        assert_eq!(partner.world.sign_in(id).await.email, None);
        assert_eq!(partner.world.count("session.started").await, 0);
    }
}

/// R07: a guest who sticks to codes goes on with a code, for the address that came back: the hint does not move them, and
/// does not send them in circles.
#[tokio::test]
async fn a_guest_who_sticks_to_codes_goes_on_with_a_code() {
    let partner = partner().await;
    let world = &partner.world;
    let mut guest = world.stored_guest().await;
    guest.method = Some(STICKS_TO_CODES);
    let tx = world.core.store.begin().await.unwrap();
    tx.save_guest(&guest).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = world.browser();
    let id = browser.begin_with(world, hint("contoso.test")).await;
    let url = partner.away(&mut browser, id).await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&url))
        .await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    let sign_in = world.sign_in(id).await;
    assert_eq!(sign_in.email, Some(guest.email));
    assert_eq!(sign_in.progress.session(), None);
    assert_eq!(browser.get(&routes::send(id)).await.status, StatusCode::OK);
    assert_eq!(world.mails().await, 0, "a GET sends nothing");
}

/// An answer to the question without an address is none to a question with one.
#[tokio::test]
async fn an_address_that_was_typed_meanwhile_stands() {
    let partner = partner().await;
    let world = &partner.world;
    let mut browser = world.browser();
    let id = browser.begin_with(world, hint("contoso.test")).await;
    let url = partner.away(&mut browser, id).await;
    let page = browser.get(&routes::identify(id)).await;
    browser
        .submit(&page, "email", &[("email", "bob@contoso.test")])
        .await;
    let page = partner
        .arrive(&mut browser, &partner.upstream.sign_in(&url))
        .await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    assert_eq!(world.count("session.started").await, 0);
    let email = world.sign_in(id).await.email.unwrap();
    assert_eq!(email, samples::email("bob@contoso.test"));
}

/// A tenant that is down does not keep a guest waiting who may have another method.
#[tokio::test]
async fn a_tenant_that_is_down_is_not_gone_to() {
    let partner = partner().await;
    let world = &partner.world;
    let tx = world.core.store.begin().await.unwrap();
    for _ in 0..3 {
        tx.note_failure(partner.tenant.id, world.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    let mut browser = world.browser();
    let id = browser.begin_with(world, hint("contoso.test")).await;
    assert_eq!(
        browser.get(&routes::away(id)).await.goes_to(),
        routes::identify(id)
    );
}
