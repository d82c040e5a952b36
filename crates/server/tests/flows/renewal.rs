//! Before access to an app ends its sponsor is asked, and lets it go on, lets it end, or ends it at once.

use actions::{NewAssignment, assign};
use chrono::{DateTime, TimeDelta, Utc};
use domain::assignment::Assignment;

use crate::{
    rp::{Rp, param},
    world::{World, browser, operator, worlds},
};

const ANNA: &str = "anna@contoso.test";
const LEE: &str = "lee@acme.test";

/// Anna has access to the notes for 40 days, and Lee is answerable. Her access and refresh tokens.
async fn ending(world: &World) -> (Rp, String) {
    let rp = world.app_with("notes", |app| app.offline_access = true).await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    let scope = ("scope", Some("openid email offline_access"));
    let page = anna
        .get(&rp.authorize(&[scope, ("prompt", Some("consent"))]))
        .await
        .unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let code = world.code(ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
    let page = anna.submit(&page, "Continue", &[]).await.unwrap();
    let code = param(&crate::rp::answered_at(&page, &rp.redirect_uri), "code").unwrap();
    let tokens = rp.exchange(&code).await.body;
    let app = world.core.store.reader().app_by_client_id("notes").await;
    let new = NewAssignment {
        guest: world.guest(ANNA).await.id,
        app: app.unwrap().unwrap().id,
        starts_at: None,
        ends_at: Some(world.now() + TimeDelta::days(40)),
        reason: None,
        sponsor: Some(LEE.into()),
    };
    assign(&world.core, operator(), new).await.unwrap();
    (rp, tokens["refresh_token"].as_str().unwrap().to_owned())
}

async fn held(world: &World) -> Assignment {
    let guest = world.guest(ANNA).await;
    let mut all = world.core.store.reader().assignments_of(guest.id).await.unwrap();
    all.pop().unwrap()
}

/// The job of a replica, again and again, and the links that Lee has got by then.
async fn asked(world: &World) -> Vec<String> {
    for _ in 0..2 {
        world.deliverer.apply_guest_rules().await.unwrap();
    }
    world.deliver().await;
    let mails = world.inbox.to(LEE);
    let link = |text: &str| {
        let link = text.lines().find(|line| line.starts_with("http"));
        link.unwrap().to_owned()
    };
    mails.iter().map(|mail| link(&mail.text)).collect()
}

async fn answer(world: &World, link: &str, answer: &str) -> String {
    let mut lee = browser();
    let page = lee.get(link).await.unwrap();
    let page = lee
        .submit(&page, "Send the answer", &[("answer", answer)])
        .await
        .unwrap();
    world.deliver().await;
    assert!(page.form("Send the answer").is_err(), "{}", page.body);
    world.inbox.to(ANNA).pop().unwrap().subject.clone()
}

fn days(from: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    from + TimeDelta::days(days)
}

#[tokio::test]
async fn access_goes_on_from_its_end_and_is_asked_about_again() {
    for world in worlds().await {
        ending(&world).await;
        let start = world.now();
        world.advance(TimeDelta::days(26) - TimeDelta::seconds(1));
        assert_eq!(asked(&world).await.len(), 0, "{}", world.database.name);
        world.advance(TimeDelta::seconds(1));
        let links = asked(&world).await;
        assert_eq!(links.len(), 1, "once for each end");
        assert_eq!(
            answer(&world, &links[0], "30").await,
            "You keep access to Acme Notes"
        );
        assert_eq!(held(&world).await.ends_at, Some(days(start, 70)));

        world.advance(TimeDelta::days(30));
        let links = asked(&world).await;
        assert_eq!(links.len(), 2, "of the new end");
        let told = answer(&world, &links[1], "refuse").await;
        assert!(told.starts_with("Your access to Acme Notes ends on"), "{told}");
        assert_eq!(
            held(&world).await.ends_at,
            Some(days(start, 70)),
            "it lasts until its end"
        );
        for (action, times) in [
            ("access.renewal_requested", 2),
            ("access.renewed", 1),
            ("access.not_renewed", 1),
        ] {
            assert_eq!(world.count(action).await, times, "{action}");
        }
    }
}

#[tokio::test]
async fn access_is_ended_at_once() {
    for world in worlds().await {
        let (rp, refresh) = ending(&world).await;
        world.advance(TimeDelta::days(27));
        let links = asked(&world).await;
        let told = answer(&world, &links[0], "end").await;
        assert_eq!(told, "Your access to Acme Notes has ended");
        assert_eq!(held(&world).await.ends_at, Some(world.now()));
        assert_eq!(rp.refresh(&refresh).await.status, 400, "{}", world.database.name);
    }
}

/// An operator has said meanwhile until when: the answer to what was asked before does not undo it.
#[tokio::test]
async fn an_answer_to_an_end_that_was_changed_since_does_nothing() {
    for world in worlds().await {
        ending(&world).await;
        world.advance(TimeDelta::days(27));
        let links = asked(&world).await;
        let mut lee = browser();
        let page = lee.get(&links[0]).await.unwrap();
        let now = world.now();
        let before = held(&world).await;
        let new = NewAssignment {
            guest: before.guest,
            app: before.app,
            starts_at: None,
            ends_at: Some(days(now, 5)),
            reason: None,
            sponsor: Some(LEE.into()),
        };
        assign(&world.core, operator(), new).await.unwrap();
        for stale in ["end", "refuse", "without_end"] {
            let page = lee
                .submit(&page, "Send the answer", &[("answer", stale)])
                .await
                .unwrap();
            assert!(page.all_text().contains("changed since we asked") || stale != "end");
            assert!(page.form("Send the answer").is_err(), "{}", page.body);
        }
        assert_eq!(
            held(&world).await.ends_at,
            Some(days(now, 5)),
            "{}",
            world.database.name
        );
        let answered = world.count("access.renewed").await + world.count("access.not_renewed").await;
        assert_eq!(answered, 0);
    }
}

/// What an operator has taken away is not given back by a mail of before.
#[tokio::test]
async fn an_answer_does_not_give_back_what_was_taken_away() {
    for world in worlds().await {
        ending(&world).await;
        world.advance(TimeDelta::days(27));
        let links = asked(&world).await;
        let mut lee = browser();
        let page = lee.get(&links[0]).await.unwrap();
        let (guest, app) = (held(&world).await.guest, held(&world).await.app);
        actions::unassign(&world.core, operator(), guest, app, None)
            .await
            .unwrap();
        lee.submit(&page, "Send the answer", &[("answer", "without_end")])
            .await
            .unwrap();
        assert_eq!(
            held(&world).await.ends_at,
            Some(world.now()),
            "{}",
            world.database.name
        );
        let page = lee.get(&links[0]).await.unwrap();
        assert!(page.form("Send the answer").is_err(), "{}", page.body);
    }
}
