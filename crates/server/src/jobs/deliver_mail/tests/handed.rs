//! Mail that a request hands over.

use std::future::ready;

use domain::Id;
use sign_in::{Handed, HandedMail};
use store::{MailKind, OutboxMail};
use test_support::samples;
use tokio_util::sync::CancellationToken;

use super::{Conduct, World, run, server, worlds};

/// Asks for a code as a request does that finds a place free; `None` where none is.
async fn ask(world: &World) -> Option<Box<HandedMail>> {
    let (outgoing, now) = (&world.core.outgoing, world.core.now());
    let place = outgoing.reserve()?;
    let lease = place.lease(now);
    let challenge = samples::challenge(&world.sign_in, super::ANNA);
    let kind = MailKind::Passcode {
        challenge: challenge.id,
        send: 1,
    };
    let mail = OutboxMail::new(
        Id::new(now, &*world.core.entropy),
        kind,
        None,
        now,
        now + challenge.lifetime,
    );
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_challenge(&challenge).await.unwrap();
    let (mail, _) = tx.enqueue_held(&mail, &lease).await.unwrap();
    tx.commit().await.unwrap();
    Some(Box::new(HandedMail {
        mail,
        challenge,
        sign_in: world.sign_in.clone(),
        guest: Some(world.guest.clone()),
        place,
    }))
}

#[tokio::test]
async fn it_is_sent_without_a_look_at_the_outbox_and_once() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let worker = world.worker(smtp);
        assert!(ask(&world).await.is_none(), "nobody takes mail yet");
        worker.open().await;
        let handed = ask(&world).await.unwrap();
        let code = handed.challenge.code(
            &samples::master_keys().current().code_key(),
            &handed.challenge.sends[0],
        );
        // Nobody else finds it due.
        run(&worker).await;
        assert_eq!(server.taken().len(), 0, "{}", world.database.name);
        // As after any other request of the app, it is in memory.
        world.core.store.known_app(world.app.id).await.unwrap();
        world.core.store.take_statements();
        world.core.outgoing.hand_over(Handed::Mail(handed));
        worker.take_handed(ready(())).await;
        let ran = world.core.store.take_statements();
        assert_eq!(ran.len(), 2, "its end and its event: {ran:?}");
        assert_eq!(server.taken().len(), 1);
        assert!(server.taken()[0].data.contains(code.expose()));
        assert_eq!(world.events("guest.signin.code.mailed").await.len(), 1);
        world.advance(61);
        run(&worker).await;
        assert_eq!(server.taken().len(), 1, "{}: not again", world.database.name);
    }
}

/// Places are few; what finds none waits in the outbox. One is free again once its mail is dealt with.
#[tokio::test]
async fn as_many_as_there_are_places() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let worker = world.worker(smtp);
        worker.open().await;
        for _ in 0..usize::from(super::super::handed::PLACES) {
            let handed = ask(&world).await.unwrap();
            world.core.outgoing.hand_over(Handed::Mail(handed));
        }
        assert!(ask(&world).await.is_none());
        worker.take_handed(ready(())).await;
        assert_eq!(server.taken().len(), usize::from(super::super::handed::PLACES));
        assert!(ask(&world).await.is_some());
    }
}

#[tokio::test]
async fn what_a_request_held_that_never_handed_it_over_is_sent_when_the_lease_ends() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let worker = world.worker(smtp);
        worker.open().await;
        drop(ask(&world).await.unwrap());
        world.advance(59);
        run(&worker).await;
        assert_eq!(server.taken().len(), 0);
        world.advance(1);
        run(&worker).await;
        assert_eq!(server.taken().len(), 1, "{}", world.database.name);
    }
}

/// The commit's answer was lost: the row may be there, and must not wait for the lease to end.
#[tokio::test]
async fn what_is_doubtful_is_let_go_of() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let worker = world.worker(smtp);
        worker.open().await;
        let handed = *ask(&world).await.unwrap();
        for doubtful in [handed.mail.id, samples::id()] {
            let place = world.core.outgoing.reserve().unwrap();
            world.core.outgoing.hand_over(Handed::Doubtful(doubtful, place));
        }
        worker.take_handed(ready(())).await;
        run(&worker).await;
        assert_eq!(server.taken().len(), 1, "{}", world.database.name);
    }
}

/// While no mail leaves, the server is asked ever less often, not once by each request.
#[tokio::test]
async fn while_the_mail_server_is_down_mail_waits_in_the_outbox() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        server.refuse(Some("421 4.3.2 closing down"));
        let worker = world.worker(smtp);
        worker.open().await;
        let handed = ask(&world).await.unwrap();
        world.core.outgoing.hand_over(Handed::Mail(handed));
        worker.take_handed(ready(())).await;
        assert!(ask(&world).await.is_none(), "{}", world.database.name);
        assert_eq!(
            world
                .core
                .store
                .reader()
                .mail_transport_down_since()
                .await
                .unwrap(),
            Some(world.core.now()),
            "pages say so"
        );
        // It is back: what waited leaves, and mail is handed over again.
        server.refuse(None);
        world.advance(5);
        run(&worker).await;
        assert_eq!(server.taken().len(), 1, "{}", world.database.name);
        assert!(ask(&world).await.is_some());
    }
}

/// A request that is under way when the process is told to end hands its mail over as well.
#[tokio::test]
async fn what_a_request_holds_at_the_end_is_still_sent() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let worker = world.worker(smtp);
        worker.open().await;
        let handed = ask(&world).await.unwrap();
        let end = CancellationToken::new();
        let taking = tokio::spawn({
            let (end, outgoing) = (end.clone(), world.core.outgoing.clone());
            async move {
                let enough = async {
                    end.cancelled().await;
                    outgoing.end().await;
                };
                worker.take_handed(enough).await;
            }
        });
        end.cancel();
        while world.core.outgoing.reserve().is_some() {
            tokio::task::yield_now().await;
        }
        assert!(!taking.is_finished(), "{}", world.database.name);
        world.core.outgoing.hand_over(Handed::Mail(handed));
        taking.await.unwrap();
        assert_eq!(server.taken().len(), 1, "{}", world.database.name);
        assert!(ask(&world).await.is_none(), "no place is given any more");
    }
}
