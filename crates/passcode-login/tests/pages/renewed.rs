//! What stands for the browser is renewed when a session begins: nothing that was there before decides anything after (O07).

use chrono::TimeDelta;
use domain::{Secret, sign_in::SignIn};
use http::StatusCode;
use test_support::samples;
use web::routes;

use crate::{
    federation::Partner,
    world::{ANNA, Browser, World},
};

const BOB: &str = "bob@fabrikam.test";

fn belongs_to(sign_in: &SignIn, browser: &Browser) -> bool {
    sign_in.browser == browser.secret().hash()
}

#[tokio::test]
async fn other_tabs_go_on_and_a_copy_of_the_former_cookie_does_not() {
    for world in World::on_each().await {
        let mut anna = world.browser();
        let first = anna.ask(&world, ANNA).await;
        let second = anna.ask(&world, ANNA).await;
        let third = anna.begin(&world).await;
        let open_before = anna.get(&routes::passcode(second)).await;
        let mut copy = anna.clone();

        let page = anna.try_code(first, &world.code(first).await).await;
        let cookie = page.set_cookie("__Host-vestibule-browser=").unwrap();
        assert!(
            cookie.contains("HttpOnly") && cookie.contains("Max-Age=172800"),
            "{cookie}"
        );
        assert_ne!(anna.secret(), copy.secret());
        for id in [first, second, third] {
            assert!(belongs_to(&world.sign_in(id).await, &anna), "{id}");
        }

        // The answer may be lost, and other tabs may be on their way back.
        world.advance(TimeDelta::seconds(60));
        assert_eq!(copy.get(&routes::passcode(second)).await.status, StatusCode::OK);
        world.advance(TimeDelta::milliseconds(1));
        let code = world.code(second).await;
        for id in [first, second, third] {
            for path in [routes::passcode(id), routes::identify(id)] {
                let page = copy.get(&path).await;
                assert_eq!(page.status, StatusCode::GONE, "{path}");
                assert_eq!(page.text("main a"), "Back to Acme Notes");
            }
        }
        assert_eq!(copy.try_code(second, &code).await.status, StatusCode::GONE);

        // The form that was open all the while.
        let page = anna.submit(&open_before, "Continue", &[("code", &code)]).await;
        assert_eq!(page.goes_to(), routes::resume(second), "{}", page.body);
        let third = world.sign_in(third).await;
        assert!(belongs_to(&third, &anna), "and once more");
    }
}

/// The tabs of a browser that was opened again come back within the same second.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn tabs_that_come_in_at_once_all_come_in() {
    for world in World::on_each().await {
        let mut anna = world.browser();
        let mut tabs = Vec::new();
        for _ in 0..3 {
            let id = anna.ask(&world, ANNA).await;
            tabs.push((id, world.code(id).await));
        }
        let racers: Vec<_> = tabs
            .iter()
            .cloned()
            .map(|(id, code)| {
                let mut tab = anna.clone();
                tokio::spawn(async move {
                    let page = tab.try_code(id, &code).await;
                    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
                    tab
                })
            })
            .collect();
        let mut renewed = Vec::new();
        for racer in racers {
            renewed.push(racer.await.unwrap());
        }
        for tab in &renewed {
            assert_ne!(tab.secret(), anna.secret());
            for (id, _) in &tabs {
                assert!(
                    belongs_to(&world.sign_in(*id).await, tab),
                    "whichever answer comes last"
                );
            }
        }
    }
}

/// A tab whose app has its answer says so still, and what K2 knew belongs to no browser once there is K3.
#[tokio::test]
async fn an_answered_tab_goes_along_and_older_secrets_end_at_once() {
    let world = World::new().await;
    let mut anna = world.browser();
    let first = anna.ask(&world, ANNA).await;
    let (second, third) = (anna.ask(&world, ANNA).await, anna.begin(&world).await);
    let mut before = anna.clone();
    anna.try_code(first, &world.code(first).await).await;
    world.answer(first).await;
    anna.try_code(second, &world.code(second).await).await;
    assert!(belongs_to(&world.sign_in(first).await, &anna));
    let page = anna.get(&routes::passcode(first)).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    assert!(page.text("main").contains("Acme Notes"), "{}", page.body);
    assert_eq!(
        before.get(&routes::identify(third)).await.status,
        StatusCode::GONE
    );
}

#[tokio::test]
async fn who_is_at_an_upstream_comes_back_after_a_session_began_in_another_tab() {
    for partner in Partner::each().await {
        let world = &partner.world;
        world.add(&samples::guest(BOB)).await;
        let mut browser = world.browser();
        let bobs = browser.ask(world, BOB).await;
        let annas = browser.begin(world).await;
        let url = partner.leave(&mut browser, annas).await;
        browser.try_code(bobs, &world.code(bobs).await).await;
        world.advance(TimeDelta::minutes(2));
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert_eq!(page.goes_to(), routes::resume(annas), "{}", page.body);
        let session = world.sign_in(annas).await.progress.session().unwrap();
        assert_eq!(world.session_of(&browser).await, session.to_string());
    }
}

/// Pages and trips are older than the key in use, for as long as it is known.
#[tokio::test]
async fn a_page_and_a_trip_outlive_a_rotation_of_the_master_key() {
    for partner in Partner::each().await {
        let world = &partner.world;
        world.add(&samples::guest(BOB)).await;
        let mut bob = world.browser();
        let id = bob.ask(world, BOB).await;
        let page = bob.get(&routes::passcode(id)).await;
        let code = world.code(id).await;
        let mut bob = world.with_another_key(&bob).await;
        let page = bob.submit(&page, "Continue", &[("code", &code)]).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);

        let mut anna = world.browser();
        let id = anna.begin(world).await;
        let url = partner.leave(&mut anna, id).await;
        let mut anna = world.with_another_key(&anna).await;
        let page = partner.arrive(&mut anna, &partner.upstream.sign_in(&url)).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        assert!(anna.cookies.contains_key("__Host-vestibule-session"));
    }
}

/// Somebody else who signs in with the same former secret learns nothing of what the guest's browser holds afterwards.
#[tokio::test]
async fn two_guests_of_one_former_secret_get_two() {
    let world = World::new().await;
    world.add(&samples::guest(BOB)).await;
    let mut anna = world.browser();
    let hers = anna.ask(&world, ANNA).await;
    let his = anna.ask(&world, BOB).await;
    let mut bob = anna.clone();
    let known: Secret = anna.secret();
    anna.try_code(hers, &world.code(hers).await).await;
    bob.try_code(his, &world.code(his).await).await;
    assert!(anna.secret() != bob.secret() && anna.secret() != known && bob.secret() != known);
    assert_eq!(anna.get(&routes::passcode(his)).await.status, StatusCode::GONE);
    assert_eq!(bob.get(&routes::passcode(hers)).await.status, StatusCode::GONE);
}
