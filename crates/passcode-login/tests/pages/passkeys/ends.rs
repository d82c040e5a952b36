//! What ends a passkey, and where it may not replace another method.

use chrono::TimeDelta;
use domain::{
    guest::GuestStatus, limits::LimitName, method::Method, passkey::CeremonyPurpose, upstream::Upstream,
};
use http::StatusCode;
use method_resolution::Moving;
use test_support::{Authenticator, TestUpstream, samples};
use web::routes;

use super::{
    HERE, answer, assert_refused, challenge, code_with_box, enter, options, passkeys, register, session,
    with_passkey,
};
use crate::{federation::Partner, world::World};

#[tokio::test]
async fn a_guest_who_is_blocked_learns_so_after_the_passkey_as_after_a_code() {
    for (world, mut device) in with_passkey().await {
        for change in [
            (|guest| guest.status = GuestStatus::Blocked) as fn(&mut domain::guest::Guest),
            |guest| {
                guest.status = GuestStatus::Active;
                guest.valid_until = Some(guest.created_at);
            },
        ] {
            world.change_guest(change).await;
            let refused = world.count("access.refused").await;
            let mut browser = world.browser();
            let (id, _) = enter(&world, &mut browser, &mut device).await;
            assert_eq!(world.count("access.refused").await - refused, 1);
            let page = browser.get(&routes::refused(id)).await;
            assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        }
        assert_eq!(passkeys(&world).await.len(), 1, "blocking deletes nothing");
    }
}

#[tokio::test]
async fn a_guest_who_was_reset_or_is_held_elsewhere_does_not_get_in() {
    for (world, mut device) in with_passkey().await {
        let partner = Partner::of(world).await;
        let world = &partner.world;
        let tenant = partner.tenant.method();
        for change in [
            (Box::new(|guest: &mut domain::guest::Guest| guest.method = None))
                as Box<dyn Fn(&mut domain::guest::Guest)>,
            Box::new(move |guest: &mut domain::guest::Guest| guest.method = Some(tenant)),
            Box::new(move |guest: &mut domain::guest::Guest| {
                guest.method = Some(Method::Passcode);
                guest.pinned_method = Some(tenant);
            }),
        ] {
            world.change_guest(&*change).await;
            let mut browser = world.browser();
            let (_, page) = enter(world, &mut browser, &mut device).await;
            assert_refused(world, &browser, &page, "other_method").await;
        }
    }
}

#[tokio::test]
async fn where_the_domain_was_federated_later_the_offer_to_move_follows_and_ends_the_passkeys() {
    for world in World::on_each_with(|settings| settings.resolution.usual.moving = Moving::Offer).await {
        let mut device = register(&world, &mut world.browser(), false).await;
        world.advance(TimeDelta::hours(25));
        let partner = Partner::of(world).await;
        let world = &partner.world;
        let mut browser = world.browser();
        let (id, page) = enter(world, &mut browser, &mut device).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        let page = browser.get(&routes::offer(id)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let url = partner.away(&mut browser, id).await;
        let page = partner
            .arrive(&mut browser, &partner.upstream.sign_in(&url))
            .await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        let guest = world.stored_guest().await;
        assert_eq!(guest.method, Some(partner.tenant.method()));
        assert!(passkeys(world).await.is_empty());
        let mut browser = world.browser();
        let (_, page) = enter(world, &mut browser, &mut device).await;
        assert_refused(world, &browser, &page, "unknown").await;
    }
}

/// R01: a passkey proves no mailbox, so it confirms none for an account that says nothing of it.
#[tokio::test]
async fn a_passkey_confirms_no_address_for_a_personal_account() {
    let world = World::new().await;
    let mut device = register(&world, &mut world.browser(), false).await;
    world.advance(TimeDelta::hours(25));
    let upstream = TestUpstream::start(world.clock.clone()).await;
    let google = Upstream {
        connection: Some(samples::connection(&upstream.issuer)),
        ..samples::provider("google", &["contoso.test"])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&google).await.unwrap();
    tx.commit().await.unwrap();
    upstream.behave(|upstream| {
        upstream.claims = serde_json::json!({ "email": "mallory@contoso.test", "email_verified": true });
    });
    let mut browser = world.browser();
    let (id, _) = enter(&world, &mut browser, &mut device).await;
    assert_eq!(browser.get(&routes::offer(id)).await.status, StatusCode::OK);
    let url = browser.get(&routes::away(id)).await.goes_to();
    let back = upstream.sign_in(&url);
    let page = browser
        .get(&format!("{}?{}", back.path(), back.query().unwrap()))
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN, "{}", page.body);
    assert_eq!(world.stored_guest().await.method, Some(Method::Passcode));
    assert_eq!(world.count("guest.account.linked").await, 0);
    assert_eq!(passkeys(&world).await.len(), 1);
}

/// What one person wished for in this sign-in is not done for the next.
#[tokio::test]
async fn a_wish_for_a_passkey_is_of_one_person() {
    let world = World::new().await;
    let bob = samples::guest("bob@contoso.test");
    world.add(&bob).await;
    let mut browser = world.browser();
    let id = code_with_box(&world, &mut browser, &[]).await;
    assert_eq!(browser.get(&routes::new_passkey(id)).await.status, StatusCode::OK);
    // Somebody else goes on with this sign-in, and ticks no box.
    let csrf = browser.csrf(id);
    let form = [("csrf", &*csrf), ("email", "bob@contoso.test")];
    browser.post(&routes::identify(id), &form).await;
    let page = browser.try_code(id, &world.code(id).await).await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    browser.get(&routes::new_passkey(id)).await.assert_answered();
    let reader = world.core.store.reader();
    assert!(
        reader
            .ceremony(id, CeremonyPurpose::Make)
            .await
            .unwrap()
            .is_none()
    );
}

/// A phone at a shared computer leaves nothing there.
#[tokio::test]
async fn a_passkey_of_another_device_leaves_nothing_in_the_browser() {
    for (attachment, stays) in [("platform", true), ("cross-platform", false)] {
        let world = World::new().await;
        let mut device = register(&world, &mut world.browser(), false).await;
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = challenge(&mut browser, id).await;
        let signed = device
            .sign(&options(&page), &HERE)
            .replace("\"platform\"", &format!("\"{attachment}\""));
        let page = answer(&mut browser, &page, &signed).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        assert_eq!(session(&world, &browser).await.ends_with_browser, !stays);
        assert_eq!(
            browser.cookies.contains_key("__Host-vestibule-device"),
            stays,
            "{:?}",
            browser.cookies
        );
    }
}

#[tokio::test]
async fn where_codes_are_off_for_the_guest_a_passkey_is_too() {
    for (world, mut device) in with_passkey().await {
        let limit = domain::rate::Limit {
            max: 100,
            per: TimeDelta::days(36_500),
        };
        let tx = world.core.store.begin().await.unwrap();
        for _ in 0..100 {
            let key = world.guest.email.counting_key();
            tx.take(LimitName::WrongInARow.name(), &key, limit, world.now())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let mut browser = world.browser();
        let (_, page) = enter(&world, &mut browser, &mut device).await;
        assert_refused(&world, &browser, &page, "codes_off").await;
    }
}

#[tokio::test]
async fn a_sign_in_that_is_locked_takes_no_passkey() {
    for (world, mut device) in with_passkey().await {
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = challenge(&mut browser, id).await;
        let until = world.now() + TimeDelta::minutes(15);
        world
            .change(id, |sign_in| sign_in.locked_until = Some(until))
            .await;
        let signed = device.sign(&options(&page), &HERE);
        let page = answer(&mut browser, &page, &signed).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
    }
}

#[tokio::test]
async fn nobody_registers_once_their_session_has_ended_or_their_method_is_gone() {
    for world in World::on_each().await {
        for reset in [false, true] {
            let mut browser = world.browser();
            let id = code_with_box(&world, &mut browser, &[]).await;
            let page = browser.get(&routes::new_passkey(id)).await;
            let (_, made) = Authenticator::create(&options(&page), &HERE, false);
            if reset {
                world.change_guest(|guest| guest.method = None).await;
            } else {
                let tx = world.core.store.begin().await.unwrap();
                tx.end_sessions_of(world.guest.id, world.now()).await.unwrap();
                tx.commit().await.unwrap();
            }
            let page = answer(&mut browser, &page, &made).await;
            assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
            assert!(passkeys(&world).await.is_empty());
            world.advance(TimeDelta::hours(2));
        }
    }
}
