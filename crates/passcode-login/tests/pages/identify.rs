//! G1 and G2-send: the address, what is wrong with one, and where it leads.

use chrono::TimeDelta;
use domain::{EmailAddress, Id, app::AccessRule, authorization::Prompts, sign_in::SignIn};
use http::StatusCode;
use web::routes;

use crate::world::{ANNA, Browser, Page, World, open_to_all};

async fn type_address(browser: &mut Browser, id: Id<SignIn>, address: &str) -> Page {
    let page = browser.get(&routes::identify(id)).await;
    browser.submit(&page, "email", &[("email", address)]).await
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said_at_the_field() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.begin(&world).await;
    let before = world.writes();
    let long = format!("{}@contoso.test", "a".repeat(1100));
    for (typed, says) in [
        ("", "Enter your email address"),
        ("anna at contoso", "Remove the space"),
        ("anna.contoso.test", "with one @"),
        ("anna@@contoso.test", "with one @"),
        ("anna\u{7}@contoso.test", "invisible character"),
        ("\"anna\"@contoso.test", "before the @"),
        ("anna@contoso", "Check the part after the @"),
        ("anna@соntoso.test", "mixes letters from different alphabets"),
        (long.as_str(), "too long"),
        ("<script>alert(1)</script>@contoso.test", "before the @"),
    ] {
        let page = type_address(&mut anna, id, typed).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert_eq!(page.title(), "Error: Sign in to Acme Notes – Acme");
        let summary = page.text("[role=alert]");
        assert!(summary.contains(says), "{typed}: {summary}");
        assert!(page.text("#email-error").contains(says));
        assert!(page.has("[role=alert][tabindex='-1'][autofocus] a[href='#email']"));
        assert!(page.has("#email[aria-invalid=true]"));
        assert_eq!(page.attribute("#email", "value").as_deref(), Some(typed));
    }
    assert_eq!(world.writes(), before);
}

#[tokio::test]
async fn the_address_is_kept_on_the_way_back() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let before = world.writes();
    let page = anna.get(&routes::identify(id)).await;
    assert_eq!(page.attribute("#email", "value").as_deref(), Some(ANNA));
    // Continue once more: the mail is on its way, and the code page comes.
    let again = anna.submit(&page, "email", &[]).await;
    assert_eq!(again.goes_to(), routes::passcode(id));
    assert_eq!(world.mails().await, 1);
    assert_eq!(world.challenge(id).await.sends.len(), 1);
    assert_eq!(world.writes(), before + 1);
    // A minute later it is another mail of the same challenge, so the first code stays good.
    world.advance(TimeDelta::seconds(60));
    let first = world.code(id).await;
    assert_eq!(
        anna.submit(&page, "email", &[]).await.goes_to(),
        routes::passcode(id)
    );
    assert_eq!(world.challenge(id).await.sends.len(), 2);
    assert_eq!(anna.try_code(id, &first).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn another_address_is_mailed_at_once_and_the_code_of_the_first_dies() {
    let world = World::new().await;
    let bob = test_support::samples::guest("bob@contoso.test");
    world.add(&bob).await;
    let mut browser = world.browser();
    let id = browser.ask(&world, ANNA).await;
    let annas = world.code(id).await;
    let page = type_address(&mut browser, id, "bob@contoso.test").await;
    assert_eq!(page.goes_to(), routes::passcode(id));
    let page = browser.get(&routes::passcode(id)).await;
    assert!(page.text("main").contains("bob@contoso.test"));
    assert!(
        !page.has("main [role=status].notice"),
        "for Bob it is the first mail"
    );
    let page = browser.try_code(id, &annas).await;
    assert!(page.text("[role=alert]").contains("That code is not right"));
    assert_eq!(world.sign_in(id).await.tries, 1, "tries are the sign-in's");
    let bobs = world.code(id).await;
    assert_eq!(browser.try_code(id, &bobs).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn a_slip_is_asked_about_and_never_insisted_on() {
    let world = World::with(|_| (), open_to_all).await;
    let mut anna = world.browser();
    let id = anna.begin(&world).await;
    let page = type_address(&mut anna, id, "anna@gmial.com").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.title(), "Sign in to Acme Notes – Acme", "it is no error");
    assert!(
        page.text("main").contains("Did you mean anna@gmail.com?"),
        "{}",
        page.text("main")
    );
    assert_eq!(
        page.attribute("#email", "value").as_deref(),
        Some("anna@gmial.com")
    );
    assert_eq!(world.mails().await, 0);

    let mut other = anna.clone();
    assert_eq!(
        anna.submit(&page, "Use it", &[]).await.goes_to(),
        routes::passcode(id)
    );
    assert_eq!(world.challenge(id).await.email.as_str(), "anna@gmail.com");
    assert_eq!(
        other.submit(&page, "Keep mine", &[]).await.goes_to(),
        routes::passcode(id)
    );
    assert_eq!(world.challenge(id).await.email.as_str(), "anna@gmial.com");
}

#[tokio::test]
async fn an_address_that_was_given_is_confirmed_before_the_first_mail() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna
        .begin_with(&world, |sign_in| sign_in.email = EmailAddress::parse(ANNA).ok())
        .await;
    let before = world.writes();
    for _ in 0..3 {
        let page = anna.get(&routes::send(id)).await;
        assert!(
            page.text("main")
                .contains("We'll email a sign-in code to anna@contoso.test.")
        );
        assert_eq!(page.title(), "Get a sign-in code for Acme Notes – Acme");
    }
    assert_eq!(
        (world.writes(), world.mails().await),
        (before, 0),
        "a GET sends nothing"
    );
    let page = anna.get(&routes::send(id)).await;
    let before = world.writes();
    assert_eq!(
        anna.submit(&page, "Email me a code", &[]).await.goes_to(),
        routes::passcode(id)
    );
    assert_eq!(world.writes() - before, 1);
    // Pressed twice: the mail is on its way.
    assert_eq!(
        anna.submit(&page, "Email me a code", &[]).await.goes_to(),
        routes::passcode(id)
    );
    assert_eq!(world.mails().await, 1);
    // «Use a different address» keeps it in the field.
    let page = anna.get(&routes::identify(id)).await;
    assert_eq!(page.attribute("#email", "value").as_deref(), Some(ANNA));
}

#[tokio::test]
async fn steps_without_an_address_go_back_to_the_first() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.begin(&world).await;
    for path in [routes::send(id), routes::passcode(id), routes::unavailable(id)] {
        assert_eq!(anna.get(&path).await.goes_to(), routes::identify(id), "{path}");
    }
    let csrf = anna.csrf(id);
    for path in [routes::send(id), routes::resend(id)] {
        let page = anna.post(&path, &[("csrf", &csrf)]).await;
        assert_eq!(page.goes_to(), routes::identify(id), "{path}");
    }
    assert_eq!(
        anna.try_code(id, "12345678").await.goes_to(),
        routes::passcode(id)
    );
}

#[tokio::test]
async fn who_to_ask_depends_on_the_app() {
    let shown = async |access: AccessRule| {
        let world = World::with(|_| (), |app| app.access = access).await;
        let mut anna = world.browser();
        let id = anna.begin(&world).await;
        anna.get(&routes::identify(id)).await.text("main")
    };
    let invited = shown(AccessRule::Invited).await;
    assert!(invited.contains("Use the address your invitation was sent to."));
    assert!(invited.contains("I don't have an invitation"));
    assert!(invited.contains("Questions? Ask helpdesk@acme.example."));
    let domain = shown(AccessRule::Domain(vec!["contoso.test".into()])).await;
    assert!(domain.contains("Use your work address"));
    let anyone = shown(AccessRule::AnyGuest).await;
    assert!(anyone.contains("Use an email address you can check right now."));
    assert!(!anyone.contains("I don't have an invitation"));
}

/// A browser in which Anna is signed in, and a new sign-in that asks her who she wants to be.
async fn select_account(world: &World) -> (Browser, Id<SignIn>) {
    let mut anna = world.browser();
    anna.come_in(world, ANNA).await;
    world.advance(TimeDelta::minutes(10));
    let id = anna
        .begin_with(world, |sign_in| {
            sign_in.request.prompt = Prompts::parse("select_account").unwrap();
        })
        .await;
    (anna, id)
}

#[tokio::test]
async fn a_guest_may_go_on_as_who_is_signed_in() {
    let world = World::new().await;
    let (mut anna, id) = select_account(&world).await;
    let page = anna.get(&routes::identify(id)).await;
    assert!(
        page.text("main")
            .contains("You're signed in as anna@contoso.test.")
    );
    let page = anna.submit(&page, "Continue as anna@contoso.test", &[]).await;
    assert_eq!(page.goes_to(), routes::resume(id));
    let first = world.events("session.started").await.len();
    assert_eq!(first, 1, "no new session");
    assert!(world.sign_in(id).await.progress.session().is_some());
}

#[tokio::test]
async fn asking_again_and_again_writes_nothing_into_the_log() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let before = world.count("").await;
    let page = anna.get(&routes::identify(id)).await;
    for _ in 0..20 {
        anna.submit(&page, "email", &[]).await;
    }
    assert_eq!(world.count("").await, before);
}

#[tokio::test]
async fn the_button_counts_for_whom_it_names() {
    let world = World::new().await;
    world.add(&test_support::samples::guest("bob@contoso.test")).await;
    let (mut browser, id) = select_account(&world).await;
    let annas = browser.get(&routes::identify(id)).await;
    browser.come_in(&world, "bob@contoso.test").await;
    let page = browser.submit(&annas, "Continue as anna@contoso.test", &[]).await;
    assert_eq!(page.goes_to(), routes::identify(id));
    assert_eq!(world.sign_in(id).await.progress.session(), None);
    let bobs = browser.get(&routes::identify(id)).await;
    let page = browser.submit(&bobs, "Continue as bob@contoso.test", &[]).await;
    assert_eq!(page.goes_to(), routes::resume(id));
}

/// The dispatcher may send on to an upstream, and Chrome lets no form lead there: the page itself says that the guest is not signed in.
#[tokio::test]
async fn the_button_of_a_session_that_has_ended_leads_back_to_its_page() {
    let world = World::new().await;
    let (mut browser, id) = select_account(&world).await;
    let page = browser.get(&routes::identify(id)).await;
    world.advance(TimeDelta::hours(24));
    let page = browser.submit(&page, "Continue as anna@contoso.test", &[]).await;
    assert_eq!(
        page.status,
        StatusCode::GONE,
        "the sign-in is as old: {}",
        page.body
    );

    let (mut browser, id) = select_account(&world).await;
    let page = browser.get(&routes::identify(id)).await;
    let tx = world.core.store.begin().await.unwrap();
    let session = world.session_of(&browser).await.parse().unwrap();
    assert!(tx.end_session(session, world.now()).await.unwrap());
    tx.commit().await.unwrap();
    let page = browser.submit(&page, "Continue as anna@contoso.test", &[]).await;
    assert_eq!(page.goes_to(), routes::identify(id));
    let page = browser.get(&routes::identify(id)).await;
    assert!(!page.text("main").contains("Continue as"), "{}", page.body);
}

#[tokio::test]
async fn a_fresh_proof_cannot_be_skipped() {
    let world = World::new().await;
    let (mut anna, _) = select_account(&world).await;
    for (prompt, max_age, hinted) in [
        ("login", None, None),
        ("login select_account", None, None),
        ("select_account", Some(60), None),
        ("select_account", None, Some("somebody-else".to_owned())),
    ] {
        let id = anna
            .begin_with(&world, |sign_in| {
                sign_in.request.prompt = Prompts::parse(prompt).unwrap();
                sign_in.request.max_age = max_age;
                sign_in.request.hinted_subject = hinted;
            })
            .await;
        let page = anna.get(&routes::identify(id)).await;
        assert!(!page.text("main").contains("Continue as"), "{prompt} {max_age:?}");
        let csrf = anna.csrf(id);
        let mine = world.session_of(&anna).await;
        let fields = [("csrf", &*csrf), ("session", &*mine)];
        let page = anna.post(&routes::continue_as(id), &fields).await;
        assert_eq!(page.goes_to(), routes::identify(id));
        assert_eq!(
            world.sign_in(id).await.progress.session(),
            None,
            "{prompt} {max_age:?}"
        );
    }
    let (_, id) = select_account(&world).await;
    assert_eq!(
        anna.get(&routes::continue_as(id)).await.status,
        StatusCode::GONE,
        "of another browser"
    );
}

#[tokio::test]
async fn a_proof_by_the_wrong_person_says_whom_the_app_wants() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna
        .begin_with(&world, |sign_in| {
            sign_in.request.hinted_subject = Some("bob".into());
        })
        .await;
    let page = type_address(&mut anna, id, ANNA).await;
    assert_eq!(page.goes_to(), routes::passcode(id));
    let code = world.code(id).await;
    anna.try_code(id, &code).await;
    let page = anna.get(&routes::identify(id)).await;
    assert!(
        page.text("[role=status]")
            .contains("Acme Notes expects a different person, not anna@contoso.test."),
        "{}",
        page.text("main")
    );
    let back = anna.submit(&page, "Back to Acme Notes", &[]).await;
    assert_eq!(back.goes_to(), routes::resume(id));
    assert!(world.sign_in(id).await.progress.is_denied());
}
