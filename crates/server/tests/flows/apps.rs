//! Apps as their libraries are: how they prove themselves, what they read, and how they are changed.

use actions::{self, AppChange, NewAuthentication};
use chrono::TimeDelta;
use domain::app::{Pkce, SecretMethod};
use serde_json::{Value, json};

use crate::{
    rp::{Answer, Rp, VERIFIER, answered_at, claims, param},
    world::{World, browser, operator, worlds},
};

const ANNA: &str = "anna@contoso.test";

/// A code for the app, by a sign-in with these parameters more or less.
async fn code(world: &World, rp: &Rp, more: &[(&str, Option<&str>)]) -> String {
    world.invite(ANNA, &rp.client_id).await;
    let mut anna = browser();
    let page = anna.get(&rp.authorize(more)).await.unwrap();
    let page = anna.submit(&page, "email", &[("email", ANNA)]).await.unwrap();
    let mailed = world.code(ANNA).await;
    let page = anna.submit(&page, "code", &[("code", &mailed)]).await.unwrap();
    param(&answered_at(&page, &rp.redirect_uri), "code").unwrap()
}

async fn change(world: &World, change: AppChange) {
    actions::change_app(&world.core, operator(), "notes", change)
        .await
        .unwrap();
}

/// What Auth.js and others show of a person.
#[tokio::test]
async fn the_person_arrives_in_the_app() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        let everything = [("scope", Some("openid email profile"))];
        let tokens = rp.exchange(&code(&world, &rp, &everything).await).await.body;
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!(
            (&id["email"], &id["name"]),
            (&Value::Null, &Value::Null),
            "at UserInfo"
        );
        let info = rp.userinfo(tokens["access_token"].as_str().unwrap()).await.body;
        assert_eq!(
            info["name"], "anna",
            "the local part of the address, where nothing is known"
        );
        assert_eq!(
            (&info["preferred_username"], &info["email"]),
            (&json!(ANNA), &json!(ANNA))
        );

        change(
            &world,
            AppChange {
                id_token_claims: Some(true),
                ..AppChange::default()
            },
        )
        .await;
        let tokens = rp.exchange(&code(&world, &rp, &everything).await).await.body;
        let id = claims(tokens["id_token"].as_str().unwrap());
        for name in [
            "email",
            "email_verified",
            "name",
            "preferred_username",
            "updated_at",
        ] {
            assert_eq!(id[name], info[name], "{name}");
        }
        // What was not asked for is in neither.
        let tokens = rp
            .exchange(&code(&world, &rp, &[("scope", Some("openid profile"))]).await)
            .await
            .body;
        let id = claims(tokens["id_token"].as_str().unwrap());
        assert_eq!(id["email"], Value::Null);
        assert_eq!(
            id["preferred_username"], "anna",
            "no domain without the scope email"
        );
    }
}

/// A token request with the secret in the header, in the body, or nowhere.
async fn by(rp: &Rp, place: &str, secret: &str) -> Answer {
    let sent = Rp {
        secret: (place == "header").then(|| secret.to_owned()),
        ..rp.clone()
    };
    let mut form = vec![("grant_type", "refresh_token"), ("refresh_token", "nothing")];
    if place == "body" {
        form.push(("client_secret", secret));
    }
    sent.token(&form).await
}

#[tokio::test]
async fn a_secret_is_sent_as_the_library_likes_unless_the_app_is_pinned() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        let secret = rp.secret.clone().unwrap();
        for (method, header, body) in [
            (SecretMethod::Any, "invalid_grant", "invalid_grant"),
            (SecretMethod::Basic, "invalid_grant", "invalid_client"),
            (SecretMethod::Post, "invalid_client", "invalid_grant"),
        ] {
            change(
                &world,
                AppChange {
                    authentication: Some(NewAuthentication::Secret(method)),
                    ..AppChange::default()
                },
            )
            .await;
            assert_eq!(
                by(&rp, "header", &secret).await.body["error"],
                header,
                "{method:?}"
            );
            assert_eq!(by(&rp, "body", &secret).await.body["error"], body, "{method:?}");
        }
        for place in ["header", "body"] {
            assert_eq!(by(&rp, place, "wrong").await.body["error"], "invalid_client");
        }
        assert_eq!(by(&rp, "nowhere", "").await.body["error"], "invalid_client");
    }
}

/// A secret is changed without a gap, and the last use tells which is still needed.
#[tokio::test]
async fn two_secrets_work_at_once() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        let old = rp.secret.clone().unwrap();
        let new = actions::add_app_secret(&world.core, operator(), "notes")
            .await
            .unwrap();
        let mut late = rp.clone();
        late.secret = Some(new.expose().to_owned());
        let tokens = late.exchange(&code(&world, &rp, &[]).await).await;
        assert_eq!(tokens.status, 200, "{tokens:?}");
        let reader = world.core.store.reader();
        let app = reader.app_by_client_id("notes").await.unwrap().unwrap();
        let secrets = reader.app_secrets(app.id).await.unwrap();
        let (unused, used): (Vec<_>, Vec<_>) = secrets.iter().partition(|one| one.last_used_at.is_none());
        assert_eq!((unused.len(), used[0].hash), (1, new.hash()));
        assert_eq!(by(&rp, "header", &old).await.body["error"], "invalid_grant");
        actions::remove_app_secret(&world.core, operator(), "notes", unused[0].id)
            .await
            .unwrap();
        assert_eq!(by(&rp, "header", &old).await.body["error"], "invalid_client");
        assert_eq!(
            by(&rp, "header", new.expose()).await.body["error"],
            "invalid_grant"
        );
    }
}

/// A secret that only introspects or revokes is in use as well.
#[tokio::test]
async fn every_use_of_a_secret_is_noted() {
    for world in worlds().await {
        for path in ["/introspect", "/revoke"] {
            let client_id = path.trim_start_matches('/');
            let rp = world.app(client_id).await;
            assert_eq!(rp.post(path, &[("token", "unknown")]).await.status, 200);
            let reader = world.core.store.reader();
            let app = reader.app_by_client_id(client_id).await.unwrap().unwrap();
            let noted = || async { reader.app_secrets(app.id).await.unwrap()[0].last_used_at };
            assert_eq!(noted().await, Some(world.now()), "{path}");
            // Within the hour nothing is written.
            world.advance(TimeDelta::minutes(30));
            let before = world.core.store.write_transactions();
            rp.post(path, &[("token", "unknown")]).await;
            assert_eq!(world.core.store.write_transactions(), before, "{path}");
            world.advance(TimeDelta::minutes(31));
            rp.post(path, &[("token", "unknown")]).await;
            assert_eq!(noted().await, Some(world.now()), "{path}");
        }
    }
}

/// The causes are shown to developers of an app alone.
#[tokio::test]
async fn an_app_in_development_is_told_the_cause() {
    let world = World::sqlite().await;
    let rp = world.app("notes").await;
    let described = async |rp: &Rp, secret: &str| {
        let answer = by(rp, "header", secret).await;
        answer.body["error_description"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        described(&rp, "wrong").await,
        "The app could not be authenticated"
    );
    change(
        &world,
        AppChange {
            dev: Some(true),
            ..AppChange::default()
        },
    )
    .await;
    assert!(described(&rp, "wrong").await.ends_with(": the secret is wrong"));
    assert!(
        described(&rp, &rp.secret.clone().unwrap())
            .await
            .ends_with(": unknown")
    );
}

/// Certified Basic clients and others send no challenge.
#[tokio::test]
async fn an_app_may_do_without_pkce_where_it_is_set_so() {
    for world in worlds().await {
        let rp = world.app_with("notes", |app| app.pkce = Pkce::Optional).await;
        let without = [("code_challenge", None), ("code_challenge_method", None)];
        let redirect_uri = rp.redirect_uri.clone();
        let form = |code| {
            [
                ("grant_type", "authorization_code"),
                ("redirect_uri", &*redirect_uri),
                ("code", code),
            ]
        };
        let first = code(&world, &rp, &without).await;
        let tokens = rp.token(&form(&first)).await;
        assert_eq!(tokens.status, 200, "{tokens:?}");
        assert_eq!(
            claims(tokens.body["id_token"].as_str().unwrap())["nonce"],
            "nonce-1"
        );
        // Who adds a verifier has had the challenge taken out (RFC 9700 §4.8.2).
        let second = code(&world, &rp, &without).await;
        let added = rp.exchange(&second).await;
        assert_eq!(
            (added.status, &added.body["error"]),
            (400, &json!("invalid_grant"))
        );
        // A challenge that was sent counts.
        let third = code(&world, &rp, &[]).await;
        assert_eq!(rp.token(&form(&third)).await.body["error"], "invalid_grant");
        let fourth = code(&world, &rp, &[]).await;
        assert_eq!(rp.exchange(&fourth).await.status, 200, "{VERIFIER}");
        // Without either the browser is not sent on.
        let mut anna = browser();
        let bare = [without[0], without[1], ("nonce", None)];
        let answer = crate::rp::until_app(&mut anna, &rp.authorize(&bare), &rp.redirect_uri).await;
        assert_eq!(param(&answer.url, "error").as_deref(), Some("invalid_request"));
        let said = param(&answer.url, "error_description").unwrap();
        assert!(said.contains("nonce is missing"), "{said}");
    }
}

/// What an app might sign with is published before it does.
#[tokio::test]
async fn every_algorithm_of_discovery_has_a_published_key_from_the_start() {
    for world in worlds().await {
        let rp = world
            .app_with("notes", |app| {
                app.signing_algorithm = domain::app::SigningAlgorithm::EdDsa;
            })
            .await;
        let http = reqwest::Client::new();
        let get = async |path: &str| -> Value {
            let answer = http
                .get(format!("{}{path}", world.issuer()))
                .send()
                .await
                .unwrap();
            answer.json().await.unwrap()
        };
        let keys = get("/jwks").await;
        let published: Vec<&str> = keys["keys"]
            .as_array()
            .unwrap()
            .iter()
            .map(|key| key["alg"].as_str().unwrap())
            .collect();
        let offered = get("/.well-known/openid-configuration").await;
        for algorithm in offered["id_token_signing_alg_values_supported"]
            .as_array()
            .unwrap()
        {
            assert!(
                published.contains(&algorithm.as_str().unwrap()),
                "{algorithm}: {published:?}"
            );
        }
        let tokens = rp.exchange(&code(&world, &rp, &[]).await).await.body;
        let signed_by = kid(&tokens);
        assert!(
            keys["keys"]
                .as_array()
                .unwrap()
                .iter()
                .any(|key| key["kid"] == *signed_by),
            "{signed_by}"
        );
    }
}

/// A key that has leaked is gone at once, on every replica, and its successor signs.
#[tokio::test]
async fn a_revoked_key_is_gone_at_once() {
    for world in worlds().await {
        let rp = world.app("notes").await;
        let tokens = rp.exchange(&code(&world, &rp, &[]).await).await.body;
        let leaked = kid(&tokens);
        let steps = oidc_server::revoke_key(&world.core, &leaked, operator())
            .await
            .unwrap();
        assert_eq!(steps.len(), 2, "{steps:?}");
        // The running server has not been told; it looks by itself.
        world.deliverer.notice_keys().await.unwrap();
        let jwks = reqwest::get(format!("{}/jwks", world.issuer())).await.unwrap();
        assert!(!jwks.text().await.unwrap().contains(&leaked));
        let next = rp.exchange(&code(&world, &rp, &[]).await).await.body;
        assert_ne!(kid(&next), leaked);
        assert_eq!(world.count("key.revoked").await, 1);
        // It is no hint any more either.
        let hint = tokens["id_token"].as_str().unwrap();
        let asked = rp.authorize(&[("id_token_hint", Some(hint)), ("prompt", Some("none"))]);
        let answer = crate::rp::until_app(&mut browser(), &asked, &rp.redirect_uri).await;
        assert_eq!(param(&answer.url, "error").as_deref(), Some("invalid_request"));
        let nobody = oidc_server::revoke_key(&world.core, &leaked, operator())
            .await
            .unwrap();
        assert!(nobody.is_empty());
    }
}

fn kid(tokens: &Value) -> String {
    let header = tokens["id_token"].as_str().unwrap().split('.').next().unwrap();
    let header = data_encoding::BASE64URL_NOPAD.decode(header.as_bytes()).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}
