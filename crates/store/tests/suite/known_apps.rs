//! The apps that a process holds in memory.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use domain::{
    access::{Access, AccessRefusal},
    app::{AccessRule, App, AppSecret},
    grant::AccessToken,
};
use store::Store;
use test_support::{databases, samples};

use crate::{begin, grants::granted};

async fn name(store: &Store, app: &App) -> Option<String> {
    let known = store.known_client(&app.client_id).await.unwrap();
    known.map(|known| known.app.name.clone())
}

#[tokio::test]
async fn an_app_is_read_once_until_it_changes_here() {
    for db in databases().await {
        let mut app = samples::app();
        assert_eq!(name(&db.store, &app).await, None, "{}", db.name);
        let tx = begin(&db).await;
        tx.insert_app(&app).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(name(&db.store, &app).await, Some(app.name.clone()), "{}", db.name);

        db.store.take_statements();
        assert_eq!(name(&db.store, &app).await, Some(app.name.clone()));
        assert!(db.store.known_app(app.id).await.unwrap().is_some());
        assert_eq!(db.store.take_statements(), Vec::<String>::new(), "{}", db.name);

        app.name = "Another".into();
        let tx = begin(&db).await;
        tx.update_app(&app).await.unwrap();
        assert_ne!(
            name(&db.store, &app).await,
            Some(app.name.clone()),
            "not committed"
        );
        tx.commit().await.unwrap();
        assert_eq!(name(&db.store, &app).await, Some(app.name.clone()), "{}", db.name);

        let tx = begin(&db).await;
        tx.remove_app(app.id).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(name(&db.store, &app).await, None, "{}", db.name);
        assert!(db.store.known_app(app.id).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_secret_counts_from_its_commit_to_its_removal() {
    for db in databases().await {
        let app = samples::app();
        let secret = AppSecret {
            id: samples::id(),
            app: app.id,
            hash: samples::secret().hash(),
            created_at: samples::now(),
            last_used_at: None,
        };
        let tx = begin(&db).await;
        tx.insert_app(&app).await.unwrap();
        tx.commit().await.unwrap();
        let secrets = async || {
            let known = db.store.known_app(app.id).await.unwrap().unwrap();
            known.secrets.clone()
        };
        assert_eq!(secrets().await, [], "{}", db.name);

        let tx = begin(&db).await;
        tx.insert_app_secret(&secret).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(secrets().await, std::slice::from_ref(&secret), "{}", db.name);

        let tx = begin(&db).await;
        tx.note_secret_use(secret.id, samples::now()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(
            secrets().await[0].last_used_at,
            Some(samples::now()),
            "{}",
            db.name
        );

        let tx = begin(&db).await;
        assert!(tx.remove_app_secret(app.id, secret.id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(secrets().await, [], "{}", db.name);
    }
}

#[tokio::test]
async fn what_another_process_changed_is_seen_within_a_second() {
    for db in databases().await {
        let other = db.reopen(samples::master_keys()).await.unwrap();
        let mut app = samples::app();
        let tx = begin(&db).await;
        tx.insert_app(&app).await.unwrap();
        tx.commit().await.unwrap();
        assert!(name(&other, &app).await.is_some(), "{}", db.name);

        app.name = "Another".into();
        let tx = begin(&db).await;
        tx.update_app(&app).await.unwrap();
        tx.commit().await.unwrap();
        // A machine under load may take longer; what never comes fails.
        let until = Instant::now() + Duration::from_secs(20);
        while name(&other, &app).await.as_ref() != Some(&app.name) {
            assert!(Instant::now() < until, "{}: the change is never seen", db.name);
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn what_another_process_switched_off_or_narrowed_counts_at_once() {
    for db in databases().await {
        let other = db.reopen(samples::master_keys()).await.unwrap();
        let stored = granted(&db, "openid offline_access").await;
        let mut app = App {
            access: AccessRule::AnyGuest,
            ..stored.app.clone()
        };
        let token = AccessToken {
            hash: samples::secret().hash(),
            grant: stored.grant.id,
            scopes: stored.grant.scopes.clone(),
            issued_at: samples::now(),
            expires_at: samples::now() + TimeDelta::minutes(10),
        };
        let change = async |app: &App| {
            let tx = begin(&db).await;
            tx.update_app(app).await.unwrap();
            tx.commit().await.unwrap();
        };
        let tx = begin(&db).await;
        tx.insert_access_token(&token).await.unwrap();
        tx.commit().await.unwrap();
        let access = async || {
            let held = other.reader().held_access(&token.hash).await.unwrap().unwrap();
            held.admission.access(&held.guest, samples::now())
        };
        change(&app).await;
        assert!(name(&other, &app).await.is_some(), "held in memory");
        assert_eq!(access().await, Access::Allow, "{}", db.name);
        app.disabled_at = Some(samples::now());
        change(&app).await;
        let off = Access::Refuse(AccessRefusal::AppDisabled);
        assert_eq!(access().await, off, "{}", db.name);
        app.disabled_at = None;
        app.access = AccessRule::Invited;
        change(&app).await;
        let not_invited = Access::Refuse(AccessRefusal::NotInvited);
        assert_eq!(access().await, not_invited, "{}", db.name);
    }
}
