//! Authorization requests that are wrong, one by one: a page while no address can be trusted with an answer, the app's
//! own address afterwards (RFC 6749 §4.1.2.1), and never a sign-in that is lost or begun by mistake.

use dev::browser::{BrowserPage, TextBrowser};
use http::StatusCode;
use url::Url;

use crate::{
    rp::{Rp, param},
    world::{World, browser},
};

const ANNA: &str = "anna@contoso.test";

async fn ask(browser: &mut TextBrowser, url: &str) -> BrowserPage {
    browser.once(&Url::parse(url).unwrap(), None).await.unwrap()
}

fn location(visit: &BrowserPage) -> Option<Url> {
    let location = visit.headers.get("location")?.to_str().unwrap();
    Some(visit.url.join(location).unwrap())
}

/// The request without one parameter, and with a raw piece of query behind it.
fn raw(rp: &Rp, without: &str, piece: &str) -> String {
    format!("{}&{piece}", rp.authorize(&[(without, None)]))
}

#[tokio::test]
async fn whoever_cannot_be_trusted_with_an_answer_gets_none() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    let off = world.app("off").await;
    switch_off(&world, "off").await;
    let mut anna = browser();
    let long = format!("client_id={}", "n".repeat(9_000));
    let many: Vec<String> = (0..70).map(|n| format!("p{n}=1")).collect();
    let many = many.join("&");
    let requests = [
        ("no app", rp.authorize(&[("client_id", None)])),
        ("an empty app", rp.authorize(&[("client_id", Some(""))])),
        ("an unknown app", rp.authorize(&[("client_id", Some("nobody"))])),
        ("a disabled app", off.authorize(&[])),
        ("two apps", raw(&rp, "", "client_id=notes")),
        (
            "an app that is no text",
            raw(&rp, "client_id", "client_id=%ff%fe"),
        ),
        ("an app with a zero", raw(&rp, "client_id", "client_id=no%00tes")),
        ("a very long app", raw(&rp, "client_id", &long)),
        ("too many parameters", raw(&rp, "", &many)),
        ("no address", rp.authorize(&[("redirect_uri", None)])),
        (
            "a longer address",
            with_address(&rp, "https://notes.example/callback/"),
        ),
        (
            "another case",
            with_address(&rp, "https://notes.example/Callback"),
        ),
        (
            "a query more",
            with_address(&rp, "https://notes.example/callback?a=b"),
        ),
        ("a fragment", with_address(&rp, "https://notes.example/callback#")),
        (
            "a way up",
            with_address(&rp, "https://notes.example/x/../callback"),
        ),
        (
            "another host",
            with_address(&rp, "https://notes.example@evil.example/callback"),
        ),
        ("a script", with_address(&rp, "javascript:alert(1)")),
        ("another app's", with_address(&rp, "https://off.example/callback")),
        (
            "two addresses",
            raw(&rp, "", "redirect_uri=https%3A%2F%2Fevil.example"),
        ),
        (
            "an address that is no text",
            raw(&rp, "redirect_uri", "redirect_uri=%c3%28"),
        ),
    ];
    for (what, request) in requests {
        let page = ask(&mut anna, &request).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST, "{what}: {}", page.body);
        assert_eq!(location(&page), None, "{what}");
        assert!(page.title().starts_with("Error: "), "{what}: {}", page.title());
        assert!(
            !page.body.contains("evil.example\""),
            "{what}: nothing leads there"
        );
    }
    assert_eq!(
        world
            .events()
            .await
            .iter()
            .filter(|name| name.starts_with("signin"))
            .count(),
        0
    );
}

async fn switch_off(world: &World, client_id: &str) {
    let app = world
        .core
        .store
        .reader()
        .app_by_client_id(client_id)
        .await
        .unwrap();
    let app = domain::app::App {
        disabled_at: Some(world.now()),
        ..app.unwrap()
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.update_app(&app).await.unwrap();
    tx.commit().await.unwrap();
}

fn with_address(rp: &Rp, address: &str) -> String {
    rp.authorize(&[("redirect_uri", Some(address))])
}

#[tokio::test]
async fn every_other_mistake_is_told_to_the_app() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    let mut anna = browser();
    let change = |name, value| rp.authorize(&[(name, value)]);
    let many = format!("openid{}", " x".repeat(32));
    let requests = [
        (
            "unsupported_response_type",
            change("response_type", Some("token")),
        ),
        ("invalid_scope", change("scope", Some(many.as_str()))),
        (
            "unsupported_response_type",
            change("response_type", Some("code id_token")),
        ),
        ("invalid_request", change("response_type", None)),
        ("invalid_request", raw(&rp, "", "response_type=code")),
        ("invalid_scope", change("scope", None)),
        ("invalid_scope", change("scope", Some("email"))),
        ("invalid_request", change("code_challenge", None)),
        ("invalid_request", change("code_challenge", Some("short"))),
        ("invalid_request", change("code_challenge_method", None)),
        ("invalid_request", change("code_challenge_method", Some("plain"))),
        ("invalid_request", raw(&rp, "", "nonce=again")),
        ("invalid_request", raw(&rp, "nonce", "nonce=%ff")),
        ("invalid_request", raw(&rp, "nonce", "nonce=a%00b")),
        ("invalid_request", change("nonce", Some(&"n".repeat(9_000)))),
        ("invalid_request", change("prompt", Some("none login"))),
        ("invalid_request", change("prompt", Some("create"))),
        ("invalid_request", change("max_age", Some("-1"))),
        ("invalid_request", change("max_age", Some("soon"))),
        ("invalid_request", change("response_mode", Some("fragment"))),
        ("invalid_request", change("id_token_hint", Some("not.a.token"))),
        ("request_not_supported", change("request", Some("e30.e30."))),
        (
            "request_uri_not_supported",
            change("request_uri", Some("https://notes.example/r")),
        ),
        ("login_required", change("prompt", Some("none"))),
    ];
    for (error, request) in requests {
        let answer = ask(&mut anna, &request).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{request}: {}", answer.body);
        let answer = location(&answer).unwrap();
        assert!(answer.as_str().starts_with(&rp.redirect_uri), "{answer}");
        assert_eq!(param(&answer, "error").as_deref(), Some(error), "{request}");
        assert_eq!(param(&answer, "state").as_deref(), Some("state-1"), "{request}");
        assert_eq!(
            param(&answer, "iss").as_deref(),
            Some(world.issuer()),
            "{request}"
        );
        assert!(param(&answer, "error_description").is_some(), "{request}");
        assert_eq!(param(&answer, "code"), None);
    }
    // The state itself at fault: the answer carries the first one that came, or none that could not arrive.
    let answer = location(&ask(&mut anna, &raw(&rp, "", "state=other")).await).unwrap();
    assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
    let answer = location(&ask(&mut anna, &raw(&rp, "state", "state=a%0d%0ab")).await).unwrap();
    assert_eq!(param(&answer, "error").as_deref(), Some("invalid_request"));
    assert_eq!(param(&answer, "state"), None);
}

#[tokio::test]
async fn what_nobody_knows_is_passed_over() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    for (name, value) in [
        ("claims", r#"{"id_token":{"email":{"essential":true}}}"#),
        ("claims", "not json"),
        ("ui_locales", "xx-invalid, de;q=1"),
        ("acr_values", "urn:example:gold"),
        ("display", "wap"),
        ("scope", "openid email https://notes.example/unknown"),
        ("login_hint", "not an address"),
        ("resource", "https://notes.example/api"),
    ] {
        let answer = ask(&mut browser(), &rp.authorize(&[(name, Some(value))])).await;
        let next = location(&answer).unwrap();
        assert!(next.path().starts_with("/signin/"), "{name}: {next}");
    }
}

#[tokio::test]
async fn a_form_asks_as_a_query_does_and_is_answered_by_one() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    let mut anna = browser();
    let request = Url::parse(&rp.authorize(&[("response_mode", Some("form_post"))])).unwrap();
    let fields: Vec<(String, String)> = request.query_pairs().into_owned().collect();
    let endpoint = Url::parse(&format!("{}/authorize", world.issuer())).unwrap();
    let answer = anna.once(&endpoint, Some(&fields)).await.unwrap();
    // Cookies that are Lax do not come with another site's form: a GET fetches them.
    assert!(
        answer.status.is_success() || answer.status == StatusCode::SEE_OTHER,
        "{}",
        answer.body
    );

    let silent = rp.authorize(&[("response_mode", Some("form_post")), ("prompt", Some("none"))]);
    let page = ask(&mut anna, &silent).await;
    assert_eq!(page.status, StatusCode::OK);
    let form = page.forms().remove(0);
    assert_eq!(
        (form.post, form.action.as_str()),
        (true, rp.redirect_uri.as_str())
    );
    for (name, value) in [
        ("error", "login_required"),
        ("state", "state-1"),
        ("iss", world.issuer()),
    ] {
        assert!(
            form.fields.contains(&(name.into(), value.into())),
            "{:?}",
            form.fields
        );
    }
}

/// Link checkers and previews send HEAD: it starts, spends and issues nothing.
#[tokio::test]
async fn a_head_acts_nowhere() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let before = world.core.store.write_transactions();
    let paths = [
        rp.authorize(&[]),
        format!("{}/authorize/0190a5d0-0000-7000-8000-000000000000", rp.issuer),
        format!("{}/federation/contoso/callback?state=x&code=y", rp.issuer),
        format!("{}/federation/contoso/acs?answer=x", rp.issuer),
        format!("{}/logout", rp.issuer),
    ];
    for url in paths {
        let answer = rp.http.head(&url).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{url}");
        assert!(!answer.headers().contains_key("set-cookie"), "{url}");
        assert!(!answer.headers().contains_key("location"), "{url}");
    }
    assert_eq!(world.core.store.write_transactions(), before);
}

#[tokio::test]
async fn a_hopeless_request_leaves_the_sign_in_beside_it_alone() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let mut anna = browser();
    let page = anna.get(&rp.authorize(&[])).await.unwrap();
    ask(&mut anna, &rp.authorize(&[("client_id", Some("nobody"))])).await;
    ask(&mut anna, &rp.authorize(&[("scope", None)])).await;
    let claims = world.finish(&mut anna, &rp, page, ANNA).await;
    assert_eq!(claims["nonce"], "nonce-1");
}
