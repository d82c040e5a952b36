//! A visitor cannot learn from the pages who is a guest (E15): known, unknown and blocked addresses get the same pages, the
//! same statuses and the same headers, and cost the same work.

use chrono::TimeDelta;
use domain::guest::GuestStatus;
use http::StatusCode;
use web::routes;

use crate::world::{ANNA, Page, STRANGER, World};

/// What an onlooker can compare, ids and tokens masked.
fn seen(page: &Page, masks: &[(&str, &str)]) -> (StatusCode, Vec<(String, String)>, String) {
    let mask = |text: &str| {
        masks
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    let mut headers: Vec<(String, String)> = page
        .headers
        .iter()
        // The length follows from the body, where the address is masked.
        .filter(|(name, _)| !["x-request-id", "content-length"].contains(&name.as_str()))
        .map(|(name, value)| (name.to_string(), mask(value.to_str().unwrap())))
        .collect();
    headers.sort();
    (page.status, headers, mask(&page.body))
}

/// A whole visit without the code: what was seen, and how many transactions it took.
async fn visit(world: &World, address: &str) -> (Vec<(StatusCode, Vec<(String, String)>, String)>, u64) {
    // Each from a network of its own, so that wrong codes do not count for the next.
    let mut browser = world.browser();
    let host = world.count("guest.signin.method").await;
    browser.peer = Some(([198, 51, 100, u8::try_from(host).unwrap()], 443).into());
    let id = browser.begin(world).await;
    let before = world.writes();
    let mut pages = Vec::new();
    let page = browser.get(&routes::identify(id)).await;
    pages.push(browser.submit(&page, "email", &[("email", address)]).await);
    let code_page = browser.get(&routes::passcode(id)).await;
    pages.push(
        browser
            .submit(&code_page, "Send another code", &[("code", "12")])
            .await,
    );
    world.advance(TimeDelta::seconds(60));
    pages.push(browser.submit(&code_page, "Send another code", &[]).await);
    pages.push(browser.get(&routes::passcode(id)).await);
    for typed in [
        "", "1234", "00000000", "00000001", "00000002", "00000003", "00000004", "00000005",
    ] {
        pages.push(browser.try_code(id, typed).await);
    }
    pages.push(browser.get(&routes::passcode(id)).await);
    pages.push(browser.get(&routes::unavailable(id)).await);
    pages.push(browser.get(&routes::refused(id)).await);
    world.advance(TimeDelta::minutes(15));
    pages.push(browser.get(&routes::passcode(id)).await);
    let send_page = browser.get(&routes::send(id)).await;
    pages.push(browser.submit(&send_page, "Email me a code", &[]).await);
    let writes = world.writes() - before;
    world.advance(-TimeDelta::minutes(16));
    let reference = world.sign_in(id).await.reference.as_str().to_owned();
    let (id, csrf) = (id.to_string(), browser.csrf(id));
    let masks = [
        (id.as_str(), "ID"),
        (csrf.as_str(), "CSRF"),
        (reference.as_str(), "REFERENCE"),
        (address, "ADDRESS"),
    ];
    (pages.iter().map(|page| seen(page, &masks)).collect(), writes)
}

#[tokio::test]
async fn known_unknown_and_blocked_look_the_same() {
    let world = World::with(
        |settings| settings.resolution.usual.refused_domains = vec!["refused.test".into()],
        |_| (),
    )
    .await;
    let blocked = domain::guest::Guest {
        status: GuestStatus::Blocked,
        ..test_support::samples::active_guest("bad@contoso.test")
    };
    let returning = test_support::samples::active_guest("bob@contoso.test");
    let ended = domain::guest::Guest {
        valid_until: Some(world.now()),
        ..test_support::samples::active_guest("gone@contoso.test")
    };
    for guest in [&blocked, &returning, &ended] {
        world.add(guest).await;
    }
    let known = visit(&world, ANNA).await;
    assert_eq!(known.0[0].0, StatusCode::SEE_OTHER);
    for address in [
        STRANGER,
        "bad@contoso.test",
        "bob@contoso.test",
        "gone@contoso.test",
        "anna@refused.test",
        "a.very.long.address.that.nobody.has@contoso.test",
    ] {
        let other = visit(&world, address).await;
        for (n, (known, other)) in known.0.iter().zip(&other.0).enumerate() {
            assert_eq!(known, other, "page {n} of {address}");
        }
        assert_eq!(known.1, other.1, "as many transactions for {address}");
    }
    let mailed: Vec<String> = world
        .events("guest.signin.code.requested")
        .await
        .iter()
        .map(|event| event.details.clone())
        .collect();
    let count = |what: &str| mailed.iter().filter(|details| details.contains(what)).count();
    // Three mails each: four guests are mailed, three addresses only look as if they were.
    assert_eq!((count(r#""mailed":"yes""#), count(r#""mailed":"no""#)), (12, 9));
}

#[tokio::test]
async fn a_method_that_is_off_for_one_guest_shows_nothing() {
    let world = World::new().await;
    let tenant = domain::upstream::Upstream {
        enabled: false,
        ..test_support::samples::tenant("fabrikam", &["fabrikam.test"])
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.commit().await.unwrap();
    let known = visit(&world, STRANGER).await;
    world
        .change_guest(|guest| guest.pinned_method = Some(tenant.method()))
        .await;
    assert_eq!(known, visit(&world, ANNA).await);
    // The page says nothing, and the mailbox is told, or she would wait for a mail that is never sent.
    assert_eq!(world.mails().await, 1, "the other two are of later");
    let tx = world.core.store.begin().await.unwrap();
    let claimed = tx.claim_mail(world.now(), TimeDelta::minutes(1), 100, None).await;
    for mail in claimed.unwrap() {
        assert!(
            matches!(mail.kind, store::MailKind::NoCode { .. }),
            "{:?}",
            mail.kind
        );
    }
    let asked = &world.events("guest.signin.code.requested").await[0].details;
    assert!(asked.contains("an explanation"), "{asked}");
}

#[tokio::test]
async fn nothing_is_ever_right_for_a_stranger() {
    let world = World::new().await;
    let mut stranger = world.browser();
    let id = stranger.ask(&world, STRANGER).await;
    assert!(world.challenge(id).await.suppressed);
    let would_be = world.code(id).await;
    let page = stranger.try_code(id, &would_be).await;
    assert!(page.text("[role=alert]").contains("That code is not right"));
    world.advance(TimeDelta::minutes(31));
    let page = stranger.try_code(id, &would_be).await;
    assert!(page.text("[role=alert]").contains("That code is not right"));
    assert_eq!(world.mails().await, 0);
}

#[tokio::test]
async fn who_is_invited_while_waiting_gets_the_next_mail() {
    let world = World::new().await;
    let mut late = world.browser();
    let id = late.ask(&world, "late@contoso.test").await;
    world
        .add(&test_support::samples::guest("late@contoso.test"))
        .await;
    world.advance(TimeDelta::minutes(1));
    let page = late.get(&routes::passcode(id)).await;
    assert_eq!(
        late.submit(&page, "Send another code", &[]).await.goes_to(),
        routes::passcode(id)
    );
    let page = late.get(&routes::passcode(id)).await;
    assert_eq!(
        page.text("main [role=status].notice"),
        "New code sent at 09:01 UTC."
    );
    assert_eq!(world.mails().await, 1);
    let code = world.code(id).await;
    assert_eq!(late.try_code(id, &code).await.goes_to(), routes::resume(id));
}
