//! Passkeys: registered after a code, used instead of one; and everything that is refused.

mod attacks;
mod ends;

use chrono::TimeDelta;
use domain::{
    Id, Secret,
    app::AccessRule,
    method::Method,
    passkey::{Passkey, PasskeyKind},
    session::Session,
    sign_in::SignIn,
};
use http::StatusCode;
use test_support::{Asked, Authenticator};
use web::routes;

use crate::world::{ANNA, Browser, Page, World};

/// What an honest browser says.
const HERE: Asked<'_> = Asked {
    origin: "https://login.acme.example",
    rp_id: "login.acme.example",
    verified: true,
};

/// What the page asks the authenticator.
fn options(page: &Page) -> String {
    page.attribute("[data-ceremony]", "data-options")
        .unwrap_or_else(|| panic!("{}", page.body))
}

/// Signs in by a code with the box ticked.
async fn code_with_box(world: &World, browser: &mut Browser, more: &[(&str, &str)]) -> Id<SignIn> {
    let id = browser.ask(world, ANNA).await;
    let csrf = browser.csrf(id);
    let code = world.code(id).await;
    let mut fields = vec![("csrf", &*csrf), ("code", &*code), ("make_passkey", "on")];
    fields.extend(more);
    let page = browser.post(&routes::passcode(id), &fields).await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    id
}

/// Registers a passkey for Anna.
async fn register(world: &World, browser: &mut Browser, synced: bool) -> Authenticator {
    let id = code_with_box(world, browser, &[]).await;
    let page = browser.get(&routes::new_passkey(id)).await;
    let (device, made) = Authenticator::create(&options(&page), &HERE, synced);
    let page = answer(browser, &page, &made).await;
    assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    device
}

/// Anna with a passkey, a day later.
async fn with_passkey() -> Vec<(World, Authenticator)> {
    let mut worlds = Vec::new();
    for world in World::on_each().await {
        let device = register(&world, &mut world.browser(), false).await;
        world.advance(TimeDelta::hours(25));
        worlds.push((world, device));
    }
    worlds
}

/// To the page with a challenge.
async fn challenge(browser: &mut Browser, id: Id<SignIn>) -> Page {
    let csrf = browser.csrf(id);
    let page = browser.post(&routes::passkey(id), &[("csrf", &csrf)]).await;
    assert_eq!(page.goes_to(), routes::passkey(id), "{}", page.body);
    browser.get(&routes::passkey(id)).await
}

async fn answer(browser: &mut Browser, page: &Page, answer: &str) -> Page {
    let button = page.text("[data-ceremony] button");
    browser.submit(page, &button, &[("credential", answer)]).await
}

/// The whole way in.
async fn enter(world: &World, browser: &mut Browser, device: &mut Authenticator) -> (Id<SignIn>, Page) {
    let id = browser.begin(world).await;
    let page = challenge(browser, id).await;
    let signed = device.sign(&options(&page), &HERE);
    (id, answer(browser, &page, &signed).await)
}

async fn session(world: &World, browser: &Browser) -> Session {
    let secret = Secret::presented(browser.cookies["__Host-vestibule-session"].clone());
    let found = world.core.store.reader().session_by_token(&secret.hash()).await;
    found.unwrap().unwrap().0
}

async fn passkeys(world: &World) -> Vec<Passkey> {
    let reader = world.core.store.reader();
    reader.passkeys_of(world.guest.id).await.unwrap()
}

/// Why the last passkey was refused, for the audit log only.
async fn reason(world: &World) -> String {
    let events = world.events("guest.passkey.refused").await;
    events.first().unwrap().reason.clone().unwrap()
}

/// Told the one thing that everybody is told, with no session.
async fn assert_refused(world: &World, browser: &Browser, page: &Page, why: &str) {
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.body);
    assert!(!browser.cookies.contains_key("__Host-vestibule-session"));
    assert_eq!(reason(world).await, why);
    let told = page.text(".summary");
    let late = ["no_challenge", "late"].contains(&why);
    assert_eq!(told.contains("This page has expired"), late, "{told}");
    assert_eq!(told.contains("This passkey doesn't work here"), !late, "{told}");
}

#[tokio::test]
async fn a_guest_registers_after_a_code_and_comes_back_without_one() {
    for (synced, kind, amr) in [
        (false, PasskeyKind::Bound, ["pop", "user"]),
        (true, PasskeyKind::Synced, ["pop", "user"]),
    ] {
        for world in World::on_each().await {
            let mut device = register(&world, &mut world.browser(), synced).await;
            let made = passkeys(&world).await;
            assert_eq!(made.len(), 1);
            assert_eq!((made[0].kind, made[0].used_at), (kind, None));
            assert_eq!(world.count("guest.passkey.added").await, 1);
            let before = world.stored_guest().await;
            assert_eq!(before.method, Some(Method::Passcode));

            world.advance(TimeDelta::hours(25));
            let mut browser = world.browser();
            let (id, page) = enter(&world, &mut browser, &mut device).await;
            assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
            let session = session(&world, &browser).await;
            assert_eq!(session.authentication.amr(), amr);
            assert_eq!(session.authentication.acr().name(), "urn:vestibule:acr:passkey");
            assert_eq!(session.authentication.at, world.now());
            assert_eq!(session.expires_at - world.now(), TimeDelta::hours(24));
            assert_eq!(world.sign_in(id).await.progress.session(), Some(session.id));
            let after = world.stored_guest().await;
            assert_eq!(after.method, Some(Method::Passcode), "the same record sticks");
            assert_eq!((after.subject, after.id), (before.subject, before.id));
            assert_eq!(
                after.email_proven_at, before.email_proven_at,
                "a passkey says nothing of the mailbox"
            );
            assert_eq!(world.count("guest.passkey.used").await, 1);
            assert_eq!(passkeys(&world).await[0].used_at, Some(world.now()));
            assert!(
                world
                    .events("guest.signin.method")
                    .await
                    .iter()
                    .any(|event| event.sign_in == Some(id)),
                "with its trace"
            );
        }
    }
}

#[tokio::test]
async fn the_guest_is_told_by_mail_once() {
    for world in World::on_each().await {
        register(&world, &mut world.browser(), false).await;
        let told = store::MailKind::MethodChanged {
            guest: world.guest.id,
            change: store::MethodChange::PasskeyAdded,
        };
        let tx = world.core.store.begin().await.unwrap();
        let mails = tx
            .claim_mail(world.now(), TimeDelta::minutes(1), 100, None)
            .await
            .unwrap();
        assert_eq!(mails.iter().filter(|mail| mail.kind == told).count(), 1);
    }
}

#[tokio::test]
async fn not_now_goes_on_without_script_and_without_a_passkey() {
    for world in World::on_each().await {
        let mut browser = world.browser();
        let id = code_with_box(&world, &mut browser, &[]).await;
        let page = browser.get(&routes::new_passkey(id)).await;
        assert!(world.said(id).await.makes_passkey);
        let page = browser.submit(&page, "Not now", &[]).await;
        assert_eq!(page.goes_to(), routes::resume(id));
        assert!(!world.said(id).await.makes_passkey);
        let page = browser.get(&routes::new_passkey(id)).await;
        assert_eq!(
            page.goes_to(),
            routes::resume(id),
            "the page exists at its own step only"
        );
        assert!(passkeys(&world).await.is_empty());
    }
}

#[tokio::test]
async fn nobody_registers_on_a_shared_computer_or_without_the_box() {
    for world in World::on_each().await {
        let mut browser = world.browser();
        let shared = code_with_box(&world, &mut browser, &[("shared_computer", "on")]).await;
        assert!(!world.said(shared).await.makes_passkey);
        browser.get(&routes::new_passkey(shared)).await.assert_answered();
        let mut browser = world.browser();
        let plain = browser.come_in(&world, ANNA).await;
        assert!(!world.said(plain).await.makes_passkey);
        browser.get(&routes::new_passkey(plain)).await.assert_answered();
    }
}

#[tokio::test]
async fn the_button_and_the_box_are_covered_until_the_script_finds_an_authenticator() {
    for world in World::on_each().await {
        let mut browser = world.browser();
        let id = browser.begin(&world).await;
        let page = browser.get(&routes::identify(id)).await;
        assert!(
            !page.has("[data-passkey], script"),
            "a first visit: {}",
            page.body
        );
        let id = browser.come_in(&world, ANNA).await;
        browser.get(&routes::passcode(id)).await.assert_answered();
        let id = browser.begin(&world).await;
        let page = browser.get(&routes::identify(id)).await;
        assert!(page.has("form[hidden][data-passkey]"), "{}", page.body);
        let answer = browser.submit(&page, "Sign in with a passkey", &[]).await;
        assert_eq!(answer.goes_to(), routes::passkey(id));
        let mut browser = world.browser();
        let id = browser.ask(&world, "nobody@elsewhere.test").await;
        let page = browser.get(&routes::passcode(id)).await;
        assert!(page.has("form[hidden][data-passkey]"), "{}", page.body);
        assert!(page.has(".check[hidden][data-passkey] input:not([checked])#make_passkey"));
    }
}

#[tokio::test]
async fn switched_off_there_are_no_passkeys() {
    for (world, mut device) in with_passkey().await {
        let browser = world.browser();
        let mut browser = world.at_replica(&browser, |settings| settings.passkeys = false);
        let id = browser.begin(&world).await;
        let page = browser.get(&routes::identify(id)).await;
        assert!(
            !page.has("[data-passkey]") && !page.body.contains("passkey"),
            "{}",
            page.body
        );
        let page = browser.get(&routes::passkey(id)).await;
        assert_eq!(page.goes_to(), routes::identify(id));
        let csrf = browser.csrf(id);
        let signed = device.sign("{\"challenge\":\"AAAA\"}", &HERE);
        let page = browser
            .post(&routes::passkey(id), &[("csrf", &csrf), ("credential", &signed)])
            .await;
        assert_eq!(page.goes_to(), routes::identify(id));
    }
}

#[tokio::test]
async fn a_guest_has_ten_passkeys_and_no_eleventh() {
    for world in World::on_each().await {
        for _ in 0..10 {
            register(&world, &mut world.browser(), false).await;
            world.advance(TimeDelta::hours(25));
        }
        let mut browser = world.browser();
        let id = code_with_box(&world, &mut browser, &[]).await;
        assert!(!world.said(id).await.makes_passkey, "nobody is asked in vain");
        assert_eq!(passkeys(&world).await.len(), 10);
    }
}

#[tokio::test]
async fn the_address_of_the_sign_in_is_the_guests_own() {
    for (world, mut device) in with_passkey().await {
        let mut browser = world.browser();
        let id = browser.ask(&world, "ben@contoso.test").await;
        let page = challenge(&mut browser, id).await;
        let signed = device.sign(&options(&page), &HERE);
        let page = answer(&mut browser, &page, &signed).await;
        assert_refused(&world, &browser, &page, "other_address").await;

        let id = browser.ask(&world, ANNA).await;
        let page = challenge(&mut browser, id).await;
        let signed = device.sign(&options(&page), &HERE);
        let page = answer(&mut browser, &page, &signed).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    }
}

#[tokio::test]
async fn an_app_that_the_guest_may_not_open_stays_shut() {
    for (world, mut device) in with_passkey().await {
        let mut other = test_support::samples::app();
        other.id = Id::from_uuid(uuid::Uuid::from_u128(77));
        other.client_id = "other-app".into();
        other.access = AccessRule::Invited;
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_app(&other).await.unwrap();
        tx.commit().await.unwrap();
        let mut browser = world.browser();
        let id = browser.begin_with(&world, |sign_in| sign_in.app = other.id).await;
        let page = challenge(&mut browser, id).await;
        let signed = device.sign(&options(&page), &HERE);
        let page = answer(&mut browser, &page, &signed).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
        assert_eq!(world.count("access.refused").await, 1);
        let page = browser.get(&routes::refused(id)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
    }
}
