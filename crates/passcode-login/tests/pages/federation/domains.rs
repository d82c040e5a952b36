//! Domains whose proof is not there yet, or has lapsed.

use domain::{
    domain_claim::{ClaimState, DomainClaim},
    method::Method,
};
use test_support::samples;
use web::routes;

use super::Partner;
use crate::world::ANNA;

async fn claim_is(partner: &Partner, state: ClaimState) {
    let tx = partner.world.core.store.begin().await.unwrap();
    let claim = tx.claims_of_tenant(partner.tenant.id).await.unwrap().remove(0);
    tx.save_claim(&DomainClaim { state, ..claim }).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_domain_that_nobody_has_proven_leads_to_a_code() {
    for partner in Partner::each().await {
        claim_is(&partner, ClaimState::Pending).await;
        let world = &partner.world;
        world.browser().come_in(world, ANNA).await;
        assert_eq!(world.count("guest.signin.code.ok").await, 1);
        let reader = world.core.store.reader();
        let guest = reader
            .guest_by_email(&samples::email(ANNA))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(guest.method, Some(Method::Passcode));
    }
}

/// A lapse suspends routing, not users.
#[tokio::test]
async fn who_signs_in_there_already_goes_on_when_the_proof_lapses_and_newcomers_get_codes() {
    for partner in Partner::each().await {
        let world = &partner.world;
        let mut browser = world.browser();
        let id = browser.begin(world).await;
        let page = partner.round(&mut browser, id).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        claim_is(&partner, ClaimState::Suspended).await;

        let mut again = world.browser();
        let id = again.begin(world).await;
        let page = partner.round(&mut again, id).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        assert!(again.cookies.contains_key("__Host-vestibule-session"));

        world.add(&samples::guest("bob@contoso.test")).await;
        world.browser().come_in(world, "bob@contoso.test").await;
        assert_eq!(world.count("guest.signin.code.ok").await, 1);
    }
}

/// R03: the tenant may not introduce a person of a domain that it has not proven, even where it speaks for others.
#[tokio::test]
async fn a_lapse_while_somebody_is_away_introduces_nobody() {
    for partner in Partner::each().await {
        let mut browser = partner.world.browser();
        let id = browser.begin(&partner.world).await;
        let url = partner.leave(&mut browser, id).await;
        claim_is(&partner, ClaimState::Suspended).await;
        let back = partner.upstream.sign_in(&url);
        let page = partner.arrive(&mut browser, &back).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
    }
}
