//! The code page when all goes well: sending, sending again, pasting, coming in.

use chrono::TimeDelta;
use domain::{
    access::AccessRefusal, guest::GuestStatus, method::Method, passcode::ChallengeState, session::Acr,
};
use http::StatusCode;
use web::routes;

use crate::world::{ANNA, World, open_to_all};

#[tokio::test]
async fn an_invited_guest_comes_in() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.begin(&world).await;

    let page = anna.get(&routes::identify(id)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.title(), "Sign in to Acme Notes – Acme");
    let before = world.writes();
    let page = anna
        .submit(&page, "email", &[("email", " Anna@Contoso.TEST ")])
        .await;
    assert_eq!(page.goes_to(), routes::passcode(id));
    assert_eq!(world.writes() - before, 1, "one transaction for the mail");
    assert_eq!(world.mails().await, 1);

    let page = anna.get(&routes::passcode(id)).await;
    assert_eq!(page.title(), "Enter the code – Acme");
    let main = page.text("main");
    assert!(
        main.contains("If Anna@contoso.test has been invited, an 8-digit code is on its way."),
        "{main}"
    );
    assert!(main.contains("Valid until 09:30 UTC (30 minutes)."), "{main}");
    assert!(main.contains("Acme Notes will see your email address."), "{main}");
    let reference = page.text(".reference").split(' ').next().unwrap().to_owned();
    assert_eq!(reference, world.sign_in(id).await.reference.as_str());

    let before = world.writes();
    let code = world.code(id).await;
    let page = anna.submit(&page, "code", &[("code", &code)]).await;
    assert_eq!(page.goes_to(), routes::resume(id));
    assert_eq!(world.writes() - before, 1, "one transaction for the code");
    let session = page.set_cookie("__Host-vestibule-session=").unwrap();
    assert!(
        session.contains("HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=86400"),
        "{session}"
    );
    assert!(page.set_cookie("__Host-vestibule-device=").is_some());

    let guest = world.stored_guest().await;
    assert_eq!(
        (guest.status, guest.method),
        (GuestStatus::Active, Some(Method::Passcode))
    );
    let now = Some(world.now());
    assert_eq!(
        (guest.redeemed_at, guest.last_sign_in_at, guest.email_proven_at),
        (now, now, now)
    );
    let secret = domain::Secret::presented(anna.cookies["__Host-vestibule-session"].clone());
    let reader = world.core.store.reader();
    let (session, whose) = reader.session_by_token(&secret.hash()).await.unwrap().unwrap();
    assert_eq!(whose.id, guest.id);
    assert_eq!(world.sign_in(id).await.progress.session(), Some(session.id));
    assert_eq!(session.authentication.amr(), ["otp"]);
    assert_eq!(session.authentication.acr(), Acr::Mailbox);
    assert_eq!(session.expires_at, world.now() + TimeDelta::hours(24));
    let mut actions: Vec<String> = world
        .events("")
        .await
        .into_iter()
        .map(|event| event.action)
        .collect();
    actions.reverse();
    assert_eq!(
        actions,
        [
            "guest.signin.code.requested",
            "guest.signin.method",
            "session.started",
            "guest.signin.code.ok",
            "invitation.redeemed",
            "assignment.added",
            "grant.issued",
        ]
    );
    let records = world.events("").await;
    assert!(
        records
            .iter()
            .all(|record| !format!("{record:?}").to_lowercase().contains("anna@")),
        "no address in the audit log: {records:?}"
    );
}

#[tokio::test]
async fn every_way_of_pasting_works() {
    let world = World::new().await;
    for form in [
        "{a}{b}",
        "{a} {b}",
        "{a}-{b}",
        "{a}\u{a0}{b}",
        "{a}\u{200b}{b}",
        " {a}{b}\r\n",
        "@login.acme.example #{a}{b}",
    ] {
        let mut anna = world.browser();
        world.advance(TimeDelta::hours(1));
        let id = anna.ask(&world, ANNA).await;
        let code = world.code(id).await;
        let typed = form.replace("{a}", &code[..4]).replace("{b}", &code[4..]);
        let page = anna.try_code(id, &typed).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{form:?}");
    }
    let scripts: [fn(u32) -> char; 2] = [
        |d| char::from_u32(0x660 + d).unwrap(),
        |d| char::from_u32(0xff10 + d).unwrap(),
    ];
    for script in scripts {
        let mut anna = world.browser();
        world.advance(TimeDelta::hours(1));
        let id = anna.ask(&world, ANNA).await;
        let typed: String = world
            .code(id)
            .await
            .chars()
            .map(|c| script(c.to_digit(10).unwrap()))
            .collect();
        assert_eq!(
            anna.try_code(id, &typed).await.goes_to(),
            routes::resume(id),
            "{typed}"
        );
    }
}

#[tokio::test]
async fn a_shared_computer_forgets() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let page = anna.get(&routes::passcode(id)).await;
    assert!(
        !page.has("input[name=shared_computer][checked]"),
        "nothing is ticked for the guest"
    );

    // What was ticked stays ticked after an error.
    let wrong = world.wrong(id, 0).await;
    let page = anna
        .submit(&page, "code", &[("code", &wrong), ("shared_computer", "on")])
        .await;
    assert!(page.has("input[name=shared_computer][checked]"));

    let code = world.code(id).await;
    let page = anna.submit(&page, "code", &[("code", &code)]).await;
    let session = page.set_cookie("__Host-vestibule-session=").unwrap();
    assert!(!session.contains("Max-Age"), "{session}");
    assert!(
        page.set_cookie("__Host-vestibule-device=").is_none(),
        "and the device is not remembered"
    );
}

#[tokio::test]
async fn without_the_box_nothing_is_shared() {
    let world = World::with(|settings| settings.session.shared_computer_box = false, |_| ()).await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let page = anna.get(&routes::passcode(id)).await;
    assert!(!page.has("input[name=shared_computer]"));
    let code = world.code(id).await;
    let page = anna
        .submit(&page, "code", &[("code", &code), ("shared_computer", "on")])
        .await;
    assert!(
        page.set_cookie("__Host-vestibule-session=")
            .unwrap()
            .contains("Max-Age")
    );
}

#[tokio::test]
async fn the_same_right_code_again_is_the_same_answer() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let code = world.code(id).await;
    // The answer to the first request is lost on the way.
    let mut lost = anna.clone();
    let first = lost.try_code(id, &code).await;
    world.advance(TimeDelta::seconds(60));
    let again = anna.try_code(id, &code).await;
    assert_eq!(again.goes_to(), routes::resume(id));
    let value = |line: Option<String>| line.unwrap().split(';').next().unwrap().to_owned();
    for cookie in [
        "__Host-vestibule-session=",
        "__Host-vestibule-browser=",
        "__Host-vestibule-device=",
    ] {
        assert_eq!(value(first.set_cookie(cookie)), value(again.set_cookie(cookie)));
    }
    let session = again.set_cookie("__Host-vestibule-session=").unwrap();
    assert!(
        session.contains("Max-Age=86340"),
        "never longer than the session: {session}"
    );
    assert_eq!(world.count("session.started").await, 1);
    assert_eq!(world.count("guest.signin.code.ok").await, 1);
    assert_eq!(world.sign_in(id).await.tries, 0);
    // Once the guest is through, the page leads on.
    anna.get(&routes::passcode(id)).await.assert_answered();
}

/// The app's answer is on its way, or lost, while its code waits: the page leads to where it is given again. Later it leads to the
/// app's own front page.
#[tokio::test]
async fn after_the_end_the_page_leads_to_the_answer_while_that_waits() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.come_in(&world, ANNA).await;
    let page = anna.get(&routes::passcode(id)).await;
    page.assert_answered();
    assert!(
        page.has(&format!("a[href='{}']", routes::resume(id))),
        "{}",
        page.body
    );
    world.advance(TimeDelta::minutes(1));
    let page = anna.get(&routes::passcode(id)).await;
    page.assert_answered();
    assert!(page.has("a[href='https://notes.example/']"), "{}", page.body);
}

/// The same where the app has its answer: the spent code and the browser's cookie open no session, and say nothing.
#[tokio::test]
async fn a_spent_code_opens_no_session_once_the_app_is_answered() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let (code, mut copy) = (world.code(id).await, anna.clone());
    anna.try_code(id, &code).await;
    world.advance(TimeDelta::milliseconds(60_001));
    let page = copy.try_code(id, &code).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert_eq!(page.set_cookie("__Host-vestibule-"), None);
    anna.cookies.remove("__Host-vestibule-session");
    let csrf = anna.csrf(id);
    let fields = [("csrf", &*csrf), ("code", &*code)];
    let page = anna
        .send(http::Method::POST, &routes::passcode(id), Some(&fields), &[])
        .await;
    assert_eq!(
        page.set_cookie("__Host-vestibule-session="),
        None,
        "{}",
        page.body
    );
    let page = anna.get(&routes::passcode(id)).await;
    assert_eq!(page.status, StatusCode::GONE, "{}", page.body);
    assert_eq!(world.sign_in(id).await.tries, 0);
}

/// The cookie of the browser is older than the session, and a code is spent: later, the two open nothing (O07).
#[tokio::test]
async fn a_spent_code_opens_no_session_after_a_minute() {
    let world = World::consenting().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let code = world.code(id).await;
    let mut copy = anna.clone();
    anna.try_code(id, &code).await;
    world.advance(TimeDelta::milliseconds(60_001));
    let page = copy.try_code(id, &code).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert_eq!(page.set_cookie("__Host-vestibule-"), None);
    let own = anna.try_code(id, &code).await;
    assert_eq!(own.goes_to(), routes::resume(id), "who holds it goes on");
    assert_eq!(
        own.set_cookie("__Host-vestibule-browser="),
        None,
        "and has the rest"
    );
    // Nor in the browser that it belongs to, once that has let go of the session.
    anna.cookies.remove("__Host-vestibule-session");
    let page = anna.try_code(id, &code).await;
    assert_eq!(page.set_cookie("__Host-vestibule-session="), None);
    assert!(
        page.text("main").contains("already used"),
        "{}",
        page.text("main")
    );
}

#[tokio::test]
async fn a_shared_computer_forgets_the_sign_in_with_the_browser() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let code = world.code(id).await;
    let page = anna.get(&routes::passcode(id)).await;
    let fields = [("code", code.as_str()), ("shared_computer", "on")];
    let page = anna.submit(&page, "Continue", &fields).await;
    for cookie in ["__Host-vestibule-session=", "__Host-vestibule-browser="] {
        let cookie = page.set_cookie(cookie).unwrap();
        assert!(
            !cookie.contains("Max-Age") && !cookie.contains("Expires"),
            "{cookie}"
        );
    }
}

#[tokio::test]
async fn asking_for_another_code_forgets_nothing_of_the_form() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let page = anna.get(&routes::passcode(id)).await;
    world.advance(TimeDelta::seconds(60));
    let more = [("shared_computer", "on"), ("code", "1234")];
    let page = anna.submit(&page, "Send another code", &more).await;
    assert!(page.has("#shared_computer[checked]"));
    assert_eq!(page.attribute("#code", "value").as_deref(), Some("1234"));
    // The button stands behind Continue, which Enter presses.
    let button = page.attribute("button[form=code-form]", "formaction");
    assert_eq!(button, Some(routes::resend(id)));
    assert!(page.body.find("Continue</button>") < page.body.find("form=\"code-form\""));
}

#[tokio::test]
async fn another_code_after_a_minute_and_the_earlier_one_stays_good() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let page = anna.get(&routes::passcode(id)).await;
    assert!(
        !page.has("main p[role=status].notice"),
        "nothing was sent again yet"
    );

    world.advance(TimeDelta::seconds(60));
    let sent = anna.submit(&page, "Send another code", &[]).await;
    assert_eq!(sent.goes_to(), routes::passcode(id));
    for _ in 0..2 {
        let page = anna.get(&routes::passcode(id)).await;
        assert_eq!(
            page.text("main [role=status].notice"),
            "New code sent at 09:01 UTC."
        );
        assert!(page.text("main").contains("Valid until 09:31 UTC (30 minutes)."));
    }
    assert_eq!(world.mails().await, 2);
    assert_ne!(world.code_of(id, 1).await, world.code_of(id, 2).await);
    let first = world.code_of(id, 1).await;
    assert_eq!(anna.try_code(id, &first).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn three_codes_live_at_once_and_no_more() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let page = anna.get(&routes::passcode(id)).await;
    for _ in 0..2 {
        world.advance(TimeDelta::seconds(60));
        let sent = anna.submit(&page, "Send another code", &[]).await;
        assert_eq!(sent.goes_to(), routes::passcode(id));
    }
    world.advance(TimeDelta::seconds(60));
    let refused = anna.submit(&page, "Send another code", &[]).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    // The first ends at 9:30; it is 9:03.
    assert_eq!(refused.header("retry-after"), "1620");
    assert!(
        refused
            .text("[role=alert]")
            .contains("at 09:30 UTC (in 27 minutes)"),
        "{}",
        refused.text("main")
    );
    assert_eq!(world.mails().await, 3);

    world.advance(TimeDelta::minutes(27));
    let sent = anna.submit(&page, "Send another code", &[]).await;
    assert_eq!(sent.goes_to(), routes::passcode(id));
    assert_eq!(world.challenge(id).await.sends.len(), 4);
    let second = world.code_of(id, 2).await;
    assert_eq!(
        anna.try_code(id, &second).await.goes_to(),
        routes::resume(id),
        "the others live on"
    );
}

#[tokio::test]
async fn who_may_enter_uninvited_enters_the_directory() {
    let world = World::with(|_| (), open_to_all).await;
    let mut carol = world.browser();
    let id = carol.ask(&world, "carol@fabrikam.test").await;
    let page = carol.get(&routes::passcode(id)).await;
    assert!(
        page.text("main")
            .contains("We sent an 8-digit code to carol@fabrikam.test.")
    );
    let code = world.code(id).await;
    assert_eq!(carol.try_code(id, &code).await.goes_to(), routes::resume(id));
    let reader = world.core.store.reader();
    let email = domain::EmailAddress::parse("carol@fabrikam.test").unwrap();
    let guest = reader.guest_by_email(&email).await.unwrap().unwrap();
    assert_eq!(
        (guest.status, guest.method),
        (GuestStatus::Active, Some(Method::Passcode))
    );
    assert_eq!(world.count("guest.added").await, 1);
}

#[tokio::test]
async fn a_guest_who_may_not_enter_is_told_after_the_proof_and_redeems_nothing() {
    let world = World::new().await;
    world
        .change_guest(|guest| guest.status = GuestStatus::Blocked)
        .await;
    let mut anna = world.browser();
    let id = anna.come_in(&world, ANNA).await;
    let guest = world.stored_guest().await;
    assert_eq!(
        (guest.status, guest.method, guest.redeemed_at),
        (GuestStatus::Blocked, None, None)
    );
    assert_eq!(guest.email_proven_at, Some(world.now()));
    let refused = &world.events("access.refused").await[0];
    assert_eq!(refused.reason.as_deref(), Some(AccessRefusal::Blocked.name()));
    let page = anna.get(&routes::refused(id)).await;
    assert!(
        page.text("main").contains("Acme has blocked this address"),
        "{}",
        page.text("main")
    );
}

#[tokio::test]
async fn a_guest_who_is_gone_starts_again() {
    // Mailed because the app was open, and closed before the code came.
    let world = World::with(|_| (), open_to_all).await;
    let mut carol = world.browser();
    let id = carol.ask(&world, "carol@fabrikam.test").await;
    let tx = world.core.store.begin().await.unwrap();
    let mut app = world.app.clone();
    app.access = domain::app::AccessRule::Invited;
    tx.update_app(&app).await.unwrap();
    tx.commit().await.unwrap();
    let code = world.code(id).await;
    let page = carol.try_code(id, &code).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(!carol.cookies.contains_key("__Host-vestibule-session"));
    assert_eq!(world.challenge(id).await.state, ChallengeState::Consumed);
}

#[tokio::test]
async fn a_new_session_ends_the_one_that_the_browser_had() {
    let world = World::new().await;
    let mut browser = world.browser();
    browser.come_in(&world, ANNA).await;
    let bob = test_support::samples::guest("bob@contoso.test");
    world.add(&bob).await;
    let annas = domain::Secret::presented(browser.cookies["__Host-vestibule-session"].clone());
    browser.come_in(&world, "bob@contoso.test").await;
    let reader = world.core.store.reader();
    let (session, _) = reader.session_by_token(&annas.hash()).await.unwrap().unwrap();
    assert_eq!(session.ended_at, Some(world.now()));
    assert_eq!(
        world.events("session.ended").await[0].reason.as_deref(),
        Some("replaced")
    );

    // The same guest, too: a copy of the cookie is worth nothing after a new proof (O07).
    let bobs = domain::Secret::presented(browser.cookies["__Host-vestibule-session"].clone());
    world.advance(TimeDelta::minutes(2));
    browser.come_in(&world, "bob@contoso.test").await;
    let (session, _) = reader.session_by_token(&bobs.hash()).await.unwrap().unwrap();
    assert_eq!(session.ended_at, Some(world.now()));
    assert_eq!(world.count("session.ended").await, 2);
}
