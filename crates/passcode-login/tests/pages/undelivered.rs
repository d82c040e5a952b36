//! G2, and what the mail server said to the mail with the code.

use chrono::TimeDelta;
use domain::{Id, app::AccessRule, sign_in::SignIn};
use web::routes;

use crate::world::{ANNA, Browser, World};

/// What the mail server says to all that waits.
async fn answers(world: &World, says: Option<&str>, is_final: bool) {
    let (now, lease) = (world.now(), TimeDelta::minutes(10));
    let tx = world.core.store.begin().await.unwrap();
    for mail in tx.claim_mail(now + lease, lease, 9, None).await.unwrap() {
        match says {
            None => assert!(tx.mail_sent(mail.id, now).await.unwrap()),
            Some(said) => {
                if !said.starts_with("no ") {
                    tx.mail_answered(mail.id, "answered").await.unwrap();
                }
                if is_final {
                    assert!(tx.mail_given_up(mail.id, now, said).await.unwrap());
                } else {
                    tx.mail_retry(mail.id, now, said).await.unwrap();
                }
            }
        }
    }
    tx.commit().await.unwrap();
}

async fn notice(anna: &mut Browser, id: Id<SignIn>) -> Option<String> {
    let page = anna.get(&routes::passcode(id)).await;
    page.has(".notice[role=status]")
        .then(|| page.text(".notice[role=status]"))
}

#[tokio::test]
async fn who_waits_reads_it_where_everybody_is_mailed() {
    let world = World::with(|_| (), |app| app.access = AccessRule::AnyGuest).await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    answers(&world, Some("no mail server answers"), false).await;
    world.clock.advance(TimeDelta::seconds(9));
    assert_eq!(notice(&mut anna, id).await, None, "it is about nobody's address");
    let id = anna.ask(&world, ANNA).await;
    world.clock.advance(TimeDelta::seconds(2));
    answers(&world, Some("451 try again later"), false).await;
    assert_eq!(notice(&mut anna, id).await, None, "no mail server is that quick");
    world.clock.advance(TimeDelta::seconds(1));
    let deferred = "Our email to anna@contoso.test hasn't been accepted yet.";
    let said = notice(&mut anna, id).await.unwrap();
    assert!(said.starts_with(deferred), "{said}");
    assert!(!said.contains("451"), "{said}");
    let page = anna.get(&routes::passcode(id)).await;
    let main = page.text("main");
    assert!(!main.contains("We sent"), "it was not: {main}");
    answers(&world, Some("550 no such user"), true).await;
    let said = notice(&mut anna, id).await.unwrap();
    assert!(said.contains("wasn't accepted"), "{said}");
    // Another one is taken.
    world.clock.advance(TimeDelta::minutes(2));
    let csrf = anna.csrf(id);
    anna.post(&routes::resend(id), &[("csrf", &csrf)]).await;
    answers(&world, None, true).await;
    let said = notice(&mut anna, id).await.unwrap();
    assert!(said.starts_with("New code sent at"), "{said}");
}

/// Of a domain that is refused, guests get a letter and others nothing: a stranger reads the same of both.
#[tokio::test]
async fn of_a_refused_domain_nothing_is_said() {
    let refused = |settings: &mut sign_in::Settings| {
        settings.resolution.usual.refused_domains = vec!["contoso.test".into()];
    };
    let world = World::with(refused, |app| app.access = AccessRule::AnyGuest).await;
    for address in [ANNA, "nobody@contoso.test"] {
        let mut stranger = world.browser();
        let id = stranger.ask(&world, address).await;
        world.clock.advance(TimeDelta::seconds(9));
        answers(&world, Some("451 try again later"), false).await;
        assert_eq!(notice(&mut stranger, id).await, None, "{address}");
    }
}

/// A stranger learns nothing; a browser in which Anna proved her mailbox does.
#[tokio::test]
async fn at_an_app_for_invited_guests_only_a_known_browser_reads_it() {
    for world in World::on_each().await {
        assert_eq!(world.app.access, AccessRule::Invited);
        let mut stranger = world.browser();
        let id = stranger.ask(&world, ANNA).await;
        world.clock.advance(TimeDelta::seconds(9));
        answers(&world, Some("451 try again later"), false).await;
        assert_eq!(notice(&mut stranger, id).await, None);

        world.clock.advance(TimeDelta::hours(1));
        let mut anna = world.browser();
        anna.come_in(&world, ANNA).await;
        world.clock.advance(TimeDelta::hours(25));
        let id = anna.ask(&world, ANNA).await;
        world.clock.advance(TimeDelta::seconds(9));
        answers(&world, Some("451 try again later"), false).await;
        let said = notice(&mut anna, id).await.unwrap();
        assert!(said.contains("hasn't been accepted yet"), "{said}");
    }
}
