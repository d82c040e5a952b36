//! What a network may ask for: the guests of one meeting come from one address.

use chrono::TimeDelta;
use domain::{limits::LimitName, rate::Limit};
use http::StatusCode;

use super::{ask, assert_refused};
use crate::world::{ANNA, World, open_to_all};

/// A workshop behind one address. In an app for anyone there is one budget, known or not.
#[tokio::test]
async fn mails_an_hour_from_one_network() {
    let usual = domain::limits::Limits::default()[LimitName::MailsPerNetworkHour];
    assert_eq!(usual, Limit::per_hour(200));
    let few = |settings: &mut sign_in::Settings| {
        settings.limits[LimitName::MailsPerNetworkHour] = Limit::per_hour(20);
    };
    let world = World::with(few, open_to_all).await;
    for n in 0..20 {
        let page = ask(&world, &format!("guest{n}@fabrikam{n}.test"), 9).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{n}");
    }
    assert_refused(
        &ask(&world, ANNA, 9).await,
        "3600",
        "Many people are signing in from your network right now. You can ask for a code at 10:00 UTC (in 60 minutes), or \
         contact helpdesk@acme.example",
    );
    let reached = world.events("limit.reached").await;
    let (reason, told) = (&reached[0].reason, &reached[0].details);
    assert_eq!(reason.as_deref(), Some("mails_per_network_hour"), "the setting");
    for said in [r#""limit":"20""#, r#""network":"198.51.100.9"#] {
        assert!(told.contains(said), "{said}: {told}");
    }
    assert_eq!(
        ask(&world, ANNA, 10).await.status,
        StatusCode::SEE_OTHER,
        "the next network may"
    );
    for _ in 0..4 {
        assert_eq!(
            ask(&world, ANNA, 11).await.status,
            StatusCode::SEE_OTHER,
            "what it refused was not counted for Anna"
        );
    }
    world.advance(TimeDelta::hours(1));
    assert_eq!(
        ask(&world, "other@fabrikam.test", 9).await.status,
        StatusCode::SEE_OTHER
    );
}

/// In an app for invited guests, too, what a network is refused is the same for whoever is known and whoever is not, and a network
/// that asks for strangers reaches its own limit before that of a domain.
#[tokio::test]
async fn a_networks_limit_tells_nobody_who_is_a_guest() {
    let few = |settings: &mut sign_in::Settings| {
        settings.limits[LimitName::MailsPerNetworkHour] = Limit::per_hour(3);
    };
    let world = World::with(few, |_| ()).await;
    for n in 0..5 {
        world
            .add(&test_support::samples::guest(&format!("guest{n}@contoso.test")))
            .await;
    }
    for (network, first) in [(8, "guest0@contoso.test"), (9, "stranger@contoso.test")] {
        for n in 0..3 {
            let page = ask(&world, first, network).await;
            assert_eq!(page.status, StatusCode::SEE_OTHER, "{first} {n}");
        }
        for address in [
            "guest1@contoso.test",
            "nobody@contoso.test",
            "nobody@fabrikam.test",
        ] {
            let page = ask(&world, address, network).await;
            assert_refused(&page, "3600", "Many people are signing in from your network");
        }
    }
    assert_eq!(world.mails().await, 3);
    let reached = world.events("limit.reached").await;
    assert!(
        reached
            .iter()
            .all(|event| event.details.contains(r#""budget":"guests""#))
    );
    // Another network goes on.
    let page = ask(&world, "guest1@contoso.test", 10).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    let limits = domain::limits::Limits::default();
    assert!(limits[LimitName::MailsPerDomainHour].max >= 5 * limits[LimitName::MailsPerNetworkHour].max);
    assert!(limits[LimitName::MailsEverywhereHour].max >= 5 * limits[LimitName::MailsPerDomainHour].max);
}
