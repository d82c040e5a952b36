use domain::app::{AccessRule, AppAuthentication, SigningAlgorithm};

use super::*;

fn notes() -> NewApp {
    NewApp::new("Acme Notes", "https://notes.example/callback")
}

#[tokio::test]
async fn an_app_is_registered_and_its_secret_is_kept_as_a_hash() {
    for world in World::each().await {
        let registered = register_app(&world.core, lee(), notes()).await.unwrap();
        let secret = registered.secret.unwrap();
        assert_eq!(registered.app.client_id, "acme-notes");
        let reader = world.core.store.reader();
        let stored = reader.app_by_client_id("acme-notes").await.unwrap().unwrap();
        assert_eq!(stored, registered.app, "{}", world.name);
        assert_eq!(
            stored.authentication,
            AppAuthentication::SecretBasic(secret.hash())
        );

        let audit = world.audit().await;
        assert_eq!(audit.len(), 1);
        assert_eq!(
            (audit[0].action.as_str(), audit[0].actor.as_deref()),
            ("app.added", Some("lee"))
        );
        assert_eq!(audit[0].app, Some(stored.id));
        assert!(!format!("{audit:?}").contains(secret.expose()));
    }
}

#[tokio::test]
async fn a_client_id_is_given_once() {
    for world in World::each().await {
        register_app(&world.core, lee(), notes()).await.unwrap();
        let again = register_app(&world.core, lee(), notes()).await;
        assert!(
            matches!(again, Err(ActionError::Conflict(_))),
            "{}: {again:?}",
            world.name
        );
        assert_eq!(world.core.store.reader().apps().await.unwrap().len(), 1);
        assert_eq!(world.actions().await, ["app.added"]);
    }
}

#[tokio::test]
async fn every_way_of_proving_oneself() {
    let jwks = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83O","y":"x_FE"}]}"#;
    for world in World::each().await {
        for (i, (authentication, name, has_secret)) in [
            (NewAuthentication::SecretBasic, "client_secret_basic", true),
            (NewAuthentication::SecretPost, "client_secret_post", true),
            (
                NewAuthentication::PrivateKeyJwt(jwks.into()),
                "private_key_jwt",
                false,
            ),
            (NewAuthentication::None, "none", false),
        ]
        .into_iter()
        .enumerate()
        {
            let new = NewApp {
                client_id: Some(format!("app{i}")),
                authentication,
                signing_algorithm: SigningAlgorithm::EdDsa,
                ..notes()
            };
            let registered = register_app(&world.core, lee(), new).await.unwrap();
            assert_eq!(registered.app.authentication.name(), name);
            assert_eq!(registered.secret.is_some(), has_secret, "{name}");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_with_an_app() {
    let world = World::each().await.remove(0);
    let core = &world.core;
    let private = r#"{"keys":[{"kty":"EC","crv":"P-256","x":"f83O","y":"x_FE","d":"secret"}]}"#;
    let with_keys = |jwks: &str| NewApp {
        authentication: NewAuthentication::PrivateKeyJwt(jwks.into()),
        ..notes()
    };
    let with_domains = |domains: &[&str]| NewApp {
        access: AccessRule::Domain(domains.iter().map(|domain| (*domain).to_owned()).collect()),
        ..notes()
    };
    let cases: Vec<(NewApp, &[&str])> = vec![
        (
            NewApp {
                name: " ".into(),
                ..notes()
            },
            &["name", "client_id"],
        ),
        (
            NewApp {
                name: "a\u{202e}b".into(),
                ..notes()
            },
            &["name"],
        ),
        (
            NewApp {
                name: "x".repeat(81),
                ..notes()
            },
            &["name"],
        ),
        (
            NewApp {
                client_id: Some("Acme Notes".into()),
                ..notes()
            },
            &["client_id"],
        ),
        (
            NewApp {
                redirect_uris: vec![],
                ..notes()
            },
            &["redirect_uris"],
        ),
        (
            NewApp {
                redirect_uris: vec!["http://notes.example/cb".into()],
                ..notes()
            },
            &["redirect_uris"],
        ),
        (
            NewApp {
                redirect_uris: vec!["https://a.example/".into(), "https://a.example/".into()],
                ..notes()
            },
            &["redirect_uris"],
        ),
        (
            NewApp {
                post_logout_redirect_uris: vec!["/out".into()],
                ..notes()
            },
            &["post_logout_redirect_uris"],
        ),
        (
            NewApp {
                home: Some("notes.example".into()),
                ..notes()
            },
            &["home"],
        ),
        (
            NewApp {
                home: Some("javascript:alert(1)".into()),
                ..notes()
            },
            &["home"],
        ),
        (with_domains(&[]), &["domains"]),
        (with_domains(&["contoso.example", "no domain"]), &["domains"]),
        (with_keys("{"), &["jwks"]),
        (with_keys(r#"{"keys":[]}"#), &["jwks"]),
        (with_keys(r#"{"keys":[{"kid":"x"}]}"#), &["jwks"]),
        (with_keys(private), &["jwks"]),
    ];
    for (new, expected) in cases {
        let shown = format!("{new:?}");
        assert_eq!(fields(register_app(core, lee(), new).await), expected, "{shown}");
    }
    assert!(world.core.store.reader().apps().await.unwrap().is_empty());
    assert!(world.actions().await.is_empty());
}

#[tokio::test]
async fn domains_are_kept_in_their_canonical_form() {
    let world = World::each().await.remove(0);
    let new = NewApp {
        access: AccessRule::Domain(vec!["Bücher.Example".into(), "CONTOSO.example".into()]),
        ..notes()
    };
    let app = register_app(&world.core, lee(), new).await.unwrap().app;
    let expected = vec!["xn--bcher-kva.example".to_owned(), "contoso.example".to_owned()];
    assert_eq!(app.access, AccessRule::Domain(expected));
}
