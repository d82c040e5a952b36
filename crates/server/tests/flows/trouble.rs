//! What goes wrong: late codes, lost answers, other tabs, races, a mail server that is down, clocks that jump.

use chrono::TimeDelta;
use dev::browser::BrowserPage;
use domain::grant::CODE_LIFETIME;

use crate::{
    rp::{answered_at, param},
    world::{World, browser, worlds},
};

const ANNA: &str = "anna@contoso.test";

#[tokio::test]
async fn an_expired_code_costs_one_mail_and_no_question() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    let page = anna.get(&rp.authorize(&[])).await.unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let old = world.code(ANNA).await;
    world.advance(TimeDelta::minutes(31));
    let page = anna.submit(&page, "code", &[("code", &old)]).await.unwrap();
    assert!(page.title().starts_with("Error:"), "{}", page.title());
    assert!(
        page.all_text().contains("That code has expired"),
        "{}",
        page.all_text()
    );
    let new = world.code(ANNA).await;
    assert_ne!(new, old);
    let page = anna.submit(&page, "code", &[("code", &new)]).await.unwrap();
    assert!(param(&answered_at(&page, &rp.redirect_uri), "code").is_some());
}

#[tokio::test]
async fn an_answer_that_was_lost_is_given_again() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
        let form = page.form("code").unwrap().with(&[("code", &code)]);
        // The server commits, and its answer never arrives.
        let lost = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let cookie = format!(
            "vestibule-browser={}",
            anna.cookie("localhost", "vestibule-browser").unwrap()
        );
        let answer = lost
            .post(form.action.clone())
            .header("cookie", cookie)
            .form(&form.fields)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 303);

        let page = anna.send(form).await.unwrap();
        let code_of = |page: &BrowserPage| param(&answered_at(page, &rp.redirect_uri), "code").unwrap();
        let first = code_of(&page);
        // The answer to the app is lost as well: the guest reloads, and nothing is written.
        let (writes, dispatcher) = (world.core.store.write_transactions(), page.url.clone());
        let page = anna.get(dispatcher.as_str()).await.unwrap();
        assert_eq!(code_of(&page), first);
        assert_eq!(world.core.store.write_transactions(), writes);
        // Once it is too late for it, they get another.
        world.advance(CODE_LIFETIME);
        let page = anna.get(dispatcher.as_str()).await.unwrap();
        let second = code_of(&page);
        assert_ne!(second, first);
        assert_eq!(rp.exchange(&second).await.status, 200);
        assert_eq!(
            rp.exchange(&first).await.status,
            400,
            "the lost one is worth nothing"
        );
        assert_eq!(world.count("session.started").await, 1);
    }
}

/// What somebody agreed to they are not asked again because they signed in anew in another tab meanwhile.
#[tokio::test]
async fn an_answer_that_was_lost_is_given_again_after_another_sign_in_of_the_same_guest() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    let page = anna
        .get(&rp.authorize(&[("prompt", Some("consent"))]))
        .await
        .unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let code = world.code(ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
    let page = anna
        .submit(&page, "Continue", &[("answer", "given")])
        .await
        .unwrap();
    let lost = param(&answered_at(&page, &rp.redirect_uri), "code").unwrap();

    let mut other = anna
        .get(&rp.authorize(&[("prompt", Some("login"))]))
        .await
        .unwrap();
    if other.form("email").is_ok() {
        other = anna.submit(&other, "email", &[("email", ANNA)]).await.unwrap();
    }
    let code = world.code(ANNA).await;
    let other = anna.submit(&other, "code", &[("code", &code)]).await.unwrap();
    assert!(param(&answered_at(&other, &rp.redirect_uri), "code").is_some());

    let again = anna.get(page.url.as_str()).await.unwrap();
    let again = param(&answered_at(&again, &rp.redirect_uri), "code").unwrap();
    assert_eq!(rp.exchange(&again).await.status, 200);
    assert_eq!(rp.exchange(&lost).await.status, 400);
}

#[tokio::test]
async fn eight_racers_on_one_code_start_one_session() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
        let form = page.form("code").unwrap().with(&[("code", &code)]);
        let cookie = format!(
            "vestibule-browser={}",
            anna.cookie("localhost", "vestibule-browser").unwrap()
        );
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let request = http
                    .post(form.action.clone())
                    .header("cookie", &cookie)
                    .form(&form.fields);
                tokio::spawn(async move { request.send().await.unwrap().status().as_u16() })
            })
            .collect();
        for racer in racers {
            assert_eq!(racer.await.unwrap(), 303);
        }
        assert_eq!(world.count("guest.signin.code.ok").await, 1);
        assert_eq!(world.count("session.started").await, 1);
    }
}

#[tokio::test]
async fn eight_racers_on_one_authorization_code_have_one_winner() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let mut anna = browser();
        let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
        let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        let code = param(&answered_at(&page, &rp.redirect_uri), "code").unwrap();
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (rp, code) = (rp.clone(), code.clone());
                tokio::spawn(async move { rp.exchange(&code).await.status })
            })
            .collect();
        let mut won = 0;
        for racer in racers {
            let status = racer.await.unwrap();
            assert!([200, 400].contains(&status), "{status}");
            won += usize::from(status == 200);
        }
        assert_eq!(won, 1);
    }
}

#[tokio::test]
async fn a_sign_in_may_start_on_one_replica_and_end_on_another() {
    for world in worlds().await {
        if world.database.name != "PostgreSQL" {
            continue;
        }
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let store = world
            .database
            .reopen(test_support::samples::master_keys())
            .await
            .unwrap();
        let elsewhere = server::app::build(
            sign_in::Core {
                store,
                ..world.core.clone()
            },
            axum::Router::new(),
        )
        .await
        .unwrap();
        let socket = server::listener::bind(([127, 0, 0, 1], 0).into()).unwrap();
        let port = socket.local_addr().unwrap().port();
        let end = tokio_util::sync::CancellationToken::new();
        tokio::spawn(server::listener::serve(
            socket,
            None,
            elsewhere.router,
            end.clone(),
        ));
        let mut anna = browser();
        // Both replicas answer for one public address, as behind a load balancer.
        anna.headers
            .insert("host", world.core.settings.issuer.authority().parse().unwrap());
        let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
        let mut form = page.form("code").unwrap().with(&[("code", &code)]);
        form.action.set_port(Some(port)).unwrap();
        let page = anna.send(form).await.unwrap();
        let code = param(&answered_at(&page, &rp.redirect_uri), "code").unwrap();
        assert_eq!(
            rp.exchange(&code).await.status,
            200,
            "issued there, exchanged here"
        );
        end.cancel();
    }
}

#[tokio::test]
async fn a_clock_that_jumps_makes_nothing_expired_good_again() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    let (page, code) = world.ask_for_code(&mut anna, &rp, ANNA).await;
    for jump in [TimeDelta::days(-1), TimeDelta::days(1) - TimeDelta::hours(1)] {
        let now = world.now();
        world.advance(jump);
        let refused = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
        assert!(
            refused.title().starts_with("Error:"),
            "{jump}: {}",
            refused.title()
        );
        world.clock.set(now);
    }
}
