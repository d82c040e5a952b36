//! Grants and what belongs to them.

use chrono::TimeDelta;
use domain::{
    Id, SecretHash,
    app::App,
    authorization::Scopes,
    grant::{AccessToken, AuthorizationCode, Consent, Grant, RefreshToken},
    guest::Guest,
    session::Session,
    sign_in::SignIn,
};
use store::{CodeState, Redeemed, SeenAs};
use test_support::{TestDatabase, databases, samples};

use crate::{app_and_guest, assert_corrupt, begin, sign_ins::race};

pub(crate) struct Stored {
    pub(crate) app: App,
    guest: Guest,
    pub(crate) session: Session,
    sign_in: SignIn,
    pub(crate) grant: Grant,
    pub(crate) code: AuthorizationCode,
}

/// A grant with everything that it stands on.
pub(crate) async fn granted(db: &TestDatabase, scopes: &str) -> Stored {
    let (app, guest) = app_and_guest(db).await;
    let (session, sign_in) = (samples::session(&guest), samples::sign_in(&app));
    let grant = Grant {
        scopes: Scopes::parse(scopes),
        ..samples::grant(&app, &session)
    };
    let tx = begin(db).await;
    tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
        .await
        .unwrap();
    tx.insert_sign_in(&sign_in).await.unwrap();
    let code = samples::authorization_code();
    tx.insert_grant(
        &grant,
        &code,
        Some(sign_in.id),
        samples::now() + TimeDelta::days(30),
    )
    .await
    .unwrap();
    tx.commit().await.unwrap();
    Stored {
        app,
        guest,
        session,
        sign_in,
        grant,
        code,
    }
}

pub(crate) fn refresh_token(grant: Id<Grant>) -> RefreshToken {
    RefreshToken {
        hash: samples::secret().hash(),
        grant,
        expires_at: samples::now() + TimeDelta::days(30),
    }
}

#[tokio::test]
async fn a_code_stands_for_its_grant_and_is_redeemed_once() {
    for db in databases().await {
        let stored = granted(&db, "openid email").await;
        let code = stored.code.clone();
        let tx = begin(&db).await;
        assert_eq!(
            tx.code_state_of_sign_in(samples::id()).await.unwrap(),
            CodeState::None
        );
        assert_eq!(
            tx.code_state_of_sign_in(stored.sign_in.id).await.unwrap(),
            CodeState::Unredeemed
        );
        match tx
            .redeem_code(&code.hash, stored.grant.app, samples::now())
            .await
            .unwrap()
        {
            Redeemed::Fresh(found) => {
                let (presented, family) = *found;
                assert_eq!(presented, code, "{}", db.name);
                let stands_for = (family.grant, family.session, family.guest);
                assert_eq!(stands_for, (stored.grant.clone(), stored.session, stored.guest));
            }
            other => panic!("{}: {other:?}", db.name),
        }
        assert_eq!(
            tx.code_state_of_sign_in(stored.sign_in.id).await.unwrap(),
            CodeState::Redeemed
        );
        let again = tx
            .redeem_code(&code.hash, stored.grant.app, samples::now())
            .await
            .unwrap();
        assert!(
            matches!(again, Redeemed::Reused(grant) if grant == stored.grant.id),
            "{again:?}"
        );
        let unknown = tx
            .redeem_code(&samples::secret().hash(), stored.grant.app, samples::now())
            .await
            .unwrap();
        assert!(matches!(unknown, Redeemed::Unknown));
    }
}

#[tokio::test]
async fn another_apps_code_is_left_alone() {
    for db in databases().await {
        let stored = granted(&db, "openid email").await;
        let code = stored.code.clone();
        let tx = begin(&db).await;
        let (ours, other) = (stored.grant.app, domain::Id::from_uuid(stored.guest.id.uuid()));
        let redeem = async |app| tx.redeem_code(&code.hash, app, samples::now()).await.unwrap();
        assert!(matches!(redeem(other).await, Redeemed::WrongApp), "{}", db.name);
        assert!(matches!(redeem(ours).await, Redeemed::Fresh(_)), "{}", db.name);
        assert!(
            matches!(redeem(other).await, Redeemed::WrongApp),
            "{}: spent",
            db.name
        );
        assert!(matches!(redeem(ours).await, Redeemed::Reused(_)), "{}", db.name);
    }
}

#[tokio::test]
async fn eight_racers_redeem_a_code_once() {
    for db in databases().await {
        let stored = granted(&db, "openid").await;
        let code = stored.code.clone();
        let tx = begin(&db).await;
        tx.commit().await.unwrap();
        let all = race(&db, async |tx| {
            tx.redeem_code(&code.hash, stored.grant.app, samples::now())
                .await
                .unwrap()
        })
        .await;
        assert_eq!(
            all.iter().filter(|one| matches!(one, Redeemed::Fresh(_))).count(),
            1,
            "{}",
            db.name
        );
        assert_eq!(
            all.iter()
                .filter(|one| matches!(one, Redeemed::Reused(_)))
                .count(),
            7,
            "{}",
            db.name
        );
    }
}

#[tokio::test]
async fn eight_racers_spend_a_refresh_token_once() {
    for db in databases().await {
        let stored = granted(&db, "openid offline_access").await;
        let token = refresh_token(stored.grant.id);
        let tx = begin(&db).await;
        tx.insert_refresh_token(&token).await.unwrap();
        tx.commit().await.unwrap();
        let found = db.store.reader().refresh_token(&token.hash).await.unwrap();
        assert_eq!(found, Some((token.clone(), stored.grant.clone(), None)));
        let all = race(&db, async |tx| {
            tx.spend_refresh_token(&token.hash, stored.grant.app, samples::now())
                .await
                .unwrap()
        })
        .await;
        assert_eq!(
            all.iter().filter(|&&is_spent| is_spent).count(),
            1,
            "{} of {}",
            db.name,
            all.len()
        );
        let found = db.store.reader().refresh_token(&token.hash).await.unwrap();
        assert_eq!(found.map(|(_, _, spent)| spent), Some(Some(samples::now())));
    }
}

#[tokio::test]
async fn a_lost_answer_revokes_what_was_not_redeemed() {
    for db in databases().await {
        let stored = granted(&db, "openid").await;
        let tx = begin(&db).await;
        assert_eq!(
            tx.revoke_unredeemed_codes(stored.sign_in.id, samples::now())
                .await
                .unwrap(),
            1,
            "{}",
            db.name
        );
        let grant = tx.grant(stored.grant.id).await.unwrap().unwrap();
        assert_eq!(grant.revoked_at, Some(samples::now()));
        assert_eq!(
            tx.code_state_of_sign_in(stored.sign_in.id).await.unwrap(),
            CodeState::None
        );
    }
}

#[tokio::test]
async fn an_access_token_knows_its_grant() {
    for db in databases().await {
        let stored = granted(&db, "openid email").await;
        let token = AccessToken {
            hash: samples::secret().hash(),
            grant: stored.grant.id,
            scopes: Scopes::parse("openid"),
            issued_at: samples::now(),
            expires_at: samples::now() + TimeDelta::minutes(10),
        };
        let tx = begin(&db).await;
        tx.insert_access_token(&token).await.unwrap();
        let found = tx.access_token(&token.hash).await.unwrap();
        assert_eq!(found, Some((token.clone(), stored.grant)), "{}", db.name);
        assert!(tx.revoke_access_token(&token.hash).await.unwrap());
        assert!(!tx.revoke_access_token(&token.hash).await.unwrap());
        assert_eq!(tx.access_token(&SecretHash([9; 32])).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_ends_with_a_session_and_what_goes_on() {
    for db in databases().await {
        let stored = granted(&db, "openid").await;
        let offline = Grant {
            id: samples::id(),
            scopes: Scopes::parse("openid offline_access"),
            ..stored.grant.clone()
        };
        let tx = begin(&db).await;
        tx.insert_grant(
            &offline,
            &samples::authorization_code(),
            None,
            samples::now() + TimeDelta::days(30),
        )
        .await
        .unwrap();
        let ended = tx
            .revoke_grants_of_session(stored.session.id, samples::now(), true)
            .await
            .unwrap();
        assert_eq!(ended, [stored.grant.id], "{}", db.name);

        // Somebody else's stays; that of a session that has ended does not.
        let bo = samples::guest("bo@contoso.test");
        tx.insert_guest(&bo).await.unwrap();
        let session = samples::session(&bo);
        tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
            .await
            .unwrap();
        let others = samples::grant(&stored.app, &session);
        let code = samples::authorization_code();
        let until = samples::now() + TimeDelta::days(30);
        tx.insert_grant(&others, &code, None, until).await.unwrap();
        tx.end_session(stored.session.id, samples::now()).await.unwrap();
        assert_eq!(
            tx.revoke_grants_of_guest(stored.guest.id, samples::now())
                .await
                .unwrap(),
            [offline.id]
        );
        assert!(!tx.revoke_grant(offline.id, samples::now()).await.unwrap());
        assert!(tx.revoke_grant(others.id, samples::now()).await.unwrap());
    }
}

#[tokio::test]
async fn a_consent_takes_the_place_of_the_last() {
    for db in databases().await {
        let stored = granted(&db, "openid").await;
        let mut consent = Consent {
            guest: stored.guest.id,
            app: stored.app.id,
            scopes: Scopes::parse("openid"),
            granted_at: samples::now(),
        };
        let tx = begin(&db).await;
        assert_eq!(tx.consent(stored.guest.id, stored.app.id).await.unwrap(), None);
        tx.put_consent(&consent).await.unwrap();
        consent.scopes = Scopes::parse("openid email");
        tx.put_consent(&consent).await.unwrap();
        assert_eq!(
            tx.consent(stored.guest.id, stored.app.id).await.unwrap(),
            Some(consent),
            "{}",
            db.name
        );
    }
}

#[tokio::test]
async fn what_a_revoked_grant_gave_shows_that_it_is_revoked() {
    for db in databases().await {
        let stored = granted(&db, "openid offline_access").await;
        let (code, refresh) = (stored.code.clone(), refresh_token(stored.grant.id));
        let access = AccessToken {
            hash: samples::secret().hash(),
            grant: stored.grant.id,
            scopes: Scopes::parse("openid"),
            issued_at: samples::now(),
            expires_at: samples::now() + TimeDelta::minutes(10),
        };
        let tx = begin(&db).await;
        tx.insert_access_token(&access).await.unwrap();
        tx.insert_refresh_token(&refresh).await.unwrap();
        assert!(tx.revoke_grant(stored.grant.id, samples::now()).await.unwrap());
        let revoked = Some(samples::now());
        let (_, grant) = tx.access_token(&access.hash).await.unwrap().unwrap();
        assert_eq!(grant.revoked_at, revoked, "{}", db.name);
        let (_, grant, _) = tx.refresh_token(&refresh.hash).await.unwrap().unwrap();
        assert_eq!(grant.revoked_at, revoked);
        match tx
            .redeem_code(&code.hash, stored.grant.app, samples::now())
            .await
            .unwrap()
        {
            Redeemed::Fresh(found) => assert_eq!(found.1.grant.revoked_at, revoked),
            other => panic!("{other:?}"),
        }
        let held = tx.held_access(&access.hash).await.unwrap().unwrap();
        assert_eq!(held.grant.revoked_at, revoked);
        let is_spent = tx
            .spend_refresh_token(&refresh.hash, stored.grant.app, samples::now())
            .await;
        assert!(!is_spent.unwrap(), "a token of a grant that has ended");
        let held = tx.held_refresh(&refresh.hash).await.unwrap().unwrap();
        assert_eq!((held.family.grant.revoked_at, held.spent_at), (revoked, None));
    }
}

#[tokio::test]
async fn an_illegal_row_of_the_family_is_named() {
    for db in databases().await {
        let stored = granted(&db, "openid").await;
        for (table, column, illegal, legal) in [
            ("guests", "status", "'vip'", "'invited'"),
            ("sessions", "method", "'palmistry'", "'passcode'"),
            ("grants", "method", "'palmistry'", "'passcode'"),
            ("grants", "challenge", "'short'", "'short'"),
        ] {
            let code = stored.code.clone();
            let tx = begin(&db).await;
            tx.commit().await.unwrap();
            let set = async |value| {
                let sql = format!("UPDATE {table} SET {column} = {value}");
                db.store.run_raw(&sql).await.unwrap();
            };
            set(illegal).await;
            let result = begin(&db)
                .await
                .redeem_code(&code.hash, stored.grant.app, samples::now())
                .await;
            assert_corrupt(result, (table, column));
            set(legal).await;
        }
    }
}
