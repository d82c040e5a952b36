//! Apps.

use chrono::TimeDelta;
use domain::app::{
    AccessRule, App, AppAuthentication, AppSecret, Pkce, SecretMethod, SigningAlgorithm, logo::Logo,
};
use test_support::{databases, samples};

use crate::{assert_conflict, assert_corrupt, begin};

/// One app of every shape.
fn apps() -> Vec<App> {
    let shape = |client_id: &str, authentication, access, signing_algorithm| App {
        client_id: client_id.to_owned(),
        name: client_id.to_uppercase(),
        authentication,
        access,
        signing_algorithm,
        ..samples::app()
    };
    let domains = AccessRule::Domain(vec!["contoso.test".to_owned(), "xn--mnchen-3ya.test".to_owned()]);
    let jwks = r#"{"keys":[]}"#.to_owned();
    vec![
        shape(
            "a",
            AppAuthentication::Secret(SecretMethod::Any),
            AccessRule::Invited,
            SigningAlgorithm::Rs256,
        ),
        shape(
            "b",
            AppAuthentication::Secret(SecretMethod::Post),
            domains,
            SigningAlgorithm::Es256,
        ),
        shape(
            "c",
            AppAuthentication::PrivateKeyJwt { jwks, strict: true },
            AccessRule::AnyGuest,
            SigningAlgorithm::EdDsa,
        ),
        App {
            home: None,
            owner: Some(samples::email("lee@acme.test")),
            contact: Some(samples::email("notes@acme.test")),
            logo: Some("0123.png".to_owned()),
            redirect_uris: vec![],
            post_logout_redirect_uris: vec!["com.example.app:/out?x=\"ü\"".to_owned()],
            asks_consent: true,
            offline_access: false,
            inviters: domain::inviter::Inviters::Sponsors,
            pkce: Pkce::Optional,
            id_token_claims: true,
            dev: true,
            disabled_at: Some(samples::now()),
            ..shape(
                "d",
                AppAuthentication::None,
                AccessRule::Invited,
                SigningAlgorithm::Ps256,
            )
        },
    ]
}

#[tokio::test]
async fn every_shape_comes_back_as_it_went_in() {
    for db in databases().await {
        let tx = begin(&db).await;
        for app in apps() {
            tx.insert_app(&app).await.unwrap();
            assert_eq!(tx.app(app.id).await.unwrap().as_ref(), Some(&app), "{}", db.name);
            let found = tx.app_by_client_id(&app.client_id).await.unwrap();
            assert_eq!(found, Some(app), "{}", db.name);
        }
        tx.commit().await.unwrap();
        let names: Vec<String> = db
            .store
            .reader()
            .apps()
            .await
            .unwrap()
            .into_iter()
            .map(|app| app.name)
            .collect();
        assert_eq!(names, ["A", "B", "C", "D"], "{}", db.name);
        assert_eq!(
            db.store.reader().app_by_client_id("A").await.unwrap(),
            None,
            "case counts"
        );
    }
}

#[tokio::test]
async fn an_update_changes_every_column() {
    for db in databases().await {
        let apps = apps();
        let tx = begin(&db).await;
        tx.insert_app(&apps[1]).await.unwrap();
        let changed = App {
            id: apps[1].id,
            ..apps[3].clone()
        };
        tx.update_app(&changed).await.unwrap();
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        assert_eq!(
            reader.app(changed.id).await.unwrap(),
            Some(changed),
            "{}",
            db.name
        );
        assert_eq!(reader.app_by_client_id("b").await.unwrap(), None, "{}", db.name);
    }
}

#[tokio::test]
async fn a_client_id_belongs_to_one_app() {
    for db in databases().await {
        let tx = begin(&db).await;
        tx.insert_app(&samples::app()).await.unwrap();
        assert_conflict(tx.insert_app(&samples::app()).await);
    }
}

#[tokio::test]
async fn illegal_rows_are_named() {
    let cases = [
        ("authentication = 'password'", "authentication"),
        ("pkce = 'perhaps'", "pkce"),
        ("inviters = 'perhaps'", "inviters"),
        ("authentication = 'private_key_jwt'", "jwks"),
        ("access = 'everyone'", "access"),
        ("access = 'domain', access_domains = '{'", "access_domains"),
        ("redirect_uris = 'https://notes.example'", "redirect_uris"),
        ("post_logout_redirect_uris = '[1]'", "post_logout_redirect_uris"),
        ("home = 'nowhere'", "home"),
        ("signing_algorithm = 'none'", "signing_algorithm"),
    ];
    for db in databases().await {
        for (i, (change, column)) in cases.into_iter().enumerate() {
            let client_id = format!("app-{i}");
            let tx = begin(&db).await;
            tx.insert_app(&App {
                client_id: client_id.clone(),
                ..samples::app()
            })
            .await
            .unwrap();
            tx.commit().await.unwrap();
            let sql = format!("UPDATE apps SET {change} WHERE client_id = '{client_id}'");
            db.store.run_raw(&sql).await.unwrap();
            assert_corrupt(
                db.store.reader().app_by_client_id(&client_id).await,
                ("apps", column),
            );
        }
    }
}

#[tokio::test]
async fn secrets_come_and_go_and_tell_when_they_were_used() {
    for db in databases().await {
        let (app, other) = (
            samples::app(),
            App {
                client_id: "other".into(),
                ..samples::app()
            },
        );
        let secret = |app: &App, n: i64| AppSecret {
            id: samples::id(),
            app: app.id,
            hash: samples::secret().hash(),
            created_at: samples::now() + TimeDelta::seconds(n),
            last_used_at: None,
        };
        let (first, second) = (secret(&app, 0), secret(&app, 1));
        let tx = begin(&db).await;
        tx.insert_app(&app).await.unwrap();
        tx.insert_app(&other).await.unwrap();
        for secret in [&second, &first, &secret(&other, 0)] {
            tx.insert_app_secret(secret).await.unwrap();
        }
        assert_eq!(
            tx.app_secrets(app.id).await.unwrap(),
            [first.clone(), second.clone()],
            "{}",
            db.name
        );
        // To the hour: a use within it writes nothing.
        for (minutes, noted) in [(0, 0), (59, 0), (61, 61)] {
            let at = samples::now() + TimeDelta::minutes(minutes);
            tx.note_secret_use(first.id, at).await.unwrap();
            let used = tx.app_secrets(app.id).await.unwrap()[0].last_used_at;
            assert_eq!(
                used,
                Some(samples::now() + TimeDelta::minutes(noted)),
                "{}",
                db.name
            );
        }
        assert!(
            !tx.remove_app_secret(other.id, first.id).await.unwrap(),
            "another app's"
        );
        assert!(tx.remove_app_secret(app.id, first.id).await.unwrap());
        assert_eq!(tx.app_secrets(app.id).await.unwrap(), [second]);
        tx.remove_app(app.id).await.unwrap();
        assert_eq!(tx.app(app.id).await.unwrap(), None);
        assert!(tx.app_secrets(app.id).await.unwrap().is_empty(), "{}", db.name);
        assert_eq!(tx.app_secrets(other.id).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_logo_comes_back_and_goes_with_its_app() {
    for db in databases().await {
        let app = samples::app();
        let tx = begin(&db).await;
        tx.insert_app(&app).await.unwrap();
        assert_eq!(tx.app_logo(app.id).await.unwrap(), None);
        for rest in ["one", "another"] {
            let file = [b"\x89PNG\r\n\x1a\n", rest.as_bytes()].concat();
            let logo = Logo::parse(file).unwrap();
            tx.put_app_logo(app.id, Some(logo.clone())).await.unwrap();
            assert_eq!(tx.app_logo(app.id).await.unwrap(), Some(logo), "{}", db.name);
        }
        tx.put_app_logo(app.id, None).await.unwrap();
        assert_eq!(tx.app_logo(app.id).await.unwrap(), None);
        let logo = Logo::parse(vec![0xff, 0xd8, 0xff]).unwrap();
        tx.put_app_logo(app.id, Some(logo)).await.unwrap();
        tx.remove_app(app.id).await.unwrap();
        assert_eq!(tx.app_logo(app.id).await.unwrap(), None, "{}", db.name);
    }
}
