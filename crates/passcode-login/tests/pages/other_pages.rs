//! Consent, no access, another method, and the back button at the end.

use chrono::TimeDelta;
use domain::{
    Id,
    app::{AccessRule, logo::Logo},
    authorization::Scopes,
    guest::GuestStatus,
    sign_in::{Progress, SignIn},
};
use http::StatusCode;
use method_resolution::Policy;
use test_support::samples;
use web::routes;

use crate::world::{ANNA, Browser, STRANGER, World};

/// Anna, signed in, where the app asks for consent.
async fn at_consent(world: &World) -> (Browser, Id<SignIn>) {
    let mut anna = world.browser();
    let id = anna
        .begin_with(world, |sign_in| {
            sign_in.request.scopes = Scopes::parse("openid email offline_access");
        })
        .await;
    let page = anna.get(&routes::identify(id)).await;
    anna.submit(&page, "email", &[("email", ANNA)]).await;
    let code = world.code(id).await;
    anna.try_code(id, &code).await;
    (anna, id)
}

#[tokio::test]
async fn consent_says_what_the_app_gets_and_is_asked_once() {
    let world = World::consenting().await;
    let (mut anna, id) = at_consent(&world).await;
    let page = anna.get(&routes::consent(id)).await;
    assert_eq!(page.title(), "What Acme Notes will get – Acme");
    assert_eq!(
        page.text("main li"),
        "an ID that identifies you here and says nothing else about you | your email address, anna@contoso.test | \
         permission to check your details when you're not using the app, until you sign out or your access ends"
    );
    assert!(page.text("main").contains("This sign-in is hosted by Acme."));
    let buttons = page.text("main form button");
    assert_eq!(buttons, "Continue | Cancel", "Enter means Continue");

    let before = world.writes();
    let page = anna.submit(&page, "Continue", &[("answer", "given")]).await;
    assert_eq!(page.goes_to(), routes::resume(id));
    assert_eq!(world.writes() - before, 1);
    assert_eq!(world.sign_in(id).await.agreed, Some(world.guest.id));
    let given = world
        .core
        .store
        .reader()
        .consent(world.guest.id, world.app.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(given.scopes.to_string(), "openid email offline_access");
    assert_eq!(world.count("consent.given").await, 1);
    // It is no longer the step: there and back leads on.
    assert_eq!(anna.get(&routes::consent(id)).await.goes_to(), routes::resume(id));
    // What was given stays given when less is asked for later.
    let later = anna
        .begin_with(&world, |sign_in| sign_in.request.prompt.consent = true)
        .await;
    let page = anna.get(&routes::consent(later)).await;
    anna.submit(&page, "Continue", &[("answer", "given")]).await;
    let given = world
        .core
        .store
        .reader()
        .consent(world.guest.id, world.app.id)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(given.scopes.to_string(), "openid profile email offline_access");
}

#[tokio::test]
async fn who_cancels_gives_nothing() {
    let world = World::consenting().await;
    for answer in ["denied", "", "perhaps"] {
        let (mut anna, id) = at_consent(&world).await;
        let page = anna.get(&routes::consent(id)).await;
        let page = anna.submit(&page, "Continue", &[("answer", answer)]).await;
        assert_eq!(page.goes_to(), routes::resume(id));
        assert!(world.sign_in(id).await.progress.is_denied());
        world.advance(TimeDelta::hours(1));
    }
    let given = world
        .core
        .store
        .reader()
        .consent(world.guest.id, world.app.id)
        .await
        .unwrap();
    assert_eq!(given, None);
}

#[tokio::test]
async fn nobody_agrees_in_advance() {
    let world = World::consenting().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let csrf = anna.csrf(id);
    let page = anna
        .post(&routes::consent(id), &[("csrf", &csrf), ("answer", "given")])
        .await;
    assert_eq!(page.goes_to(), routes::resume(id));
    assert_eq!(world.sign_in(id).await.agreed, None);
    // And what one guest agreed to is asked of the next.
    let code = world.code(id).await;
    world
        .change(id, |sign_in| sign_in.agreed = Some(samples::id()))
        .await;
    anna.try_code(id, &code).await;
    assert_eq!(anna.get(&routes::consent(id)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_access_says_why_and_the_app_is_told() {
    let world = World::new().await;
    let other = domain::app::App {
        id: samples::id(),
        client_id: "board".into(),
        name: "Acme Board".into(),
        ..world.app.clone()
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_app(&other).await.unwrap();
    tx.commit().await.unwrap();
    let mut anna = world.browser();
    anna.come_in(&world, ANNA).await;
    let id = anna.begin_with(&world, |sign_in| sign_in.app = other.id).await;
    let page = anna.get(&routes::refused(id)).await;
    assert_eq!(page.title(), "No access to Acme Board – Acme");
    assert!(
        page.text("main")
            .contains("You're signed in as anna@contoso.test, but you haven't been invited to Acme Board.")
    );
    let href = page.attribute("main a.tap", "href");
    assert_eq!(
        href,
        Some(routes::identify(id)),
        "a different address is one click away"
    );
    let back = anna.submit(&page, "Back to Acme Board", &[]).await;
    assert_eq!(back.goes_to(), routes::resume(id));
    assert!(world.sign_in(id).await.progress.is_denied());
}

#[tokio::test]
async fn a_different_address_after_a_refusal() {
    let world = World::new().await;
    world
        .change_guest(|guest| guest.status = GuestStatus::Blocked)
        .await;
    let bob = samples::guest("bob@contoso.test");
    world.add(&bob).await;
    let mut browser = world.browser();
    let id = browser.come_in(&world, ANNA).await;
    let page = browser.get(&routes::identify(id)).await;
    let page = browser
        .submit(&page, "email", &[("email", "bob@contoso.test")])
        .await;
    assert_eq!(page.goes_to(), routes::passcode(id));
    let code = world.code(id).await;
    assert_eq!(browser.try_code(id, &code).await.goes_to(), routes::resume(id));
    let secret = domain::Secret::presented(browser.cookies["__Host-vestibule-session"].clone());
    let reader = world.core.store.reader();
    let (session, guest) = reader.session_by_token(&secret.hash()).await.unwrap().unwrap();
    assert_eq!(guest.email.as_str(), "bob@contoso.test");
    assert_eq!(world.sign_in(id).await.progress.session(), Some(session.id));
    browser.get(&routes::refused(id)).await.assert_answered();
}

#[tokio::test]
async fn refused_is_shown_to_nobody_without_a_proof() {
    let world = World::new().await;
    world
        .change_guest(|guest| guest.status = GuestStatus::Blocked)
        .await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    assert_eq!(anna.get(&routes::refused(id)).await.goes_to(), routes::resume(id));
}

async fn with_upstreams() -> World {
    let world = World::with(|_| (), |app| app.access = AccessRule::AnyGuest).await;
    let tenant = domain::upstream::Upstream {
        display_name: "Fabrikam".into(),
        ..samples::tenant("fabrikam", &["fabrikam.test", "both.test"])
    };
    let provider = domain::upstream::Upstream {
        display_name: "Microsoft".into(),
        ..samples::provider("microsoft", &["outlook.com", "both.test"])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.insert_upstream(&provider).await.unwrap();
    tx.commit().await.unwrap();
    world
}

#[tokio::test]
async fn an_address_with_another_method_gets_an_honest_page() {
    let world = with_upstreams().await;
    for (address, says) in [
        (
            "carol@fabrikam.test",
            "People at Fabrikam sign in through Fabrikam.",
        ),
        ("carol@outlook.com", "This address signs in with Microsoft."),
        ("carol@both.test", "one of these: Fabrikam, Microsoft."),
    ] {
        let mut carol = world.browser();
        let id = carol.begin(&world).await;
        let page = carol.get(&routes::identify(id)).await;
        let before = world.writes();
        let page = carol.submit(&page, "email", &[("email", address)]).await;
        assert_eq!(page.goes_to(), routes::unavailable(id));
        assert_eq!(world.writes() - before, 1);
        let page = carol.get(&routes::unavailable(id)).await;
        assert_eq!(page.status, StatusCode::OK);
        let main = page.text("main");
        assert!(
            main.contains(says) && main.contains("Acme hasn't set th"),
            "{main}"
        );
        assert!(main.contains(address));
        assert_eq!(world.sign_in(id).await.challenge, None);
        let back = carol.submit(&page, "Back to Acme Notes", &[]).await;
        assert_eq!(back.goes_to(), routes::resume(id));
        assert!(world.sign_in(id).await.progress.is_denied());
    }
    assert_eq!(world.mails().await, 0);
    let chosen = world.events("guest.signin.method").await;
    assert!(chosen[0].details.contains("two_fit") && chosen[1].details.contains("personal_account"));
    assert!(!chosen.iter().any(|event| event.details.contains("carol")));
}

#[tokio::test]
async fn codes_that_are_off_are_off_for_guests_and_strangers_alike() {
    let policy = Policy {
        codes: false,
        ..Policy::default()
    };
    let world = World::with(|settings| settings.resolution = policy.into(), |_| ()).await;
    world.add(&samples::active_guest("bob@contoso.test")).await;
    for address in [ANNA, STRANGER, "bob@contoso.test"] {
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = browser.get(&routes::identify(id)).await;
        let page = browser.submit(&page, "email", &[("email", address)]).await;
        assert_eq!(page.goes_to(), routes::unavailable(id), "{address}");
        let page = browser.get(&routes::unavailable(id)).await;
        assert!(
            page.text("main").contains("Acme doesn't use sign-in codes"),
            "{}",
            page.text("main")
        );
    }
}

#[tokio::test]
async fn a_code_in_flight_dies_with_its_method() {
    let world = with_upstreams().await;
    // Mailed while no tenant had the domain.
    let mut carol = world.browser();
    let id = carol.ask(&world, "carol@northwind.test").await;
    let code = world.code(id).await;
    let tenant = samples::tenant("northwind", &["northwind.test"]);
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.commit().await.unwrap();
    let page = carol.try_code(id, &code).await;
    assert_eq!(page.goes_to(), routes::unavailable(id));
    assert!(!carol.cookies.contains_key("__Host-vestibule-session"));
    let page = carol.get(&routes::unavailable(id)).await;
    assert!(page.text("main").contains("NORTHWIND"));
    assert_eq!(world.count("session.started").await, 0);
}

#[tokio::test]
async fn the_back_button_after_a_no() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.come_in(&world, ANNA).await;
    let now = world.now();
    world
        .change(id, |sign_in| {
            let session = sign_in.progress.session();
            sign_in.progress = Progress::Denied {
                session,
                answered_at: Some(now),
            };
        })
        .await;
    for path in [routes::identify(id), routes::passcode(id), routes::consent(id)] {
        let page = anna.get(&path).await;
        assert_eq!(page.text("h1"), "You're already signed in", "{path}");
    }
}

#[tokio::test]
async fn the_back_button_after_the_end() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.come_in(&world, ANNA).await;
    let code = world.code(id).await;
    world.answer(id).await;
    // The code that waited for the app is too old.
    world.advance(TimeDelta::minutes(1));
    let csrf = anna.csrf(id);
    let before = world.writes();
    for path in [
        routes::identify(id),
        routes::send(id),
        routes::passcode(id),
        routes::consent(id),
        routes::refused(id),
    ] {
        let page = anna.get(&path).await;
        assert_eq!(page.status, StatusCode::OK, "{path}");
        assert_eq!(page.text("h1"), "You're already signed in", "{path}");
        assert_eq!(
            page.attribute("main a", "href").as_deref(),
            Some("https://notes.example/")
        );
        assert_eq!(page.text("main a"), "Continue to Acme Notes");
    }
    for path in [
        routes::identify(id),
        routes::send(id),
        routes::resend(id),
        routes::continue_as(id),
    ] {
        let page = anna.post(&path, &[("csrf", &csrf), ("email", ANNA)]).await;
        assert_eq!(page.text("h1"), "You're already signed in", "{path}");
    }
    assert_eq!(world.writes(), before);
    assert_eq!(
        anna.try_code(id, &code).await.goes_to(),
        routes::resume(id),
        "the code form, sent once more"
    );

    // Signed out since: there is nothing to go back to, and the way to the app is shown.
    anna.cookies.remove("__Host-vestibule-session");
    let page = anna.get(&routes::passcode(id)).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert_eq!(
        page.attribute("main a", "href").as_deref(),
        Some("https://notes.example/")
    );
}

#[tokio::test]
async fn consent_counts_for_whom_the_page_names() {
    let world = World::consenting().await;
    let bob = test_support::samples::guest("bob@contoso.test");
    world.add(&bob).await;
    let (mut browser, _) = at_consent(&world).await;
    let id = browser.begin(&world).await;
    let annas = browser.get(&routes::consent(id)).await;
    browser.come_in(&world, "bob@contoso.test").await;
    let answer = browser.submit(&annas, "Continue", &[("answer", "given")]).await;
    assert_eq!(answer.goes_to(), routes::consent(id));
    assert_eq!(world.sign_in(id).await.progress, Progress::Begun);
    assert_eq!(world.count("consent.given").await, 0);
}

/// Who types the host's name reads where they are.
#[tokio::test]
async fn the_bare_host_says_where_one_is() {
    let world = World::new().await;
    let mut anna = world.browser();
    anna.cookies.clear();
    let page = anna.get("/").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(page.text("h1"), "Guest sign-in at Acme");
    assert!(page.text("main").contains("Open the app you were invited to"));
    assert!(page.set_cookie("").is_none(), "it sets no cookie");
    let page = anna.get("/?ui_locales=de").await;
    assert_eq!(page.text("h1"), "Anmeldung für Gäste bei Acme");
}

#[tokio::test]
async fn an_app_is_shown_with_its_logo_and_its_contact() {
    for world in World::on_each().await {
        let logo = Logo::parse(b"\x89PNG\r\n\x1a\nrest".to_vec()).unwrap();
        let app = domain::app::App {
            contact: Some(samples::email("notes@acme.test")),
            logo: Some(logo.name()),
            ..world.app.clone()
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.update_app(&app).await.unwrap();
        tx.put_app_logo(app.id, Some(logo.clone())).await.unwrap();
        tx.commit().await.unwrap();

        let mut anna = world.browser();
        let id = anna.begin(&world).await;
        let page = anna.get(&routes::identify(id)).await;
        let path = page.attribute("header img", "src").unwrap();
        assert_eq!(Some(path.clone()), routes::logo_of(&app));
        assert_eq!(page.attribute("header img", "alt").as_deref(), Some(""));
        let help = page.attribute("footer a", "href");
        assert_eq!(help.as_deref(), Some("mailto:notes@acme.test"), "{}", page.body);

        let picture = anna.get(&path).await;
        assert_eq!(picture.status, StatusCode::OK);
        assert_eq!(picture.header("content-type"), "image/png");
        assert_eq!(
            picture.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        for elsewhere in [
            path.replace("notes", "files"),
            path.replace(".png", ".jpg"),
            format!("{path}x"),
        ] {
            let page = anna.get(&elsewhere).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{elsewhere}");
        }
    }
}
