//! The back channel's refusals, one by one: JSON with the code that RFC 6749 §5.2 gives, nothing stored by anybody,
//! and a code that survives whatever was wrong with the request around it.

use actions::NewAuthentication;
use domain::app::SecretMethod;
use serde_json::json;

use crate::{
    rp::{Answer, Rp, VERIFIER, answered_at, param},
    world::{World, browser, worlds},
};

const ANNA: &str = "anna@contoso.test";

/// An authorization code for Anna.
async fn code(world: &World, rp: &Rp) -> String {
    let mut anna = browser();
    let (page, code) = world.ask_for_code(&mut anna, rp, ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &code)]).await.unwrap();
    param(&answered_at(&page, &rp.redirect_uri), "code").unwrap()
}

fn assert_refused(answer: &Answer, status: u16, error: &str, what: &str) {
    assert_eq!(
        (answer.status, &answer.body["error"]),
        (status, &json!(error)),
        "{what}: {answer:?}"
    );
    assert_eq!(answer.headers["cache-control"], "no-store", "{what}");
    assert_eq!(answer.headers["content-type"], "application/json", "{what}");
}

#[tokio::test]
async fn a_malformed_token_request_costs_no_code() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        world.invite(ANNA, "notes").await;
        let code = code(&world, &rp).await;
        let uri = rp.redirect_uri.clone();
        let whole = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", uri.as_str()),
            ("code_verifier", VERIFIER),
        ];
        for (missing, error) in [
            ("grant_type", "invalid_request"),
            ("code", "invalid_request"),
            ("redirect_uri", "invalid_request"),
            ("code_verifier", "invalid_grant"),
        ] {
            let form: Vec<_> = whole.into_iter().filter(|(name, _)| *name != missing).collect();
            assert_refused(&rp.token(&form).await, 400, error, missing);
        }
        let long = "x".repeat(9_000);
        for (name, value, error) in [
            ("grant_type", "password", "invalid_request"),
            ("code", "again", "invalid_request"),
            ("code_verifier", VERIFIER, "invalid_request"),
            ("extra", long.as_str(), "invalid_request"),
            ("extra", "a\0b", "invalid_request"),
        ] {
            let mut form = whole.to_vec();
            form.push((name, value));
            assert_refused(&rp.token(&form).await, 400, error, name);
        }
        for grant_type in ["password", "client_credentials", "implicit"] {
            let answer = rp.token(&[("grant_type", grant_type)]).await;
            assert_refused(&answer, 400, "unsupported_grant_type", grant_type);
        }
        assert_eq!(
            rp.exchange(&code).await.status,
            200,
            "the code has survived it all"
        );
        assert_eq!(world.count("grant.refused").await, 0);
    }
}

#[tokio::test]
async fn a_body_that_is_no_form_is_refused_as_one() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        for path in ["/token", "/revoke", "/introspect"] {
            let url = format!("{}{path}", rp.issuer);
            let secret = rp.secret.clone();
            let request = || rp.http.post(&url).basic_auth(&rp.client_id, secret.clone());
            let zero = rp.http.post(&url).basic_auth("no\0tes", secret.clone());
            for (what, request, status, error) in [
                (
                    "JSON",
                    request().json(&json!({"token": "x"})),
                    400,
                    "invalid_request",
                ),
                ("nothing", request(), 400, "invalid_request"),
                (
                    "much",
                    request().form(&[("token", "x".repeat(70_000))]),
                    413,
                    "invalid_request",
                ),
                ("a GET", rp.http.get(&url), 405, "invalid_request"),
                ("a zero", zero.form(&[("token", "x")]), 401, "invalid_client"),
            ] {
                let response = request.send().await.unwrap();
                assert_eq!(response.status().as_u16(), status, "{path}: {what}");
                if status == 405 {
                    assert!(response.headers()["allow"].to_str().unwrap().contains("POST"));
                }
                let body: serde_json::Value = response.json().await.unwrap();
                assert_eq!(body["error"], error, "{path}: {what}");
            }
        }
    }
}

#[tokio::test]
async fn an_app_proves_itself_as_it_is_registered_or_not_at_all() {
    let world = World::sqlite().await;
    let pinned = NewAuthentication::Secret(SecretMethod::Basic);
    let rp = world.app_with("notes", |app| app.authentication = pinned).await;
    let secret = rp.secret.clone().unwrap();
    let token = format!("{}/token", rp.issuer);
    let grant = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    let ask = async |request: reqwest::RequestBuilder| {
        let response = request.send().await.unwrap();
        let challenged = response.headers().contains_key("www-authenticate");
        let status = response.status().as_u16();
        let body: serde_json::Value = response.json().await.unwrap();
        (status, body["error"].as_str().unwrap().to_owned(), challenged)
    };
    let post = || rp.http.post(&token);
    let client = |status, error: &str, challenged| (status, error.to_owned(), challenged);
    let mut by_post = grant.to_vec();
    by_post.extend([("client_id", "notes"), ("client_secret", &secret)]);
    let mut bare = grant.to_vec();
    bare.push(("client_id", "notes"));

    let refused = client(401, "invalid_client", true);
    assert_eq!(
        ask(post().basic_auth("notes", Some("wrong")).form(&grant)).await,
        refused
    );
    assert_eq!(
        ask(post().basic_auth("nobody", Some(&secret)).form(&grant)).await,
        refused
    );
    assert_eq!(
        ask(post().header("authorization", "Basic !").form(&grant)).await,
        refused
    );
    assert_eq!(ask(post().bearer_auth(&secret).form(&grant)).await, refused);
    // Registered for the header; a form with the right secret is another method (Core §9).
    let refused = client(401, "invalid_client", false);
    assert_eq!(ask(post().form(&by_post)).await, refused);
    assert_eq!(ask(post().form(&bare)).await, refused);
    assert_eq!(ask(post().form(&grant)).await, refused);
    let both = client(400, "invalid_request", false);
    assert_eq!(
        ask(post().basic_auth("notes", Some(&secret)).form(&by_post)).await,
        both
    );
    let mut other = grant.to_vec();
    other.push(("client_id", "other"));
    assert_eq!(
        ask(post().basic_auth("notes", Some(&secret)).form(&other)).await,
        both
    );
    let right = client(400, "invalid_grant", false);
    assert_eq!(
        ask(post().basic_auth("notes", Some(&secret)).form(&grant)).await,
        right
    );
}

#[tokio::test]
async fn a_code_is_bound_to_its_app_its_address_and_its_minute() {
    for world in worlds().await {
        let other_uri = "https://notes.example/other".to_owned();
        let rp = world
            .app_with("notes", |app| app.redirect_uris.push(other_uri.clone()))
            .await;
        world.invite(ANNA, "notes").await;
        let grant = |code: &str, uri: &str, verifier: &str| {
            [
                ("grant_type", "authorization_code"),
                ("code", code),
                ("redirect_uri", uri),
                ("code_verifier", verifier),
            ]
            .map(|(name, value)| (name, value.to_owned()))
        };
        let wrong = "a".repeat(43);
        for (what, uri, verifier) in [
            ("another address", &other_uri, VERIFIER),
            ("another verifier", &rp.redirect_uri, wrong.as_str()),
        ] {
            let code = code(&world, &rp).await;
            let form = grant(&code, uri, verifier);
            let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
            assert_refused(&rp.token(&form).await, 400, "invalid_grant", what);
            assert_refused(&rp.exchange(&code).await, 400, "invalid_grant", "a second guess");
            world.advance(chrono::TimeDelta::minutes(10));
        }
        let late = code(&world, &rp).await;
        world.advance(chrono::TimeDelta::seconds(61));
        assert_refused(&rp.exchange(&late).await, 400, "invalid_grant", "too late");
    }
}

/// Spring's authorization client sends `Basic id:` for a public client, and others write slashes too many.
#[tokio::test]
async fn an_empty_secret_of_a_public_client_and_a_slash_too_many() {
    let world = World::sqlite().await;
    let public = |app: &mut actions::NewApp| app.authentication = NewAuthentication::None;
    let rp = world.app_with("spa", public).await;
    let grant = [("grant_type", "refresh_token"), ("refresh_token", "x")];
    for (secret, error) in [("", "invalid_grant"), ("x", "invalid_client")] {
        let request = rp.http.post(format!("{}/token", rp.issuer)).form(&grant);
        let answer = request.basic_auth("spa", Some(secret)).send().await.unwrap();
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["error"], error, "{secret}");
    }
    for (path, meant) in [
        (
            "//.well-known/openid-configuration",
            "/.well-known/openid-configuration",
        ),
        ("/token/", "/token"),
        ("/jwks/", "/jwks"),
        ("//userinfo//", "/userinfo"),
    ] {
        let answer = rp.http.get(format!("{}{path}", rp.issuer)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 404, "{path}");
        let body: serde_json::Value = answer.json().await.unwrap();
        let expected = format!("{}{meant}", rp.issuer);
        let said = body["error_description"].as_str().unwrap();
        assert!(said.ends_with(&expected), "{path}: {said}");
    }
    let page = rp
        .http
        .get(format!("{}/elsewhere/", rp.issuer))
        .send()
        .await
        .unwrap();
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
}

/// An app must not be able to end another app's grant with a code from a log or a browser's history.
#[tokio::test]
async fn another_apps_code_is_refused_and_left_alone() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        let other = Rp {
            redirect_uri: rp.redirect_uri.clone(),
            ..world.app("other").await
        };
        world.invite(ANNA, "notes").await;
        let code = code(&world, &rp).await;
        assert_refused(&other.exchange(&code).await, 400, "invalid_grant", "fresh");
        let tokens = rp.exchange(&code).await;
        assert_eq!(tokens.status, 200, "it is still its app's: {tokens:?}");
        assert_refused(&other.exchange(&code).await, 400, "invalid_grant", "spent");
        let access = tokens.body["access_token"].as_str().unwrap();
        assert_eq!(rp.userinfo(access).await.status, 200, "and so is what came of it");
        assert_eq!(world.count("grant.refused").await, 2);
        assert_eq!(world.count("grant.reused").await, 0);
    }
}

#[tokio::test]
async fn what_one_app_holds_another_cannot_look_at_or_end() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        let other = world.app("other").await;
        world.invite(ANNA, "notes").await;
        let tokens = rp.exchange(&code(&world, &rp).await).await.body;
        let access = tokens["access_token"].as_str().unwrap();

        let own = rp.post("/introspect", &[("token", access)]).await;
        assert_eq!((own.status, &own.body["active"]), (200, &json!(true)), "{own:?}");
        assert_eq!(own.body["client_id"], json!("notes"));
        let foreign = other.post("/introspect", &[("token", access)]).await;
        assert_eq!((foreign.status, foreign.body), (200, json!({ "active": false })));
        for (path, status) in [("/introspect", 200), ("/revoke", 200)] {
            assert_eq!(other.post(path, &[("token", "unknown")]).await.status, status);
            assert_refused(&rp.post(path, &[]).await, 400, "invalid_request", path);
        }
        assert_eq!(other.post("/revoke", &[("token", access)]).await.status, 200);
        assert_eq!(
            rp.userinfo(access).await.status,
            200,
            "another app's word ends nothing"
        );
        assert_eq!(rp.post("/revoke", &[("token", access)]).await.status, 200);
        let over = rp.userinfo(access).await;
        assert_eq!((over.status, &over.body["error"]), (401, &json!("invalid_token")));
        let challenge = over.headers["www-authenticate"].to_str().unwrap();
        assert_eq!(challenge, "Bearer error=\"invalid_token\"");
    }
}

#[tokio::test]
async fn userinfo_takes_a_token_in_one_place() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    world.invite(ANNA, "notes").await;
    let tokens = rp.exchange(&code(&world, &rp).await).await.body;
    let access = tokens["access_token"].as_str().unwrap();
    let url = format!("{}/userinfo", rp.issuer);
    let form = [("access_token", access)];

    let by_form = rp.http.post(&url).form(&form).send().await.unwrap();
    assert_eq!(by_form.json::<serde_json::Value>().await.unwrap()["email"], ANNA);
    let both = rp
        .http
        .post(&url)
        .bearer_auth(access)
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(both.status(), 400);
    let twice = rp.http.post(&url).form(&[form[0], form[0]]).send().await.unwrap();
    assert_eq!(twice.status(), 400);
    let query = rp
        .http
        .get(format!("{url}?access_token={access}"))
        .send()
        .await
        .unwrap();
    assert_eq!(query.status(), 401, "a token in an address ends up in logs");
    assert_eq!(query.headers()["www-authenticate"], "Bearer");
    let refresh_like = rp.userinfo(&tokens["id_token"].as_str().unwrap()[..40]).await;
    assert_eq!(refresh_like.status, 401);
    world.advance(chrono::TimeDelta::hours(25));
    assert_eq!(rp.userinfo(access).await.status, 401, "it has expired");
}

/// A page of any origin may call what apps call from pages, and read what went wrong as well; nothing else, and never with a
/// cookie (RFC 9700 §2.6).
#[tokio::test]
async fn pages_of_other_origins_may_call_what_apps_call_from_pages() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    let ask = async |method: http::Method, path: &str| {
        let request = rp.http.request(method, format!("{}{path}", rp.issuer));
        let request = request
            .header("origin", "https://notes.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization");
        let answer = request.send().await.unwrap();
        let header = |name: &str| {
            answer
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(header("vary"), None, "{path}: every origin is told the same");
        let cors = [
            "allow-origin",
            "allow-methods",
            "allow-headers",
            "allow-credentials",
            "max-age",
            "expose-headers",
        ];
        let cors = cors.map(|name| header(&format!("access-control-{name}")));
        (
            answer.status().as_u16(),
            cors,
            header("cross-origin-resource-policy"),
        )
    };
    let any = Some("*".to_owned());
    for path in [
        "/.well-known/openid-configuration",
        "/.well-known/oauth-authorization-server",
        "/jwks",
        "/token",
        "/userinfo",
        "/revoke",
    ] {
        let (status, [origin, methods, headers, credentials, age, _], embedder) =
            ask(http::Method::OPTIONS, path).await;
        assert_eq!((status, &origin, credentials), (200, &any, None), "{path}");
        assert_eq!(methods.as_deref(), Some("GET,POST"), "{path}");
        assert_eq!(headers.as_deref(), Some("authorization,content-type"), "{path}");
        assert_eq!(age.as_deref(), Some("86400"), "{path}");
        assert_eq!(embedder.as_deref(), Some("cross-origin"), "{path}");
        // Refused or not: the page reads what was wrong.
        for method in [http::Method::GET, http::Method::POST] {
            let (_, [origin, .., exposed], _) = ask(method, path).await;
            assert_eq!(
                (origin, exposed.as_deref()),
                (any.clone(), Some("www-authenticate")),
                "{path}"
            );
        }
    }
    for path in ["/authorize", "/introspect", "/logout", "/nowhere"] {
        for method in [http::Method::OPTIONS, http::Method::GET, http::Method::POST] {
            let (_, cors, embedder) = ask(method, path).await;
            assert_eq!(
                (cors, embedder.as_deref()),
                ([const { None }; 6], Some("same-origin")),
                "{path}"
            );
        }
    }
}
