//! G2e: everything that can be wrong with a code.

use chrono::TimeDelta;
use domain::passcode::ChallengeState;
use http::StatusCode;
use web::routes;

use crate::world::{ANNA, Browser, Page, World};

/// What holds for every error about the code.
fn assert_error(page: &Page, says: &str, typed: &str) {
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{says}");
    assert_eq!(page.title(), "Error: Enter the code – Acme");
    let summary = page.text("[role=alert]");
    assert!(summary.contains(says), "{summary}");
    assert!(page.has("[role=alert][tabindex='-1'][autofocus]"));
    assert!(page.has("input#code[aria-invalid=true]"));
    assert!(page.text("#code-error").contains(says));
    assert_eq!(page.attribute("input#code", "value").as_deref(), Some(typed));
    // The code, another code, and a passkey, which is covered until the script finds an authenticator.
    assert!(page.has("form[hidden][data-passkey]"));
    assert_eq!(page.forms().len(), 3 + usize::from(page.has("[role=alert] form")));
}

#[tokio::test]
async fn what_is_not_a_code_costs_no_try() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let before = world.writes();
    for (typed, says) in [
        ("", "Enter the 8-digit code from the email"),
        ("  ", "Enter the 8-digit code from the email"),
        ("482 015", "The code has 8 digits. You entered 6"),
        ("482015730", "The code has 8 digits. You entered 9"),
        ("my code", "The code has 8 digits and nothing else"),
        ("4820157o3", "The code has 8 digits and nothing else"),
        ("<b>\"", "The code has 8 digits and nothing else"),
    ] {
        let page = anna.try_code(id, typed).await;
        assert_error(&page, says, typed);
    }
    assert_eq!(world.sign_in(id).await.tries, 0);
    assert_eq!(world.writes(), before, "nothing was written");
}

#[tokio::test]
async fn wrong_codes_until_tries_are_over() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let right = world.code(id).await;
    for (n, left) in [
        (0, None),
        (1, Some("3 tries left")),
        (2, Some("2 tries left")),
        (3, Some("1 try left")),
    ] {
        let wrong = world.wrong(id, n).await;
        let page = anna.try_code(id, &wrong).await;
        assert_error(
            &page,
            "That code is not right. Check the newest email from Acme",
            &wrong,
        );
        let says_left = page.text("[role=alert]").contains("left");
        assert_eq!(says_left, left.is_some());
        assert!(
            left.is_none_or(|left| page.text("[role=alert]").contains(left)),
            "{}",
            page.text("[role=alert]")
        );
    }
    let wrong = world.wrong(id, 4).await;
    let page = anna.try_code(id, &wrong).await;
    let over = "You can ask for a new code at 09:15 UTC (in 15 minutes).";
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(page.header("retry-after"), "900");
    assert!(
        page.text("[role=alert]").contains(over),
        "{}",
        page.text("[role=alert]")
    );
    assert_eq!(page.text("h1"), "Too many tries");
    assert_eq!(page.title(), "Error: Too many tries – Acme");
    assert!(!page.has("input#code[type=text]"), "there is nothing to type");
    for contradiction in ["Check your email", "Send another code", "No email yet"] {
        assert!(
            !page.body.contains(contradiction),
            "{contradiction}: {}",
            page.body
        );
    }
    assert_eq!(world.challenge(id).await.state, ChallengeState::Dead);
    assert_eq!(world.count("guest.signin.code.wrong").await, 5);
    assert_eq!(world.count("guest.signin.code.locked").await, 1);

    // The right code comes too late, and so does another.
    let page = anna.try_code(id, &right).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    world.advance(TimeDelta::minutes(14));
    let page = anna.get(&routes::passcode(id)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text("[role=alert]").contains("at 09:15 UTC (in 1 minute)"));
    let page = anna.get(&routes::send(id)).await;
    assert!(page.text("[role=alert]").contains("Too many tries"));
    let page = anna.submit(&page, "Email me a code", &[]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    let email = anna.get(&routes::identify(id)).await;
    let page = anna.submit(&email, "email", &[]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.body);
    assert_eq!(world.mails().await, 1);

    // At the minute that was named it works, and the address is not asked for again.
    world.advance(TimeDelta::minutes(1));
    let page = anna.get(&routes::passcode(id)).await;
    assert_eq!(page.goes_to(), routes::send(id));
    let page = anna.get(&routes::send(id)).await;
    assert!(page.text("main").contains(ANNA) && !page.has("[role=alert]"));
    let page = anna.submit(&page, "Email me a code", &[]).await;
    assert_eq!(page.goes_to(), routes::passcode(id));
    assert_eq!(world.sign_in(id).await.tries, 0);
    assert_error(&anna.try_code(id, &right).await, "That code is not right", &right);
    let new = world.code(id).await;
    assert_eq!(anna.try_code(id, &new).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn a_late_code_earns_a_new_one_in_the_same_step() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let first = world.code(id).await;
    world.advance(TimeDelta::minutes(30));
    let clean = anna.get(&routes::passcode(id)).await;
    assert!(
        clean
            .text("main")
            .contains("Your code has expired. Ask for a new one.")
    );

    let page = anna.try_code(id, &first).await;
    assert_error(
        &page,
        "That code has expired. We've emailed you a new one",
        &first,
    );
    assert!(page.text("main").contains("Valid until 10:00 UTC (30 minutes)."));
    assert_eq!(world.mails().await, 1, "the first mail's time is over");
    assert_eq!(world.sign_in(id).await.tries, 0, "it cost no try");
    assert_eq!(world.count("guest.signin.code.expired").await, 1);

    // Once more the late one: the new one is on its way already.
    world.advance(TimeDelta::seconds(10));
    let page = anna.try_code(id, &first).await;
    assert_error(
        &page,
        "That code has expired. Use the newer one, emailed at 09:30 UTC",
        &first,
    );
    assert_eq!(world.challenge(id).await.sends.len(), 2);

    let new = world.code(id).await;
    assert_eq!(anna.try_code(id, &new).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn two_hours_late_is_wrong() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let first = world.code(id).await;
    world.advance(TimeDelta::minutes(150) - TimeDelta::milliseconds(1));
    let late = anna.clone().try_code(id, &first).await;
    assert_error(&late, "That code has expired", &first);
    let mut bob = world.browser();
    let id = bob.ask(&world, ANNA).await;
    let first = world.code(id).await;
    world.advance(TimeDelta::minutes(150));
    assert_error(&bob.try_code(id, &first).await, "That code is not right", &first);
}

#[tokio::test]
async fn a_late_code_says_when_no_new_one_can_be_mailed_yet() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let first = world.code(id).await;
    world.advance(TimeDelta::minutes(31));
    // Somebody else asks for four more: the hour's five are gone.
    for _ in 0..4 {
        world.browser().ask(&world, ANNA).await;
    }
    let page = anna.try_code(id, &first).await;
    assert_error(
        &page,
        "That code has expired. You can ask for a new one at 10:00 UTC (in 29 minutes)",
        &first,
    );
    world.advance(TimeDelta::minutes(29));
    let page = anna.try_code(id, &first).await;
    assert_error(&page, "We've emailed you a new one", &first);
}

#[tokio::test]
async fn another_day_it_is_still_the_same_sign_in() {
    // WCAG 2.2.1: a code ends, the place is kept.
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    world.advance(TimeDelta::hours(23));
    let page = anna.get(&routes::passcode(id)).await;
    let page = anna.submit(&page, "Send another code", &[]).await;
    assert_eq!(page.goes_to(), routes::passcode(id));
    let code = world.code(id).await;
    assert_eq!(anna.try_code(id, &code).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn asking_again_too_soon_keeps_what_was_typed() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let page = anna.get(&routes::passcode(id)).await;
    world.advance(TimeDelta::seconds(40));
    let page = anna
        .submit(&page, "Send another code", &[("code", "4820 15")])
        .await;
    assert_eq!(
        (page.status, page.header("retry-after")),
        (StatusCode::TOO_MANY_REQUESTS, "20")
    );
    assert!(
        page.text("[role=alert]")
            .contains("You can ask for another code at 09:01:00 UTC")
    );
    assert_eq!(page.attribute("input#code", "value").as_deref(), Some("4820 15"));
    assert_eq!(
        page.attribute("input#code", "aria-invalid"),
        None,
        "the field is not to blame"
    );
    assert_eq!(world.mails().await, 1);
    // The form of the error page works, and so does its address in the address bar.
    let code = world.code(id).await;
    assert_eq!(
        anna.get(&routes::resend(id)).await.goes_to(),
        routes::passcode(id)
    );
    assert_eq!(
        anna.submit(&page, "code", &[("code", &code)]).await.goes_to(),
        routes::resume(id)
    );
}

/// Two tabs of one browser that wait for codes of one mailbox.
async fn two_tabs(
    world: &World,
) -> (
    Browser,
    domain::Id<domain::sign_in::SignIn>,
    domain::Id<domain::sign_in::SignIn>,
) {
    let mut anna = world.browser();
    let first = anna.ask(world, ANNA).await;
    world.advance(TimeDelta::minutes(1));
    let second = anna.ask(world, ANNA).await;
    (anna, first, second)
}

#[tokio::test]
async fn the_code_of_another_tab_is_used_there() {
    let world = World::consenting().await;
    let (mut anna, first, second) = two_tabs(&world).await;
    let code = world.code(first).await;
    let page = anna.try_code(second, &code).await;
    assert_error(
        &page,
        "That code is for another tab, where you started to sign in at 09:00 UTC.",
        &code,
    );
    assert_eq!(
        (
            world.sign_in(first).await.tries,
            world.sign_in(second).await.tries
        ),
        (0, 0)
    );
    let page = anna.submit(&page, "Continue there", &[]).await;
    assert_eq!(page.goes_to(), routes::resume(first));
    assert!(page.set_cookie("__Host-vestibule-session=").is_some());
    // In the tab that is left, the code says that it was used.
    let page = anna.try_code(second, &code).await;
    assert_error(
        &page,
        "That code was already used. If it wasn't you, tell helpdesk@acme.example.",
        &code,
    );
}

#[tokio::test]
async fn a_wrong_code_is_charged_to_every_tab_it_was_compared_with() {
    let world = World::new().await;
    let (mut anna, first, second) = two_tabs(&world).await;
    let real = [world.code(first).await, world.code(second).await];
    let wrong: Vec<String> = (0..8)
        .map(|n| format!("0000000{n}"))
        .filter(|code| !real.contains(code))
        .collect();
    anna.try_code(second, &wrong[0]).await;
    anna.try_code(first, &wrong[1]).await;
    assert_eq!(
        (
            world.sign_in(first).await.tries,
            world.sign_in(second).await.tries
        ),
        (2, 2)
    );
    for code in &wrong[2..5] {
        anna.try_code(second, code).await;
    }
    for id in [first, second] {
        assert_eq!(
            anna.try_code(id, &real[0]).await.status,
            StatusCode::TOO_MANY_REQUESTS
        );
        assert!(world.sign_in(id).await.locked_until.is_some());
    }
}

#[tokio::test]
async fn another_browser_or_another_mailbox_is_no_other_tab() {
    let world = World::new().await;
    let mut thief = world.browser();
    let stolen = world.browser().ask(&world, ANNA).await;
    let id = thief.ask(&world, ANNA).await;
    let code = world.code(stolen).await;
    assert_error(&thief.try_code(id, &code).await, "That code is not right", &code);

    // Guesses at one mailbox must not be counted for another.
    let bob = test_support::samples::guest("bob@contoso.test");
    world.add(&bob).await;
    let mut both = world.browser();
    let annas = both.ask(&world, ANNA).await;
    let bobs = both.ask(&world, "bob@contoso.test").await;
    let code = world.code(annas).await;
    assert_error(&both.try_code(bobs, &code).await, "That code is not right", &code);
    assert_eq!(world.sign_in(annas).await.tries, 0);
}

#[tokio::test]
async fn a_used_code_whose_session_is_over_says_so() {
    let world = World::consenting().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let code = world.code(id).await;
    anna.try_code(id, &code).await;
    let tx = world.core.store.begin().await.unwrap();
    tx.end_sessions_of(world.guest.id, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    let page = anna.try_code(id, &code).await;
    assert_error(
        &page,
        "That code was already used. If it wasn't you, tell helpdesk@acme.example.",
        &code,
    );
    world.advance(TimeDelta::minutes(1));
    let form = page.forms().remove(0);
    assert_eq!(form.button, "Send another code");
    let fields: Vec<(&str, &str)> = form
        .fields
        .iter()
        .map(|(name, value)| (&**name, &**value))
        .collect();
    assert_eq!(
        anna.post(form.action.path(), &fields).await.goes_to(),
        routes::passcode(id)
    );
    let new = world.code(id).await;
    assert_ne!(new, code);
    assert_eq!(anna.try_code(id, &new).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn while_no_mail_leaves_the_page_says_so_and_blocks_nothing() {
    let world = World::new().await;
    let tx = world.core.store.begin().await.unwrap();
    tx.set_mail_transport(true, world.now()).await.unwrap();
    tx.commit().await.unwrap();
    let mut anna = world.browser();
    let id = anna.begin(&world).await;
    let page = anna.get(&routes::identify(id)).await;
    assert!(
        !page.text("main").contains("can't send"),
        "nobody asked for mail yet"
    );
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await;
    assert_eq!(
        (page.status, page.header("retry-after")),
        (StatusCode::SERVICE_UNAVAILABLE, "120")
    );
    let says = "This isn't your fault. We'll send your code to anna@contoso.test as soon as we can";
    assert_eq!(page.text("h1"), "We can't send email at the moment");
    assert!(page.text("[role=status]").contains(says), "{}", page.text("main"));
    assert_eq!(page.title(), "Enter the code – Acme");
    for contradiction in [
        "Check your email",
        "Valid until",
        "is on its way",
        "Send another code",
    ] {
        assert!(
            !page.body.contains(contradiction),
            "{contradiction}: {}",
            page.body
        );
    }
    let shown = anna.get(&routes::passcode(id)).await;
    assert_eq!(shown.status, StatusCode::OK);
    assert!(shown.text("[role=status]").contains(says));
    assert_eq!(world.mails().await, 1, "the mail waits");

    // The page that came with the 503 takes the code as well.
    let code = world.code(id).await;
    assert_eq!(
        anna.submit(&page, "code", &[("code", &code)]).await.goes_to(),
        routes::resume(id)
    );
}

#[tokio::test]
async fn a_clock_that_jumps_back_makes_nothing_right() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let code = world.code(id).await;
    world.advance(TimeDelta::days(-1));
    assert_error(&anna.try_code(id, &code).await, "That code is not right", &code);
}
