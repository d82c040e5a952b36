//! Answers that no honest browser sends, or sends too late or too often.

use chrono::TimeDelta;
use domain::limits::LimitName;
use http::StatusCode;
use test_support::{Asked, Authenticator};
use web::routes;

use super::{
    HERE, answer, assert_refused, challenge, code_with_box, enter, options, passkeys, reason, register,
    with_passkey,
};
use crate::world::World;

#[tokio::test]
async fn answers_for_another_place_or_by_nobody_are_refused() {
    let wrong = [
        Asked {
            origin: "https://login.acme.example.evil.test",
            ..HERE
        },
        Asked {
            origin: "https://acme.example",
            ..HERE
        },
        Asked {
            origin: "http://login.acme.example",
            ..HERE
        },
        Asked {
            origin: "https://login.acme.example:8443",
            ..HERE
        },
        Asked {
            rp_id: "evil.test",
            ..HERE
        },
        Asked {
            rp_id: "acme.example",
            ..HERE
        },
        Asked {
            verified: false,
            ..HERE
        },
    ];
    for (world, mut device) in with_passkey().await {
        for asked in &wrong {
            let mut browser = world.browser();
            let id = browser.begin(&world).await;
            let page = challenge(&mut browser, id).await;
            let signed = device.sign(&options(&page), asked);
            let page = answer(&mut browser, &page, &signed).await;
            assert_refused(&world, &browser, &page, "wrong").await;
        }
        assert_eq!(world.count("guest.passkey.refused").await, wrong.len());
        let (id, page) = enter(&world, &mut world.browser(), &mut device).await;
        assert_eq!(page.goes_to(), routes::resume(id), "the honest one still works");
    }
}

#[tokio::test]
async fn registrations_from_another_place_or_by_nobody_make_no_passkey() {
    for world in World::on_each().await {
        for asked in [
            Asked {
                origin: "https://evil.test",
                ..HERE
            },
            Asked {
                rp_id: "evil.test",
                ..HERE
            },
            Asked {
                verified: false,
                ..HERE
            },
        ] {
            let mut browser = world.browser();
            let id = code_with_box(&world, &mut browser, &[]).await;
            let page = browser.get(&routes::new_passkey(id)).await;
            let (_, made) = Authenticator::create(&options(&page), &asked, false);
            let page = answer(&mut browser, &page, &made).await;
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert_eq!(reason(&world).await, "wrong");
            world.advance(TimeDelta::hours(2));
        }
        assert!(passkeys(&world).await.is_empty());
    }
}

#[tokio::test]
async fn an_answer_is_good_once() {
    for (world, mut device) in with_passkey().await {
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = challenge(&mut browser, id).await;
        let signed = device.sign(&options(&page), &HERE);
        let done = answer(&mut browser, &page, &signed).await;
        assert_eq!(done.goes_to(), routes::resume(id));

        // In the same sign-in it changes nothing and gives no session.
        let mut again = browser.clone();
        again.cookies.remove("__Host-vestibule-session");
        let page = answer(&mut again, &page, &signed).await;
        assert_eq!(page.goes_to(), routes::resume(id));
        assert!(!again.cookies.contains_key("__Host-vestibule-session"));
        assert_eq!(
            world.count("session.started").await,
            2,
            "the code's and the passkey's"
        );

        // In a new one it answers another challenge.
        let mut thief = world.browser();
        let id = thief.begin(&world).await;
        let page = challenge(&mut thief, id).await;
        let page = answer(&mut thief, &page, &signed).await;
        assert_refused(&world, &thief, &page, "wrong").await;
        // And without a challenge, none.
        let csrf = thief.csrf(id);
        let page = thief
            .post(&routes::passkey(id), &[("csrf", &csrf), ("credential", &signed)])
            .await;
        assert_refused(&world, &thief, &page, "no_challenge").await;
    }
}

#[tokio::test]
async fn a_challenge_belongs_to_its_browser_and_its_sign_in() {
    for (world, mut device) in with_passkey().await {
        let (mut anna, mut mallory) = (world.browser(), world.browser());
        let theirs = mallory.begin(&world).await;
        let page = challenge(&mut mallory, theirs).await;
        let signed = device.sign(&options(&page), &HERE);
        // Anna was made to sign Mallory's challenge: it is no use in her browser, at his sign-in or at hers.
        let stolen = answer(&mut anna, &page, &signed).await;
        assert_eq!(stolen.status, StatusCode::GONE);
        let own = anna.begin(&world).await;
        let page = challenge(&mut anna, own).await;
        let page = answer(&mut anna, &page, &signed).await;
        assert_refused(&world, &anna, &page, "wrong").await;
    }
}

#[tokio::test]
async fn a_challenge_ends_after_five_minutes() {
    for (world, mut device) in with_passkey().await {
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = challenge(&mut browser, id).await;
        let signed = device.sign(&options(&page), &HERE);
        world.advance(TimeDelta::minutes(5));
        let shown = browser.get(&routes::passkey(id)).await;
        assert!(!shown.has("[data-options]"), "the page asks for another one");
        let page = answer(&mut browser, &page, &signed).await;
        assert_refused(&world, &browser, &page, "late").await;
    }
}

#[tokio::test]
async fn a_counter_that_goes_back_is_refused_and_on_record() {
    for (world, mut device) in with_passkey().await {
        for _ in 0..2 {
            let (id, page) = enter(&world, &mut world.browser(), &mut device).await;
            assert_eq!(page.goes_to(), routes::resume(id));
        }
        device.counter -= 2;
        let mut browser = world.browser();
        let (_, page) = enter(&world, &mut browser, &mut device).await;
        assert_refused(&world, &browser, &page, "counter_went_back").await;
        let events = world.events("guest.passkey.refused").await;
        assert_eq!(events[0].guest, Some(world.guest.id), "an operator sees whose");
    }
}

#[tokio::test]
async fn a_passkey_that_says_it_is_somebody_elses_or_is_unknown_is_refused() {
    for (world, mut device) in with_passkey().await {
        let user = std::mem::replace(&mut device.user, vec![7; 16]);
        let mut browser = world.browser();
        let (_, page) = enter(&world, &mut browser, &mut device).await;
        assert_refused(&world, &browser, &page, "not_theirs").await;
        device.user = user;
        let tx = world.core.store.begin().await.unwrap();
        assert_eq!(tx.remove_passkeys_of(world.guest.id).await.unwrap(), 1);
        tx.commit().await.unwrap();
        let (_, page) = enter(&world, &mut browser, &mut device).await;
        assert_refused(&world, &browser, &page, "unknown").await;
        let id = browser.begin(&world).await;
        let page = challenge(&mut browser, id).await;
        let page = answer(&mut browser, &page, "{\"not\":\"an answer\"}").await;
        assert_refused(&world, &browser, &page, "wrong").await;
    }
}

#[tokio::test]
async fn a_credential_is_registered_once() {
    for world in World::on_each().await {
        let mut browser = world.browser();
        let id = code_with_box(&world, &mut browser, &[]).await;
        let page = browser.get(&routes::new_passkey(id)).await;
        let (_, made) = Authenticator::create(&options(&page), &HERE, false);
        let done = answer(&mut browser, &page, &made).await;
        assert_eq!(done.goes_to(), routes::resume(id));
        // The same form again finds nothing to do.
        let done = answer(&mut browser, &page, &made).await;
        assert_eq!(done.goes_to(), routes::resume(id));
        assert_eq!(passkeys(&world).await.len(), 1);
        assert_eq!(world.count("guest.passkey.added").await, 1);
    }
}

#[tokio::test]
async fn failing_tries_are_limited_by_network_and_right_ones_are_not_counted() {
    let few = |settings: &mut sign_in::Settings| {
        settings.limits[LimitName::WrongPerNetworkHour] = domain::rate::Limit::per_hour(3);
    };
    for world in World::on_each_with(few).await {
        let mut device = register(&world, &mut world.browser(), false).await;
        for _ in 0..5 {
            let (id, page) = enter(&world, &mut world.browser(), &mut device).await;
            assert_eq!(page.goes_to(), routes::resume(id));
        }
        let bad = Asked {
            verified: false,
            ..HERE
        };
        for n in 0..4 {
            let mut browser = world.browser();
            let id = browser.begin(&world).await;
            let page = challenge(&mut browser, id).await;
            let signed = device.sign(&options(&page), &bad);
            let page = answer(&mut browser, &page, &signed).await;
            if n < 3 {
                assert_refused(&world, &browser, &page, "wrong").await;
            } else {
                assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
                assert!(!page.header("retry-after").is_empty());
            }
        }
        assert_eq!(world.count("guest.passkey.refused").await, 3);
        world.advance(TimeDelta::hours(1));
        let (id, page) = enter(&world, &mut world.browser(), &mut device).await;
        assert_eq!(page.goes_to(), routes::resume(id), "the limit passes");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_racers_with_one_challenge_make_one_session() {
    for (world, mut device) in with_passkey().await {
        let before = world.count("session.started").await;
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = challenge(&mut browser, id).await;
        let csrf = browser.csrf(id);
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (mut browser, csrf) = (browser.clone(), csrf.clone());
                let signed = device.sign(&options(&page), &HERE);
                tokio::spawn(async move {
                    let fields = [("csrf", &*csrf), ("credential", &*signed)];
                    browser.post(&routes::passkey(id), &fields).await
                })
            })
            .collect();
        let mut sessions = 0;
        for racer in racers {
            let page = racer.await.unwrap();
            assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
            sessions += usize::from(page.set_cookie("__Host-vestibule-session=").is_some());
        }
        assert_eq!(sessions, 1);
        assert_eq!(world.count("session.started").await - before, 1);
        assert_eq!(world.count("guest.passkey.used").await, 1);
        assert_eq!(world.count("guest.passkey.refused").await, 0);
    }
}

/// Our answer was lost, or the form was sent twice: the same one again, for a minute.
#[tokio::test]
async fn the_same_answer_of_an_authenticator_again_is_the_same_session() {
    for (world, mut device) in with_passkey().await {
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = challenge(&mut browser, id).await;
        let csrf = browser.csrf(id);
        let signed = device.sign(&options(&page), &HERE);
        let fields = [("csrf", &*csrf), ("credential", &*signed)];
        let (mut lost, mut late) = (browser.clone(), browser.clone());
        lost.post(&routes::passkey(id), &fields).await;
        world.advance(TimeDelta::seconds(60));
        let again = browser.post(&routes::passkey(id), &fields).await;
        assert_eq!(again.goes_to(), routes::resume(id), "{}", again.body);
        assert_eq!(browser.cookies, lost.cookies);
        assert_eq!(world.count("guest.passkey.used").await, 1);
        world.advance(TimeDelta::milliseconds(1));
        let page = late.post(&routes::passkey(id), &fields).await;
        assert_eq!(page.status, StatusCode::GONE);
        assert_eq!(page.set_cookie("__Host-vestibule-session="), None);
    }
}
