//! What holds for every page: forms from elsewhere, other browsers, GETs, languages, weight.

use chrono::TimeDelta;
use http::{Method, StatusCode};
use web::routes;

use crate::world::{ANNA, World, open_to_all};

#[tokio::test]
async fn forms_from_elsewhere_change_nothing() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let other = anna.begin(&world).await;
    world.advance(TimeDelta::minutes(1));
    let right = anna.csrf(id);
    let others = anna.csrf(other);
    let strangers = web::csrf::token(&test_support::samples::secret());
    let code = world.code(id).await;
    let before = world.writes();
    let tokens = [(&*others, vec![]), (&*strangers, vec![]), ("", vec![])];
    let origins = [
        vec![("origin", "https://evil.example")],
        vec![("sec-fetch-site", "cross-site")],
        vec![("origin", "null"), ("sec-fetch-site", "same-site")],
    ];
    let attacks = tokens
        .into_iter()
        .chain(origins.into_iter().map(|headers| (&*right, headers)));
    for (csrf, headers) in attacks {
        for path in [
            routes::identify(id),
            routes::send(id),
            routes::passcode(id),
            routes::resend(id),
            routes::continue_as(id),
            routes::consent(id),
            routes::refused(id),
            routes::unavailable(id),
        ] {
            let fields = [
                ("csrf", csrf),
                ("email", ANNA),
                ("code", &code),
                ("answer", "given"),
            ];
            let page = anna.send(Method::POST, &path, Some(&fields), &headers).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{path} {headers:?}");
            assert_eq!(page.title(), "Error: This page has expired – Acme");
        }
    }
    assert_eq!(world.writes(), before);
    // Our own pages send `Origin: null`, because we ask for no referrer.
    let fields = [("csrf", &*right), ("code", &code)];
    let headers = [("origin", "null"), ("sec-fetch-site", "same-origin")];
    let page = anna
        .send(Method::POST, &routes::passcode(id), Some(&fields), &headers)
        .await;
    assert_eq!(page.goes_to(), routes::resume(id));
}

#[tokio::test]
async fn broken_forms_are_answered_by_a_page() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let csrf = anna.csrf(id);
    let path = routes::passcode(id);
    let twice = [("csrf", &*csrf), ("code", "1"), ("code", "2")];
    let page = anna.post(&path, &twice).await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    assert!(page.title().starts_with("Error: "));
    // An unknown field is ignored.
    let more = [("csrf", &*csrf), ("code", ""), ("more", "x"), ("tries", "0")];
    assert_eq!(
        anna.post(&path, &more).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let large = "1".repeat(70_000);
    let page = anna.post(&path, &[("csrf", &*csrf), ("code", &large)]).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);
    let page = anna
        .send(Method::POST, &path, None, &[("content-type", "application/json")])
        .await;
    assert_eq!(page.status, StatusCode::BAD_REQUEST);
    let page = anna.send(Method::PUT, &path, None, &[]).await;
    assert_eq!(page.status, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_form_is_answered_by_a_redirect_and_its_words_are_said_once() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let other = anna.ask(&world, ANNA).await;
    let csrf = anna.csrf(id);
    let path = routes::passcode(id);
    let fields = [("csrf", &*csrf), ("code", "1234"), ("shared_computer", "on")];
    let answer = anna.send(Method::POST, &path, Some(&fields), &[]).await;
    assert_eq!(answer.goes_to(), path);
    let carried = answer.set_cookie("__Host-vestibule-again").unwrap();
    assert!(
        carried.ends_with("HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"),
        "{carried}"
    );
    let pristine = |page: &crate::world::Page| {
        assert_eq!(page.status, StatusCode::OK);
        assert!(!page.has("[role=alert]"));
        assert_eq!(page.attribute("#code", "value").as_deref(), Some(""));
    };
    // Neither the other tab's, nor another page's, nor later, nor with a cookie that is not ours.
    pristine(&anna.clone().get(&routes::passcode(other)).await);
    assert!(!anna.clone().get(&routes::identify(id)).await.has("[role=alert]"));
    let mut forged = anna.clone();
    for value in ["e30", "!", "eyJzaWduX2luIjoiIn0"] {
        forged
            .cookies
            .insert("__Host-vestibule-again".into(), value.into());
        pristine(&forged.get(&path).await);
    }
    let mut here = anna.clone();
    let page = here.get(&path).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(page.attribute("#code", "value").as_deref(), Some("1234"));
    assert!(page.has("#shared_computer[checked]"));
    pristine(&here.get(&path).await);
    // Another replica's clock may be a little behind.
    world.advance(TimeDelta::seconds(-2));
    let page = anna.clone().get(&path).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    world.advance(TimeDelta::seconds(62));
    pristine(&anna.get(&path).await);
}

#[tokio::test]
async fn another_browser_and_a_sign_in_that_is_over_start_again() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    let code = world.code(id).await;
    for path in [
        routes::identify(id),
        routes::send(id),
        routes::passcode(id),
        routes::consent(id),
    ] {
        let page = world.browser().get(&path).await;
        assert_eq!(page.status, StatusCode::GONE, "{path}");
        assert_eq!(page.text("h1"), "Please start again");
        // There is always a way on: the page at `/` says where the app is found.
        assert_eq!(page.text("main a[href='/']"), "Guest sign-in at Acme");
        assert!(
            !page.body.contains("Acme Notes"),
            "another browser learns nothing"
        );
    }
    // Not even the right code and the form's own token select anything in a browser that did not ask (E12).
    let mut thief = world.browser();
    assert_eq!(thief.try_code(id, &code).await.status, StatusCode::GONE);
    let nobody = test_support::samples::id();
    assert_eq!(anna.get(&routes::passcode(nobody)).await.status, StatusCode::GONE);
    assert_eq!(anna.get("/signin/not-an-id/code").await.status, StatusCode::GONE);

    world.advance(TimeDelta::hours(24));
    let page = anna.get(&routes::passcode(id)).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert_eq!(page.text("main a"), "Back to Acme Notes");
    assert_eq!(
        page.attribute("main a", "href").as_deref(),
        Some("https://notes.example/")
    );
}

#[tokio::test]
async fn a_get_changes_nothing() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.ask(&world, ANNA).await;
    world.advance(TimeDelta::minutes(31));
    let before = world.writes();
    for path in [
        routes::identify(id),
        routes::send(id),
        routes::passcode(id),
        routes::resend(id),
        routes::continue_as(id),
        routes::consent(id),
        routes::refused(id),
        routes::unavailable(id),
    ] {
        for method in [Method::GET, Method::HEAD] {
            for _ in 0..3 {
                let page = anna.send(method.clone(), &path, None, &[]).await;
                assert!(
                    page.status.is_success() || page.status.is_redirection(),
                    "{path}: {}",
                    page.status
                );
            }
        }
    }
    assert_eq!(world.writes(), before);
}

#[tokio::test]
async fn headers_of_a_page() {
    let world = World::new().await;
    let mut anna = world.browser();
    let id = anna.begin(&world).await;
    let page = anna.get(&routes::identify(id)).await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cross-origin-resource-policy"), "same-origin");
    let policy = page.header("content-security-policy");
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"));
}

#[tokio::test]
async fn german_by_preference_and_by_choice() {
    let world = World::with(|_| (), open_to_all).await;
    let mut anna = world.browser();
    anna.language = Some("de-AT,en;q=0.5");
    let id = anna.ask(&world, ANNA).await;
    let page = anna.get(&routes::passcode(id)).await;
    assert_eq!(page.attribute("html", "lang").as_deref(), Some("de"));
    assert_eq!(page.text("h1"), "Prüfen Sie Ihren Posteingang");
    assert!(
        page.text("main")
            .contains("Wir haben einen 8-stelligen Code an anna@contoso.test gesendet.")
    );
    let page = anna.try_code(id, "12345").await;
    assert_eq!(page.title(), "Fehler: Code eingeben – Acme");
    let says = page.text("[role=alert]");
    assert!(
        says.contains("Der Code hat 8 Ziffern. Sie haben 5 eingegeben"),
        "{says}"
    );

    // The footer's link keeps the place, and the choice is kept as well.
    let link = page.attribute("footer a[lang=en]", "href").unwrap();
    assert_eq!(link, "?ui_locales=en");
    let page = anna.get(&format!("{}{link}", routes::passcode(id))).await;
    assert_eq!(page.text("h1"), "Check your email");
    assert_eq!(
        anna.get(&routes::passcode(id)).await.text("h1"),
        "Check your email"
    );
}

#[tokio::test]
async fn a_cold_page_weighs_little() {
    let world = World::with(|_| (), open_to_all).await;
    let mut anna = world.browser();
    let id = anna.begin(&world).await;
    let compressed = [("accept-encoding", "gzip, br")];
    let page = anna
        .send(Method::GET, &routes::identify(id), None, &compressed)
        .await;
    assert_eq!(page.header("content-encoding"), "gzip");
    let plain = anna.get(&routes::identify(id)).await;
    assert!(!plain.has("script"), "nothing on the first page needs one");
    let requests = 1 + plain.text("head link").split(" | ").count();
    assert!(requests <= 3, "{requests}");
    let files = ["vestibule.css", "vestibule.svg", "vestibule.js"].map(|name| {
        let path = format!("{}/../../static/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).unwrap().len()
    });
    assert!(
        files[2] <= 1_500 + 500,
        "the script, with its comments: {}",
        files[2]
    );
    // What the files weigh compressed is measured in the browser; here, that nothing grows unnoticed.
    assert!(page.length < 1_800, "{} bytes", page.length);
    assert!(files[0] < 6_000, "{} bytes of style", files[0]);

    let id = anna.ask(&world, ANNA).await;
    let page = anna
        .send(Method::GET, &routes::passcode(id), None, &compressed)
        .await;
    assert!(page.length < 2_000, "{} bytes", page.length);
}
