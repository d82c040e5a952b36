use domain::{
    app::{AccessRule, AppAuthentication, Pkce, SecretMethod, SigningAlgorithm},
    invitation::InvitationTerms,
};

use test_support::samples;

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
            AppAuthentication::Secret(SecretMethod::Any)
        );
        let secrets = reader.app_secrets(stored.id).await.unwrap();
        assert_eq!(secrets.len(), 1);
        assert_eq!(secrets[0].hash, secret.hash());

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
            (
                NewAuthentication::Secret(SecretMethod::Any),
                "client_secret",
                true,
            ),
            (
                NewAuthentication::Secret(SecretMethod::Basic),
                "client_secret_basic",
                true,
            ),
            (
                NewAuthentication::Secret(SecretMethod::Post),
                "client_secret_post",
                true,
            ),
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
    let world = World::sqlite().await;
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
    let world = World::sqlite().await;
    let new = NewApp {
        access: AccessRule::Domain(vec!["Bücher.Example".into(), "CONTOSO.example".into()]),
        ..notes()
    };
    let app = register_app(&world.core, lee(), new).await.unwrap().app;
    let expected = vec!["xn--bcher-kva.example".to_owned(), "contoso.example".to_owned()];
    assert_eq!(app.access, AccessRule::Domain(expected));
}

#[tokio::test]
async fn an_app_is_changed_field_by_field() {
    for world in World::each().await {
        register_app(&world.core, lee(), notes()).await.unwrap();
        let change = AppChange {
            name: Some("Notes".into()),
            redirect_uris: Some(vec!["https://notes.example/cb2".into()]),
            pkce: Some(Pkce::Optional),
            id_token_claims: Some(true),
            signing_algorithm: Some(SigningAlgorithm::Es256),
            ..AppChange::default()
        };
        let changed = change_app(&world.core, lee(), "acme-notes", change)
            .await
            .unwrap();
        assert!(changed.secret.is_none(), "its secret goes on");
        let reader = world.core.store.reader();
        let stored = reader.app_by_client_id("acme-notes").await.unwrap().unwrap();
        assert_eq!(stored, changed.app, "{}", world.name);
        assert_eq!(stored.name, "Notes");
        assert_eq!((stored.pkce, stored.id_token_claims), (Pkce::Optional, true));
        let audit = &world.audit().await[1];
        assert_eq!(audit.action, "app.changed");
        for said in [
            "Acme Notes → Notes",
            "https://notes.example/callback → https://notes.example/cb2",
            "required → optional",
            "RS256 → ES256",
        ] {
            assert!(audit.details.contains(said), "{said}: {}", audit.details);
        }
        assert!(!audit.details.contains("offline_access"), "{}", audit.details);
    }
}

#[tokio::test]
async fn what_an_app_cannot_become() {
    for world in World::each().await {
        register_app(&world.core, lee(), notes()).await.unwrap();
        for (change, field) in [
            (
                AppChange {
                    redirect_uris: Some(vec![]),
                    ..AppChange::default()
                },
                "redirect_uris",
            ),
            (
                AppChange {
                    redirect_uris: Some(vec!["https://a.example/*".into()]),
                    ..AppChange::default()
                },
                "redirect_uris",
            ),
            (
                AppChange {
                    name: Some(" ".into()),
                    ..AppChange::default()
                },
                "name",
            ),
            (
                AppChange {
                    pkce: Some(Pkce::Optional),
                    authentication: Some(NewAuthentication::None),
                    ..AppChange::default()
                },
                "pkce",
            ),
            (
                AppChange {
                    authentication: Some(NewAuthentication::PrivateKeyJwt("{}".into())),
                    ..AppChange::default()
                },
                "jwks",
            ),
        ] {
            match change_app(&world.core, lee(), "acme-notes", change).await {
                Err(ActionError::Invalid(faults)) => assert_eq!(faults[0].field, field),
                other => panic!("{field}: {other:?}"),
            }
        }
        let unknown = change_app(&world.core, lee(), "nobody", AppChange::default()).await;
        assert!(
            matches!(unknown, Err(ActionError::NotFound { .. })),
            "{unknown:?}"
        );
        assert_eq!(world.actions().await, ["app.added"]);
    }
}

#[tokio::test]
async fn an_app_has_two_secrets_at_most_and_none_when_it_needs_none() {
    for world in World::each().await {
        let core = &world.core;
        let app = register_app(core, lee(), notes()).await.unwrap().app;
        let second = add_app_secret(core, lee(), "acme-notes").await.unwrap();
        let third = add_app_secret(core, lee(), "acme-notes").await;
        assert!(matches!(third, Err(ActionError::Conflict(_))), "{third:?}");
        let secrets = core.store.reader().app_secrets(app.id).await.unwrap();
        assert!(secrets.iter().any(|secret| secret.hash == second.hash()));
        remove_app_secret(core, lee(), "acme-notes", secrets[0].id)
            .await
            .unwrap();
        let again = remove_app_secret(core, lee(), "acme-notes", secrets[0].id).await;
        assert!(matches!(again, Err(ActionError::NotFound { .. })), "{again:?}");

        let to = |authentication| AppChange {
            authentication: Some(authentication),
            ..AppChange::default()
        };
        change_app(core, lee(), "acme-notes", to(NewAuthentication::None))
            .await
            .unwrap();
        assert!(core.store.reader().app_secrets(app.id).await.unwrap().is_empty());
        assert!(matches!(
            add_app_secret(core, lee(), "acme-notes").await,
            Err(ActionError::Conflict(_))
        ));
        let back = NewAuthentication::Secret(SecretMethod::Basic);
        let changed = change_app(core, lee(), "acme-notes", to(back)).await.unwrap();
        assert!(changed.secret.is_some());
        assert_eq!(core.store.reader().app_secrets(app.id).await.unwrap().len(), 1);
        let audit = world.actions().await;
        assert_eq!(
            audit,
            [
                "app.added",
                "app.secret_added",
                "app.secret_removed",
                "app.changed",
                "app.changed"
            ],
            "{}",
            world.name
        );
    }
}

#[tokio::test]
async fn an_app_is_switched_off_and_on_and_removed() {
    for world in World::each().await {
        let core = &world.core;
        let app = register_app(core, lee(), notes()).await.unwrap().app;
        for _ in 0..2 {
            assert!(
                disable_app(core, lee(), "acme-notes")
                    .await
                    .unwrap()
                    .disabled_at
                    .is_some()
            );
        }
        assert_eq!(
            enable_app(core, lee(), "acme-notes").await.unwrap().disabled_at,
            None
        );
        invite_guest(
            core,
            lee(),
            Invite {
                email: "anna@contoso.test".into(),
                app: "acme-notes".into(),
                terms: InvitationTerms::by("Lee"),
                ..Invite::default()
            },
        )
        .await
        .unwrap();
        remove_app(core, lee(), "acme-notes").await.unwrap();
        assert_eq!(core.store.reader().app(app.id).await.unwrap(), None);
        let gone = enable_app(core, lee(), "acme-notes").await;
        assert!(matches!(gone, Err(ActionError::NotFound { .. })), "{gone:?}");
        // The client ID is free again.
        register_app(core, lee(), notes()).await.unwrap();
        let audit = world.audit().await;
        let removed = audit.iter().find(|event| event.action == "app.removed").unwrap();
        assert!(removed.details.contains("acme-notes"), "{}", removed.details);
        assert_eq!(
            audit
                .iter()
                .filter(|event| event.action == "app.disabled")
                .count(),
            1
        );
    }
}

/// Sign-ins go on while an app is removed: whichever of the two PostgreSQL ends, the removal is done in the end.
#[tokio::test]
async fn an_app_is_removed_in_the_middle_of_sign_ins() {
    for world in World::each().await {
        if world.name != "PostgreSQL" {
            // SQLite has one writer at a time: there is no middle.
            continue;
        }
        let core = &world.core;
        let app = register_app(core, lee(), notes()).await.unwrap().app;
        let (before, during) = (samples::sign_in(&app), samples::sign_in(&app));
        let tx = core.store.begin().await.unwrap();
        tx.insert_sign_in(&before).await.unwrap();
        tx.commit().await.unwrap();

        // It refers to the app, and the removal waits for it …
        let tx = core.store.begin().await.unwrap();
        tx.insert_sign_in(&during).await.unwrap();
        let removal = tokio::spawn({
            let core = core.clone();
            async move { remove_app(&core, lee(), "acme-notes").await }
        });
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        // … while it waits for a row that the removal has taken.
        match tx.lock_sign_in(before.id).await {
            Ok(_) => tx.commit().await.unwrap(),
            Err(error) => assert!(error.is_crossed(), "{error:?}"),
        }
        removal.await.unwrap().unwrap();
        assert_eq!(core.store.reader().app(app.id).await.unwrap(), None);
        assert_eq!(core.store.reader().sign_in(during.id).await.unwrap(), None);
    }
}
