//! Limits at their exact times: mails, wrong codes, and the lane of a known device.

mod networks;

use std::net::SocketAddr;

use chrono::TimeDelta;
use domain::{limits::LimitName, rate::Limit};
use http::StatusCode;
use web::routes;

use crate::world::{ANNA, Browser, Page, World, open_to_all};

pub(crate) fn from(n: u8) -> SocketAddr {
    SocketAddr::from(([198, 51, 100, n], 4711))
}

/// Asks for a mail in a fresh browser somewhere.
async fn ask(world: &World, address: &str, n: u8) -> Page {
    let mut browser = world.browser();
    browser.peer = Some(from(n));
    let id = browser.begin(world).await;
    let page = browser.get(&routes::identify(id)).await;
    browser.submit(&page, "email", &[("email", address)]).await
}

fn assert_refused(page: &Page, seconds: &str, says: &str) {
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS, "{}", page.body);
    assert_eq!(page.header("retry-after"), seconds);
    let summary = page.text("[role=alert]");
    assert!(summary.contains(says), "{summary}");
    assert!(page.title().starts_with("Error: "));
}

/// Types `times` wrong codes in fresh sign-ins somewhere; none of them is refused.
pub(crate) async fn miss(world: &World, address: &str, times: usize, n: u8) {
    let mut left = times;
    while left > 0 {
        let mut browser = world.browser();
        browser.peer = Some(from(n));
        let id = browser.ask(world, address).await;
        for number in 0..left.min(5) {
            let wrong = world.wrong(id, number).await;
            let page = browser.try_code(id, &wrong).await;
            let locked = page.text("[role=alert]").contains("You can ask for a new code");
            assert!(
                page.status == StatusCode::UNPROCESSABLE_ENTITY || locked,
                "{}",
                page.text("main")
            );
        }
        left -= left.min(5);
    }
}

#[tokio::test]
async fn five_mails_an_hour_and_ten_a_day_for_one_mailbox() {
    let world = World::new().await;
    for n in 0..5 {
        assert_eq!(ask(&world, ANNA, n).await.status, StatusCode::SEE_OTHER);
        world.advance(TimeDelta::minutes(1));
    }
    let refused = ask(&world, ANNA, 5).await;
    assert_refused(
        &refused,
        "3300",
        "You can ask for another code at 10:00 UTC (in 55 minutes)",
    );
    assert_eq!(
        refused.attribute("#email", "value").as_deref(),
        Some(ANNA),
        "the address is kept"
    );
    // A tag is the same mailbox, as is another case.
    for alias in ["anna+x@contoso.test", "ANNA@contoso.test"] {
        assert_eq!(
            ask(&world, alias, 6).await.status,
            StatusCode::TOO_MANY_REQUESTS,
            "{alias}"
        );
    }
    world.advance(TimeDelta::minutes(55) - TimeDelta::milliseconds(1));
    assert_eq!(ask(&world, ANNA, 6).await.status, StatusCode::TOO_MANY_REQUESTS);
    world.advance(TimeDelta::milliseconds(1));
    // The refused ones of the last hour counted for the day: none is left.
    let page = ask(&world, ANNA, 7).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER, "{}", page.text("main"));
    for n in 0..4 {
        assert_eq!(ask(&world, ANNA, n).await.status, StatusCode::SEE_OTHER);
    }
    world.advance(TimeDelta::hours(1));
    let refused = ask(&world, ANNA, 8).await;
    assert_refused(&refused, "79200", "at 09:00 UTC (in 22 hours)");
    world.advance(TimeDelta::hours(22) - TimeDelta::milliseconds(1));
    assert_eq!(ask(&world, ANNA, 8).await.status, StatusCode::TOO_MANY_REQUESTS);
    world.advance(TimeDelta::milliseconds(1));
    assert_eq!(ask(&world, ANNA, 8).await.status, StatusCode::SEE_OTHER);

    let audited: Vec<String> = world
        .events("limit.reached")
        .await
        .into_iter()
        .filter_map(|event| event.reason)
        .collect();
    assert_eq!(
        audited,
        ["mails_per_address_day", "mails_per_address_hour"],
        "once for each window"
    );
}

#[tokio::test]
async fn a_refused_mail_leaves_the_sign_in_where_it_was() {
    let world = World::new().await;
    let bob = test_support::samples::guest("bob@contoso.test");
    world.add(&bob).await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    for n in 0..5 {
        ask(&world, "bob@contoso.test", n).await;
    }
    let page = anna.get(&routes::identify(id)).await;
    let page = anna
        .submit(&page, "email", &[("email", "bob@contoso.test")])
        .await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(world.sign_in(id).await.email.unwrap().as_str(), ANNA);
    let code = world.code(id).await;
    assert_eq!(anna.try_code(id, &code).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn mails_to_one_domain() {
    let limit = Limit::per_hour(3);
    let world = World::with(
        |settings| settings.limits[LimitName::MailsPerDomainHour] = limit,
        open_to_all,
    )
    .await;
    for n in 0..3 {
        assert_eq!(
            ask(&world, &format!("guest{n}@fabrikam.test"), n).await.status,
            StatusCode::SEE_OTHER
        );
    }
    assert_eq!(
        ask(&world, "guest9@fabrikam.test", 9).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(ask(&world, ANNA, 9).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn mails_altogether() {
    let limit = Limit::per_hour(3);
    let world = World::with(
        |settings| settings.limits[LimitName::MailsEverywhereHour] = limit,
        open_to_all,
    )
    .await;
    let mut known = world.browser();
    known.come_in(&world, ANNA).await;
    for n in 1..3 {
        let page = ask(&world, &format!("anna@fabrikam{n}.test"), n).await;
        assert_eq!(page.status, StatusCode::SEE_OTHER);
    }
    let stranger = ask(&world, "anna@fabrikam9.test", 9).await;
    assert_refused(&stranger, "3600", "So many codes are being asked for right now");
    // A browser that proved this mailbox before is let through.
    known.come_in(&world, ANNA).await;
    world.advance(TimeDelta::hours(1));
    let page = ask(&world, "anna@fabrikam9.test", 9).await;
    assert_eq!(
        page.status,
        StatusCode::SEE_OTHER,
        "nothing was counted for the address"
    );
}

/// A browser that sends its right code again and again guesses nothing.
#[tokio::test]
async fn a_right_code_that_is_repeated_counts_for_nothing() {
    let world = World::consenting().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let (code, mut repeats) = (world.code(id).await, anna.clone());
    anna.try_code(id, &code).await;
    for _ in 0..12 {
        let page = repeats.clone().try_code(id, &code).await;
        assert_eq!(page.goes_to(), routes::resume(id), "{}", page.body);
    }
    // In the browser that holds the answer, and where the code is spent, it counts for nothing either.
    for _ in 0..6 {
        anna.try_code(id, &code).await;
    }
    repeats.cookies.clone_from(&anna.cookies);
    repeats.cookies.remove("__Host-vestibule-session");
    for _ in 0..6 {
        repeats.try_code(id, &code).await;
    }
    assert_eq!(world.sign_in(id).await.tries, 0);
    miss(&world, ANNA, 9, 1).await;
    world.browser().come_in(&world, ANNA).await;
    assert_eq!(world.count("limit.reached").await, 0);
}

#[tokio::test]
async fn ten_wrong_codes_an_hour_for_one_mailbox() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    miss(&world, ANNA, 10, 1).await;
    let right = world.code(id).await;
    let page = anna.try_code(id, &right).await;
    assert_refused(
        &page,
        "3600",
        "Too many wrong codes. You can try again at 10:00 UTC (in 60 minutes)",
    );
    assert_eq!(
        world.sign_in(id).await.tries,
        0,
        "what is not compared costs no try"
    );
    let page = anna.get(&routes::passcode(id)).await;
    assert_eq!(page.status, StatusCode::OK, "the place is kept");
    world.advance(TimeDelta::hours(1) - TimeDelta::milliseconds(1));
    assert_eq!(
        anna.try_code(id, &right).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    world.advance(TimeDelta::milliseconds(1));
    // By now the code is late, which still proves the mailbox and brings a new one.
    let page = anna.try_code(id, &right).await;
    assert!(
        page.text("[role=alert]").contains("We've emailed you a new one"),
        "{}",
        page.text("main")
    );
    let new = world.code(id).await;
    assert_eq!(anna.try_code(id, &new).await.goes_to(), routes::resume(id));
    assert_eq!(world.count("limit.reached").await, 1);
}

#[tokio::test]
async fn thirty_wrong_codes_a_day_for_one_mailbox() {
    let limit = Limit::per_day(100);
    let world = World::with(
        |settings| settings.limits[LimitName::MailsPerAddressDay] = limit,
        |_| (),
    )
    .await;
    for n in 0..3 {
        miss(&world, ANNA, 10, n).await;
        world.advance(TimeDelta::hours(1));
    }
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let right = world.code(id).await;
    assert_refused(&anna.try_code(id, &right).await, "75600", "(in 21 hours)");
}

#[tokio::test]
async fn right_codes_count_for_nothing() {
    let world = World::with(
        |settings| {
            settings.limits[LimitName::WrongPerAddressHour] = Limit::per_hour(1);
            settings.limits[LimitName::MailsPerAddressHour] = Limit::per_hour(100);
            settings.limits[LimitName::MailsPerAddressDay] = Limit::per_day(100);
            settings.limits[LimitName::WrongPerNetworkHour] = Limit::per_hour(1);
            settings.limits[LimitName::WrongEverywhereHour] = Limit::per_hour(1);
        },
        |_| (),
    )
    .await;
    for _ in 0..5 {
        world.browser().come_in(&world, ANNA).await;
    }
}

#[tokio::test]
async fn thirty_wrong_codes_an_hour_from_one_network() {
    let world = World::with(|_| (), open_to_all).await;
    let mut anna = world.browser();
    anna.peer = Some(from(7));
    let id = anna.ask(&world, ANNA).await;
    for n in 0..6 {
        miss(&world, &format!("guest{n}@fabrikam.test"), 5, 7).await;
    }
    let right = world.code(id).await;
    assert_refused(&anna.try_code(id, &right).await, "3600", "Too many wrong codes");
    anna.peer = Some(from(8));
    assert_eq!(
        anna.try_code(id, &right).await.goes_to(),
        routes::resume(id),
        "from elsewhere it works"
    );
}

#[tokio::test]
async fn an_ipv6_network_is_one_network() {
    let world = World::with(
        |settings| settings.limits[LimitName::MailsPerNetworkHour] = Limit::per_hour(2),
        open_to_all,
    )
    .await;
    let mut statuses = Vec::new();
    for n in 1..4_u16 {
        let mut browser = world.browser();
        let host = u128::from(n) | 0x2001_0db8_0001_0002_0000_0000_0000_0000;
        browser.peer = Some(SocketAddr::from((std::net::Ipv6Addr::from(host), 443)));
        let id = browser.begin(&world).await;
        let page = browser.get(&routes::identify(id)).await;
        let email = format!("guest{n}@fabrikam.test");
        statuses.push(
            browser
                .submit(&page, "email", &[("email", &email)])
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!(statuses, [303, 303, 429]);
}

#[tokio::test]
async fn so_many_in_a_row_switch_codes_off_until_they_are_reset() {
    let world = World::with(|settings| settings.limits[LimitName::WrongInARow].max = 6, |_| ()).await;
    miss(&world, ANNA, 5, 1).await;
    world.advance(TimeDelta::hours(25));
    // A right code breaks the row.
    world.browser().come_in(&world, ANNA).await;
    miss(&world, ANNA, 5, 2).await;
    world.advance(TimeDelta::hours(25));
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let wrong = world.wrong(id, 0).await;
    assert_eq!(
        anna.try_code(id, &wrong).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let right = world.code(id).await;
    let off = "too many wrong codes were entered. Contact helpdesk@acme.example to turn them back on";
    for late in [TimeDelta::zero(), TimeDelta::days(300)] {
        world.advance(late);
        if late.is_zero() {
            let page = anna.try_code(id, &right).await;
            assert_refused(&page, "", off);
        }
        assert_refused(&ask(&world, ANNA, 3).await, "", off);
    }
    let tx = world.core.store.begin().await.unwrap();
    tx.reset_limit(LimitName::WrongInARow.name(), ANNA).await.unwrap();
    tx.commit().await.unwrap();
    world.browser().come_in(&world, ANNA).await;
}

#[tokio::test]
async fn one_subscriber_has_one_site_however_many_networks() {
    let one = |name| (name == LimitName::WrongPerNetworkHour).then_some(1);
    let world = World::with(
        |settings| settings.limits = domain::limits::Limits::with(one),
        open_to_all,
    )
    .await;
    let guess = async |site: u128, network: u128| {
        let mut browser = world.browser();
        let ip = 0x2001_0db8_0000_0000_0000_0000_0000_0001 | (site << 80) | (network << 64);
        browser.peer = Some(SocketAddr::from((std::net::Ipv6Addr::from(ip), 443)));
        let id = browser
            .ask(&world, &format!("n{site}-{network}@fabrikam.test"))
            .await;
        let wrong = world.wrong(id, 0).await;
        browser.try_code(id, &wrong).await.status
    };
    for network in 0..8 {
        assert_eq!(
            guess(1, network).await,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{network}"
        );
    }
    assert_eq!(guess(1, 8).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess(2, 0).await, StatusCode::UNPROCESSABLE_ENTITY, "a neighbour");
}

/// A browser in which Anna came in before, and her mailbox's own limits used up by somebody else.
async fn known_browser(world: &World) -> Browser {
    let mut known = world.browser();
    known.come_in(world, ANNA).await;
    world.advance(TimeDelta::hours(25));
    known.cookies.remove("__Host-vestibule-session");
    known
}

#[tokio::test]
async fn a_known_device_has_tries_of_its_own() {
    let world = World::new().await;
    let mut known = known_browser(&world).await;
    let id = known.ask(&world, ANNA).await;
    let mut other = world.browser();
    let others = other.ask(&world, ANNA).await;
    miss(&world, ANNA, 10, 1).await;
    let right = world.code(others).await;
    assert_eq!(
        other.try_code(others, &right).await.status,
        StatusCode::TOO_MANY_REQUESTS,
        "nobody else gets in"
    );
    let wrong = world.wrong(id, 0).await;
    assert_eq!(
        known.try_code(id, &wrong).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let right = world.code(id).await;
    assert_eq!(known.try_code(id, &right).await.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn a_known_device_has_ten_tries_and_two_mails_an_hour() {
    let world = World::new().await;
    let mut known = known_browser(&world).await;
    for n in 0..5 {
        ask(&world, ANNA, n).await;
    }
    assert_eq!(ask(&world, ANNA, 9).await.status, StatusCode::TOO_MANY_REQUESTS);
    let first = known.ask(&world, ANNA).await;
    let second = known.ask(&world, ANNA).await;
    let third = known.begin(&world).await;
    let page = known.get(&routes::identify(third)).await;
    let page = known.submit(&page, "email", &[("email", ANNA)]).await;
    assert_eq!(
        page.status,
        StatusCode::TOO_MANY_REQUESTS,
        "two mails, and no third"
    );
    // A stolen or invented device cookie opens no lane, and neither does that of another mailbox.
    let mut thief = world.browser();
    thief
        .cookies
        .insert("__Host-vestibule-device".into(), "x".repeat(43));
    let id = thief.begin(&world).await;
    let page = thief.get(&routes::identify(id)).await;
    let page = thief.submit(&page, "email", &[("email", ANNA)]).await;
    assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);

    // Both tabs together: the hour's ten of the mailbox, which the two tabs use up first, then ten of the device.
    let mut compared = 0;
    for round in 0..6 {
        for id in [first, second] {
            world.change(id, |sign_in| sign_in.locked_until = None).await;
            let tx = world.core.store.begin().await.unwrap();
            tx.reset_tries(id).await.unwrap();
            tx.commit().await.unwrap();
        }
        for n in 0..4 {
            let wrong = world.wrong(second, round * 4 + n).await;
            let page = known.try_code(second, &wrong).await;
            compared += usize::from(page.status == StatusCode::UNPROCESSABLE_ENTITY);
        }
    }
    assert_eq!(compared, 20);
}
