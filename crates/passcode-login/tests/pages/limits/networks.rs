//! What a network may ask for: the guests of one meeting come from one address.

use chrono::TimeDelta;
use domain::rate::Limit;
use http::StatusCode;

use super::{ask, assert_refused};
use crate::world::{ANNA, World, open_to_all};

/// K14: a workshop behind one address. In an app for anyone there is one budget, known or not.
#[tokio::test]
async fn mails_an_hour_from_one_network() {
    let usual = web::Limits::default().sends_per_prefix_hour;
    assert_eq!(usual, Limit::per_hour(200));
    let few = |settings: &mut web::Settings| settings.limits.sends_per_prefix_hour = Limit::per_hour(20);
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
    let told = &world.events("limit.reached").await[0].details;
    for said in [
        "limits.sends_per_prefix_hour",
        r#""limit":"20""#,
        r#""network":"198.51.100.9"#,
    ] {
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

/// K14: in an app for invited guests they have a budget of their own, and strangers, who cost no mail, have none.
#[tokio::test]
async fn strangers_use_up_nothing_of_what_guests_have() {
    let few = |settings: &mut web::Settings| settings.limits.sends_per_prefix_hour = Limit::per_hour(3);
    let world = World::with(few, |_| ()).await;
    for n in 0..4 {
        world
            .add(&test_support::samples::guest(&format!("guest{n}@contoso.test")))
            .await;
    }
    for n in 0..9 {
        let page = ask(&world, &format!("stranger{n}@fabrikam{n}.test"), 9).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{n}");
    }
    for n in 0..3 {
        let page = ask(&world, &format!("guest{n}@contoso.test"), 9).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER, "{n}");
    }
    assert_eq!(world.mails().await, 3);
    let page = ask(&world, "guest3@contoso.test", 9).await;
    assert_refused(&page, "3600", "Many people are signing in from your network");
    let page = ask(&world, "stranger9@fabrikam.test", 9).await;
    assert_eq!(
        page.status,
        StatusCode::SEE_OTHER,
        "they see the same page beyond any limit"
    );
}
