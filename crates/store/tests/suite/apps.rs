//! Apps.

use domain::app::{AccessRule, App, AppAuthentication, SigningAlgorithm};
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
            AppAuthentication::SecretBasic(samples::secret().hash()),
            AccessRule::Invited,
            SigningAlgorithm::Rs256,
        ),
        shape(
            "b",
            AppAuthentication::SecretPost(samples::secret().hash()),
            domains,
            SigningAlgorithm::Es256,
        ),
        shape(
            "c",
            AppAuthentication::PrivateKeyJwt { jwks },
            AccessRule::AnyGuest,
            SigningAlgorithm::EdDsa,
        ),
        App {
            home: None,
            redirect_uris: vec![],
            post_logout_redirect_uris: vec!["com.example.app:/out?x=\"ü\"".to_owned()],
            asks_consent: true,
            offline_access: false,
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
        ("secret_hash = NULL", "secret_hash"),
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
