//! Requests that meet (E02), on every database: exactly one wins, and no more is compared than allowed.

use domain::{Id, app::AccessRule, sign_in::SignIn};
use http::StatusCode;
use web::routes;

use crate::world::{ANNA, Browser, Page, World};

/// Sends the same or different codes at once.
async fn at_once(browser: &Browser, tries: Vec<(Id<SignIn>, String)>) -> Vec<Page> {
    let racers: Vec<_> = tries
        .into_iter()
        .map(|(id, code)| {
            let mut browser = browser.clone();
            tokio::spawn(async move { browser.try_code(id, &code).await })
        })
        .collect();
    let mut pages = Vec::new();
    for racer in racers {
        pages.push(racer.await.unwrap());
    }
    pages
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_racers_on_one_code_make_one_session() {
    for world in World::on_each().await {
        let mut anna = world.browser();
        let id = anna.ask(&world, ANNA).await;
        let code = world.code(id).await;
        let pages = at_once(&anna, vec![(id, code); 8]).await;
        let mut cookies: Vec<String> = pages
            .iter()
            .map(|page| {
                assert_eq!(page.goes_to(), routes::resume(id));
                page.set_cookie("__Host-vestibule-session=").unwrap()
            })
            .collect();
        cookies.dedup();
        assert_eq!(cookies.len(), 1, "everyone gets the same session");
        assert_eq!(world.count("session.started").await, 1);
        assert_eq!(world.count("guest.signin.code.ok").await, 1);
        assert_eq!(world.sign_in(id).await.tries, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_wrong_codes_at_once_are_five_comparisons() {
    for world in World::on_each().await {
        let mut anna = world.browser();
        let id = anna.ask(&world, ANNA).await;
        let mut tries = Vec::new();
        for n in 0..8 {
            tries.push((id, world.wrong(id, n).await));
        }
        let pages = at_once(&anna, tries).await;
        let wrong = pages
            .iter()
            .filter(|page| page.status == StatusCode::UNPROCESSABLE_ENTITY)
            .count();
        let over = pages
            .iter()
            .filter(|page| page.status == StatusCode::TOO_MANY_REQUESTS)
            .count();
        assert_eq!((wrong, over), (4, 4), "the fifth one locks");
        assert_eq!(world.count("guest.signin.code.wrong").await, 5);
        assert_eq!(world.count("guest.signin.code.locked").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sign_ins_at_once_share_the_tries_of_their_mailbox() {
    for world in World::on_each().await {
        // One more than the hour allows, in browsers of their own.
        let mut racers = Vec::new();
        for n in 0..5 {
            let mut browser = world.browser();
            let id = browser.ask(&world, ANNA).await;
            for number in 0..4 {
                racers.push((browser.clone(), id, world.wrong(id, number + n).await));
            }
        }
        let tries: Vec<_> = racers
            .into_iter()
            .map(|(mut browser, id, code)| {
                tokio::spawn(async move { browser.try_code(id, &code).await.status })
            })
            .collect();
        let mut compared = 0;
        for racer in tries {
            compared += usize::from(racer.await.unwrap() == StatusCode::UNPROCESSABLE_ENTITY);
        }
        assert_eq!(compared, 10, "of twenty");
        assert_eq!(world.count("guest.signin.code.wrong").await, 10);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_first_sign_ins_at_once_make_one_guest() {
    for world in World::on_each().await {
        let mut app = world.app.clone();
        app.access = AccessRule::AnyGuest;
        let tx = world.core.store.begin().await.unwrap();
        tx.update_app(&app).await.unwrap();
        tx.commit().await.unwrap();
        let address = "carol@fabrikam.test";
        let mut racers = Vec::new();
        for _ in 0..4 {
            let mut browser = world.browser();
            let id = browser.ask(&world, address).await;
            let code = world.code(id).await;
            racers.push(tokio::spawn(async move {
                let page = browser.try_code(id, &code).await;
                assert_eq!(page.goes_to(), routes::resume(id));
            }));
        }
        for racer in racers {
            racer.await.unwrap();
        }
        assert_eq!(world.count("guest.added").await, 1);
        assert_eq!(world.count("session.started").await, 4);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_mail_for_a_button_that_was_pressed_eight_times() {
    for world in World::on_each().await {
        let mut anna = world.browser();
        let id = anna.ask(&world, ANNA).await;
        world.advance(chrono::TimeDelta::minutes(1));
        let csrf = anna.csrf(id);
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (mut browser, csrf) = (anna.clone(), csrf.clone());
                tokio::spawn(
                    async move { browser.post(&routes::resend(id), &[("csrf", &csrf)]).await.status },
                )
            })
            .collect();
        let mut sent = 0;
        for racer in racers {
            sent += usize::from(racer.await.unwrap() == StatusCode::SEE_OTHER);
        }
        assert_eq!(sent, 1);
        assert_eq!(world.challenge(id).await.sends.len(), 2);
        anna.get(&routes::passcode(id)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_tabs_at_once_never_wait_for_each_other() {
    for world in World::on_each().await {
        let mut anna = world.browser();
        let first = anna.ask(&world, ANNA).await;
        let second = anna.ask(&world, ANNA).await;
        let real = [world.code(first).await, world.code(second).await];
        let wrong: Vec<String> = (0..6)
            .map(|n| format!("0000000{n}"))
            .filter(|code| !real.contains(code))
            .take(4)
            .collect();
        let tries = wrong.iter().enumerate().map(|(n, code)| {
            let id = if n % 2 == 0 { first } else { second };
            (id, code.clone())
        });
        for page in at_once(&anna, tries.collect()).await {
            assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.body);
        }
        assert_eq!(
            (
                world.sign_in(first).await.tries,
                world.sign_in(second).await.tries
            ),
            (4, 4)
        );
    }
}
