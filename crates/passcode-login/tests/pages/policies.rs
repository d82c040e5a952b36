//! What is set for one partner's domain, and for no other.

use chrono::TimeDelta;
use http::StatusCode;
use method_resolution::{Moving, Policy};
use sign_in::Settings;
use test_support::samples;
use web::routes;

use crate::{
    federation::Partner,
    world::{ANNA, World},
};

fn for_contoso(settings: &mut Settings, policy: Policy) {
    let domains = &mut settings.resolution.domains;
    domains.insert("contoso.test".into(), policy);
}

fn no_codes(settings: &mut Settings) {
    let policy = Policy {
        codes: false,
        ..Policy::default()
    };
    for_contoso(settings, policy);
}

#[tokio::test]
async fn codes_are_off_for_one_domain_only() {
    let world = World::with(no_codes, |_| ()).await;
    world.add(&samples::guest("bob@fabrikam.test")).await;
    for (address, next) in [
        (ANNA, "unavailable"),
        ("nobody@contoso.test", "unavailable"),
        ("bob@fabrikam.test", "passcode"),
        ("nobody@fabrikam.test", "passcode"),
    ] {
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = browser.get(&routes::identify(id)).await;
        let page = browser.submit(&page, "email", &[("email", address)]).await;
        let expected = match next {
            "passcode" => routes::passcode(id),
            _ => routes::unavailable(id),
        };
        assert_eq!(page.goes_to(), expected, "{address}");
    }
    assert_eq!(world.mails().await, 1, "to bob");
}

/// An operator switches codes off while a code is on its way: it opens nothing any more.
#[tokio::test]
async fn a_code_in_flight_dies_when_codes_are_switched_off() {
    for world in World::on_each().await {
        let mut browser = world.browser();
        let id = browser.ask(&world, ANNA).await;
        let code = world.code(id).await;
        let mut restarted = world.at_replica(&browser, no_codes);
        let page = restarted.try_code(id, &code).await;
        assert_eq!(page.goes_to(), routes::unavailable(id), "{}", page.body);
        assert!(
            !restarted.cookies.contains_key("__Host-vestibule-session"),
            "{}",
            page.body
        );
        assert_eq!(world.count("session.started").await, 0);
        // It was proven and spent all the same. Where codes are on, the next one opens: the policy refused the first.
        let page = browser.try_code(id, &code).await;
        assert!(page.body.contains("already used"), "{}", page.body);
        world.browser().come_in(&world, ANNA).await;
        assert_eq!(world.count("session.started").await, 1);
    }
}

#[tokio::test]
async fn moving_is_required_of_one_domain_only() {
    let required = Policy {
        moving: Moving::RequireFrom(samples::now()),
        ..Policy::default()
    };
    let world = World::with(
        |settings| {
            settings.resolution.usual.moving = Moving::Keep;
            for_contoso(settings, required);
        },
        |_| (),
    )
    .await;
    world.add(&samples::guest("bob@fabrikam.test")).await;
    world.browser().come_in(&world, ANNA).await;
    world.browser().come_in(&world, "bob@fabrikam.test").await;
    world.advance(TimeDelta::hours(25));
    let partner = Partner::of(world).await;
    let world = &partner.world;
    let fabrikam = domain::upstream::Upstream {
        connection: partner.tenant.connection.clone(),
        ..samples::tenant("fabrikam", &["fabrikam.test"])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&fabrikam).await.unwrap();
    tx.commit().await.unwrap();

    let mut anna = world.browser();
    let id = anna.come_in(world, ANNA).await;
    let page = anna.get(&routes::offer(id)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.text("main").contains("Contoso"), "{}", page.body);

    let mut bob = world.browser();
    let id = bob.come_in(world, "bob@fabrikam.test").await;
    bob.get(&routes::offer(id)).await.assert_answered();
}
