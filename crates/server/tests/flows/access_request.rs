//! A guest who is refused asks for access, and the app's owner answers from the mail.

use actions::{AppChange, block_guest, change_app, hand_over, remove_sponsor, restore_sponsor};
use chrono::TimeDelta;
use dev::browser::{BrowserPage, TextBrowser};
use domain::{
    EmailAddress,
    access_request::{AccessAnswer, AccessRequestState},
};
use sign_in::access_request::{AnswerOutcome, answer, hand_on_all};
use store::AccessRequestFilter;

use crate::{
    rp::{Rp, answered_at, until_app},
    world::{World, browser, worlds},
};

const ANNA: &str = "anna@contoso.test";
const LEE: &str = "lee@acme.test";

/// Anna, in the notes; the board has an owner, and she asks for it.
async fn asked(world: &World) -> (TextBrowser, Rp) {
    let notes = world.app("notes").await;
    let board = world
        .app_with("board", |app| {
            app.name = "Acme Board".into();
            app.owner = Some(LEE.into());
        })
        .await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    world.sign_in(&mut anna, &notes, ANNA).await;
    let page = anna.get(&board.authorize(&[])).await.unwrap();
    assert!(
        page.all_text().contains("You can ask for access."),
        "{}",
        page.body
    );
    let page = anna.submit(&page, "Ask for access", &[]).await.unwrap();
    assert!(
        page.all_text().contains("You asked for access on"),
        "{}",
        page.body
    );
    assert!(page.form("Ask for access").is_err(), "once a day");
    (anna, board)
}

/// The link in the newest mail to Lee.
async fn link(world: &World) -> String {
    world.deliver().await;
    let mail = world.inbox.to(LEE).pop().unwrap();
    assert!(mail.subject.starts_with(ANNA), "{}", mail.subject);
    let link = mail.text.lines().find(|line| line.starts_with("http"));
    link.unwrap().to_owned()
}

async fn state(world: &World) -> AccessRequestState {
    let filter = AccessRequestFilter {
        limit: 9,
        ..AccessRequestFilter::default()
    };
    let requests = world.core.store.reader().access_requests(&filter).await.unwrap();
    requests[0].state
}

#[tokio::test]
async fn who_asks_comes_in_once_the_owner_says_yes() {
    for world in worlds().await {
        let (mut anna, board) = asked(&world).await;
        let link = link(&world).await;

        // A mail scanner opens the link again and again, and sends its form as it is.
        let mut lee = browser();
        for _ in 0..3 {
            let page = lee.get(&link).await.unwrap();
            let page = lee.submit(&page, "Send the answer", &[]).await.unwrap();
            assert!(page.title().starts_with("Error: "), "{}", page.title());
        }
        assert_eq!(state(&world).await, AccessRequestState::Pending);

        let page = lee.get(&link).await.unwrap();
        let page = lee
            .submit(&page, "Send the answer", &[("answer", "30")])
            .await
            .unwrap();
        assert!(page.all_text().contains("was given access"), "{}", page.body);
        // A second answer changes nothing.
        let again = lee.get(&link).await.unwrap();
        assert!(again.form("Send the answer").is_err());

        world.deliver().await;
        let told = world.inbox.to(ANNA).pop().unwrap();
        assert_eq!(told.subject, "You have access to Acme Board");
        let page = until_app(&mut anna, &board.authorize(&[]), &board.redirect_uri).await;
        answered_at(&page, &board.redirect_uri);

        let guest = world.guest(ANNA).await;
        let assignments = world.core.store.reader().assignments_of(guest.id).await.unwrap();
        let theirs = assignments
            .iter()
            .find(|one| one.sponsor.as_deref() == Some(LEE))
            .unwrap();
        assert_eq!(theirs.ends_at, Some(world.now() + TimeDelta::days(30)));
        for action in [
            "access.requested",
            "access.request_mailed",
            "access.request_approved",
            "access.answer_mailed",
        ] {
            assert_eq!(world.count(action).await, 1, "{}: {action}", world.database.name);
        }
    }
}

#[tokio::test]
async fn a_no_is_told_and_can_be_asked_again_the_next_day() {
    for world in worlds().await {
        let (mut anna, board) = asked(&world).await;
        let link = link(&world).await;
        let mut lee = browser();
        let page = lee.get(&link).await.unwrap();
        lee.submit(&page, "Send the answer", &[("answer", "refuse")])
            .await
            .unwrap();
        world.deliver().await;
        let told = world.inbox.to(ANNA).pop().unwrap();
        assert_eq!(told.subject, "You don't get access to Acme Board");
        let page = anna.get(&board.authorize(&[])).await.unwrap();
        assert!(page.all_text().contains("the answer was no"), "{}", page.body);
        world.advance(TimeDelta::days(1) - TimeDelta::hours(1));
        let page = anna.get(&board.authorize(&[])).await.unwrap();
        assert!(page.form("Ask for access").is_err());
    }
}

/// Two who were asked, or one who presses twice: one answer counts, on either replica.
#[tokio::test]
async fn of_two_answers_at_once_one_counts() {
    for world in worlds().await {
        asked(&world).await;
        let filter = AccessRequestFilter {
            limit: 9,
            ..AccessRequestFilter::default()
        };
        let requests = world.core.store.reader().access_requests(&filter).await.unwrap();
        let by = || domain::audit::Actor::Sponsor(requests[0].asked_of.clone());
        let (yes, no) = tokio::join!(
            answer(&world.core, by(), &requests[0], AccessAnswer::Approve(None)),
            answer(&world.core, by(), &requests[0], AccessAnswer::Refuse),
        );
        let mut answers = [yes.unwrap(), no.unwrap()];
        answers.sort_by_key(|answer| *answer == AnswerOutcome::TooLate);
        assert_eq!(
            answers,
            [AnswerOutcome::Now, AnswerOutcome::TooLate],
            "{}",
            world.database.name
        );
        let counted =
            world.count("access.request_approved").await + world.count("access.request_refused").await;
        assert_eq!(counted, 1);
    }
}

#[tokio::test]
async fn who_is_shut_out_meanwhile_is_not_let_in_by_an_answer() {
    for world in worlds().await {
        asked(&world).await;
        let link = link(&world).await;
        let guest = world.guest(ANNA).await;
        block_guest(&world.core, crate::world::operator(), guest.id, None)
            .await
            .unwrap();
        let mut lee = browser();
        let page = lee.get(&link).await.unwrap();
        let page = lee
            .submit(&page, "Send the answer", &[("answer", "without_end")])
            .await
            .unwrap();
        assert!(page.all_text().contains("has shut them out"), "{}", page.body);
        assert_eq!(state(&world).await, AccessRequestState::Pending);
        // After two weeks it is nobody's to answer.
        world.advance(TimeDelta::days(14));
        let page = lee.get(&link).await.unwrap();
        assert!(page.all_text().contains("can't be answered here any more"));
        let unknown = lee
            .get(&format!("{}/access-request/x", world.issuer()))
            .await
            .unwrap();
        assert_eq!(unknown.status, 404);
    }
}

const KIM: &str = "kim@acme.test";

/// Sends an answer from a page that was opened before: it changes nothing.
async fn answers_nothing(lee: &mut TextBrowser, page: &BrowserPage) {
    let page = lee
        .submit(page, "Send the answer", &[("answer", "without_end")])
        .await
        .unwrap();
    let says = page.all_text();
    assert!(says.contains("can't be answered here any more"), "{}", page.body);
}

/// A sponsor who is removed in the middle, with a successor: the successor gets the mail, and the answer is theirs alone.
#[tokio::test]
async fn who_is_removed_answers_no_more_and_their_successor_is_asked() {
    for world in worlds().await {
        let (mut anna, board) = asked(&world).await;
        let link = link(&world).await;
        let mut lee = browser();
        let opened = lee.get(&link).await.unwrap();
        let by = crate::world::operator();
        let removed = remove_sponsor(&world.core, by.clone(), "LEE@acme.test", Some(KIM))
            .await
            .unwrap();
        assert_eq!((removed.apps, removed.removed_at), (0, Some(world.now())));
        answers_nothing(&mut lee, &opened).await;

        world.deliver().await;
        let mail = world.inbox.to(KIM).pop().unwrap();
        let kims = mail.text.lines().find(|line| line.starts_with("http")).unwrap();
        let mut kim = browser();
        let page = kim.get(kims).await.unwrap();
        kim.submit(&page, "Send the answer", &[("answer", "30")])
            .await
            .unwrap();
        let page = until_app(&mut anna, &board.authorize(&[]), &board.redirect_uri).await;
        answered_at(&page, &board.redirect_uri);
        for action in [
            "sponsor.removed",
            "sponsor.handed_over",
            "access.request_handed_on",
            "access.request_approved",
        ] {
            assert_eq!(world.count(action).await, 1, "{}: {action}", world.database.name);
        }
        // Done again, it changes nothing; and nobody names them any more.
        remove_sponsor(&world.core, by.clone(), LEE, None).await.unwrap();
        assert_eq!(world.count("sponsor.removed").await, 1);
        let owned_by_lee = AppChange {
            owner: Some(LEE.into()),
            ..AppChange::default()
        };
        let refused = change_app(&world.core, by.clone(), "board", owned_by_lee.clone()).await;
        assert!(refused.unwrap_err().to_string().contains("removed as a sponsor"));
        restore_sponsor(&world.core, by.clone(), LEE).await.unwrap();
        change_app(&world.core, by, "board", owned_by_lee).await.unwrap();
    }
}

/// Nobody is removed: what waits is handed on all the same.
#[tokio::test]
async fn what_waits_is_handed_over_as_well() {
    for world in worlds().await {
        asked(&world).await;
        let link = link(&world).await;
        let mut lee = browser();
        let opened = lee.get(&link).await.unwrap();
        hand_over(&world.core, crate::world::operator(), LEE, KIM)
            .await
            .unwrap();
        world.deliver().await;
        assert_eq!(world.inbox.to(KIM).len(), 1);
        answers_nothing(&mut lee, &opened).await;
        assert_eq!(world.count("access.request_handed_on").await, 1);
        assert_eq!(world.count("app.changed").await, 1, "its owner");
    }
}

/// A server ended between what an operator did and what follows from it: the former sponsor's page asks nothing, and the job makes up for
/// it.
#[tokio::test]
async fn the_job_hands_on_what_waits_for_who_answers_no_more() {
    for world in worlds().await {
        asked(&world).await;
        let link = link(&world).await;
        let (lee, kim) = (
            EmailAddress::parse(LEE).unwrap(),
            EmailAddress::parse(KIM).unwrap(),
        );
        let reader = world.core.store.reader();
        let mut board = reader.app_by_client_id("board").await.unwrap().unwrap();
        board.owner = Some(kim);
        let tx = world.core.store.begin().await.unwrap();
        tx.update_app(&board).await.unwrap();
        tx.commit().await.unwrap();
        let page = browser().get(&link).await.unwrap();
        assert!(
            page.all_text().contains("can't be answered here any more"),
            "{}",
            page.body
        );
        assert_eq!(hand_on_all(&world.core, || false).await.unwrap(), 1);
        assert_eq!(hand_on_all(&world.core, || false).await.unwrap(), 0);
        world.deliver().await;
        assert_eq!((world.inbox.to(KIM).len(), lee.as_str()), (1, LEE));
    }
}

#[tokio::test]
async fn a_new_owner_is_asked_in_place_of_the_former() {
    for world in worlds().await {
        asked(&world).await;
        let link = link(&world).await;
        let mut lee = browser();
        let opened = lee.get(&link).await.unwrap();
        let owned_by_kim = AppChange {
            owner: Some(KIM.into()),
            ..AppChange::default()
        };
        change_app(&world.core, crate::world::operator(), "board", owned_by_kim)
            .await
            .unwrap();
        answers_nothing(&mut lee, &opened).await;
        world.deliver().await;
        assert_eq!(world.inbox.to(KIM).len(), 1);
        assert_eq!(state(&world).await, AccessRequestState::Pending);
    }
}

/// Who was asked is a guest themselves, and is blocked with the page open: the answer does not count, and nobody else can be asked.
#[tokio::test]
async fn who_is_shut_out_themselves_lets_nobody_in() {
    for world in worlds().await {
        let (mut anna, board) = asked(&world).await;
        let link = link(&world).await;
        world.invite(LEE, "notes").await;
        let mut lee = browser();
        let opened = lee.get(&link).await.unwrap();
        let guest = world.guest(LEE).await;
        block_guest(&world.core, crate::world::operator(), guest.id, None)
            .await
            .unwrap();
        answers_nothing(&mut lee, &opened).await;
        assert_eq!(state(&world).await, AccessRequestState::Pending);
        let page = anna.get(&board.authorize(&[])).await.unwrap();
        assert!(page.form("Ask for access").is_err(), "{}", page.body);
        assert!(!page.all_text().contains("You asked for access"), "{}", page.body);
        // Somebody else owns the app by now.
        let owned_by_kim = AppChange {
            owner: Some(KIM.into()),
            ..AppChange::default()
        };
        change_app(&world.core, crate::world::operator(), "board", owned_by_kim)
            .await
            .unwrap();
        let page = anna.get(&board.authorize(&[])).await.unwrap();
        anna.submit(&page, "Ask for access", &[]).await.unwrap();
        world.deliver().await;
        assert_eq!(world.inbox.to(KIM).len(), 1);
    }
}
