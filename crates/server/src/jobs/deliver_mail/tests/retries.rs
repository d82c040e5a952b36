//! What is tried again, when, and when no more.

use chrono::TimeDelta;

use super::{Conduct, header, run, server, worlds};

const LATER: Conduct = Conduct::Rcpt("450 4.2.0 <anna@contoso.example>: greylisted");

#[tokio::test]
async fn a_code_leaves_once_and_is_recorded() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let code = world.ask_for_code().await;
        let worker = world.worker(smtp);
        run(&worker).await;
        run(&worker).await;
        let taken = server.taken();
        assert_eq!(taken.len(), 1);
        assert_eq!(
            header(&taken[0], "Subject"),
            format!("{} is your Acme sign-in code", code.expose())
        );
        let events = world.events("guest.signin.code.mailed").await;
        assert_eq!(events.len(), 1);
        assert_eq!(
            (events[0].guest, events[0].app, events[0].sign_in),
            (Some(world.guest.id), Some(world.app.id), Some(world.sign_in.id))
        );
        assert!(
            !events[0].details.contains(code.expose()),
            "{}",
            events[0].details
        );
    }
}

#[tokio::test]
async fn what_is_not_taken_now_is_tried_again_with_the_same_code_and_message_id() {
    for world in worlds().await {
        let (server, smtp) = server(&[
            LATER,
            Conduct::Dot("451 4.3.0 try again"),
            Conduct::DropAfterDot,
            LATER,
            Conduct::DropAfterDot,
            LATER,
            Conduct::Accept,
        ]);
        let code = world.ask_for_code().await;
        let worker = world.worker(smtp);
        run(&worker).await;
        for (tries, wait) in [5, 15, 30, 60, 120, 240].into_iter().enumerate() {
            world.advance(wait - 1);
            run(&worker).await;
            assert_eq!(
                server.tries(),
                tries + 1,
                "{}: not before {wait} s have passed",
                world.database.name
            );
            world.advance(1);
            run(&worker).await;
            assert_eq!(
                server.tries(),
                tries + 2,
                "{}: after {wait} s",
                world.database.name
            );
        }
        let taken = server.taken();
        assert_eq!(taken.len(), 3, "two of them without the sender knowing");
        for mail in &taken {
            assert_eq!(header(mail, "Message-ID"), header(&taken[0], "Message-ID"));
            assert_eq!(mail.data, taken[0].data, "the same mail, byte for byte");
            assert!(mail.data.contains(code.expose()));
        }
        assert_eq!(world.events("guest.signin.code.mailed").await.len(), 1);
        assert_eq!(world.events("mail.failed").await.len(), 0);
        assert_eq!(
            world
                .core
                .store
                .reader()
                .mail_transport_down_since()
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn three_minutes_before_the_end_no_other_try_is_made() {
    for world in worlds().await {
        let (server, smtp) = server(&[LATER]);
        world.ask_for_code().await;
        let worker = world.worker(smtp);
        let mut last = 0;
        for second in (0..2_000).step_by(5) {
            let before = server.tries();
            run(&worker).await;
            if server.tries() > before {
                last = second;
            }
            world.advance(5);
        }
        assert!(
            (20 * 60..=27 * 60).contains(&last),
            "{}: the last try came after {last} s",
            world.database.name
        );
        assert_eq!(world.failure().await, "too_late");
    }
}

#[tokio::test]
async fn a_refusal_is_final() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Rcpt("550 5.1.1 <anna@contoso.example>: no such user")]);
        world.ask_for_code().await;
        let worker = world.worker(smtp);
        run(&worker).await;
        world.advance(3_600);
        run(&worker).await;
        assert_eq!(server.tries(), 1);
        assert_eq!(world.failure().await, "refused");
        let failure = &world.events("mail.failed").await[0];
        assert!(
            failure.details.contains("550") && failure.details.contains("no such user"),
            "{}",
            failure.details
        );
        assert_eq!(failure.sign_in, Some(world.sign_in.id));
        assert_eq!(
            world
                .core
                .store
                .reader()
                .mail_transport_down_since()
                .await
                .unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn while_no_mail_leaves_one_finds_out_and_everybody_is_told() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        let down_since = async || {
            world
                .core
                .store
                .reader()
                .mail_transport_down_since()
                .await
                .unwrap()
        };
        server.refuse(Some("421 4.3.2 closed"));
        let went_down = world.core.now();
        world.ask_for_code().await;
        let worker = world.worker(smtp);
        run(&worker).await;
        assert_eq!(down_since().await, Some(went_down));
        assert_eq!(server.connections(), 1);

        // More guests come; their mails wait with the first.
        for _ in 0..6 {
            world.ask_for_code().await;
        }
        world.advance(4);
        run(&worker).await;
        assert_eq!(server.connections(), 1, "nobody knocks before it is time");
        for (wait, connections) in [(1, 2), (9, 2), (1, 3), (20, 4), (40, 5), (60, 6), (60, 7)] {
            world.advance(wait);
            run(&worker).await;
            assert_eq!(
                server.connections(),
                connections,
                "one at a time, ever less often"
            );
        }
        assert_eq!(down_since().await, Some(went_down), "the moment it began");

        server.refuse(None);
        world.advance(60);
        run(&worker).await;
        assert_eq!(
            server.taken().len(),
            7,
            "{}: all of them leave at once",
            world.database.name
        );
        assert_eq!(down_since().await, None);
        assert_eq!(world.events("mail.failed").await.len(), 0);
    }
}

#[tokio::test]
async fn mail_that_waited_too_long_for_a_server_is_given_up() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        server.refuse(Some("421 4.3.2 closed"));
        world.ask_for_code().await;
        let worker = world.worker(smtp);
        for _ in 0..40 {
            run(&worker).await;
            world.advance(60);
        }
        assert_eq!(world.failure().await, "too_late");
        server.refuse(None);
        world.advance(60);
        run(&worker).await;
        assert_eq!(server.taken().len(), 0, "a dead code is not delivered");
        let down_since = world
            .core
            .store
            .reader()
            .mail_transport_down_since()
            .await
            .unwrap();
        assert_eq!(down_since, None, "nothing waits, and still somebody looked");
    }
}

#[tokio::test]
async fn what_nobody_tried_in_time_is_recorded_as_well() {
    for world in worlds().await {
        let (server, smtp) = server(&[Conduct::Accept]);
        world.ask_for_code().await;
        world.clock.advance(TimeDelta::hours(1));
        run(&world.worker(smtp)).await;
        assert_eq!(server.connections(), 0);
        assert_eq!(world.failure().await, "too_late");
        let failure = &world.events("mail.failed").await[0];
        assert_eq!(
            (failure.guest, failure.app, failure.sign_in),
            (Some(world.guest.id), Some(world.app.id), Some(world.sign_in.id))
        );
    }
}
