//! Passkeys of guests, and challenges that are answered once.

use chrono::TimeDelta;
use domain::{
    passkey::{Ceremony, CeremonyPurpose, Passkey, PasskeyKind},
    session::{Authentication, Means, Session},
};
use store::SeenAs;
use test_support::{databases, samples};

use crate::{app_and_guest, assert_conflict, assert_corrupt, begin, sign_ins::race};

fn ceremony(purpose: CeremonyPurpose, state: &str) -> Ceremony {
    Ceremony {
        purpose,
        options: "{\"challenge\":\"AAAA\"}".into(),
        state: state.into(),
        ends_at: samples::now() + TimeDelta::minutes(5),
    }
}

#[tokio::test]
async fn a_passkey_is_kept_used_and_removed() {
    for db in databases().await {
        let (_, anna) = app_and_guest(&db).await;
        let bound = Passkey {
            kind: PasskeyKind::Bound,
            created_at: samples::now() + TimeDelta::seconds(1),
            ..samples::passkey(&anna)
        };
        let synced = samples::passkey(&anna);
        let tx = begin(&db).await;
        tx.insert_passkey(&bound).await.unwrap();
        tx.insert_passkey(&synced).await.unwrap();
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        assert_eq!(
            reader.passkeys_of(anna.id).await.unwrap(),
            [synced.clone(), bound.clone()],
            "{}: oldest first",
            db.name
        );
        assert!(reader.passkeys_of(samples::id()).await.unwrap().is_empty());
        assert_eq!(
            reader.passkey(&bound.credential_id).await.unwrap(),
            Some(bound.clone())
        );
        assert_eq!(reader.passkey(b"another").await.unwrap(), None);

        let later = samples::now() + TimeDelta::hours(1);
        let tx = begin(&db).await;
        tx.passkey_used(bound.id, "{\"counter\":2}", later).await.unwrap();
        assert!(!tx.remove_passkey(samples::id(), synced.id).await.unwrap());
        assert!(tx.remove_passkey(anna.id, synced.id).await.unwrap());
        tx.commit().await.unwrap();
        let used = Passkey {
            credential: "{\"counter\":2}".into(),
            used_at: Some(later),
            ..bound.clone()
        };
        assert_eq!(reader.passkeys_of(anna.id).await.unwrap(), [used]);

        let tx = begin(&db).await;
        let same_credential = Passkey {
            id: samples::id(),
            ..bound
        };
        assert_conflict(tx.insert_passkey(&same_credential).await);
        drop(tx);
        let tx = begin(&db).await;
        assert_eq!(tx.remove_passkeys_of(anna.id).await.unwrap(), 1);
        assert_eq!(tx.remove_passkeys_of(anna.id).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_challenge_is_taken_once_by_one_of_eight() {
    for db in databases().await {
        let (app, _) = app_and_guest(&db).await;
        let sign_in = samples::sign_in(&app);
        let tx = begin(&db).await;
        tx.insert_sign_in(&sign_in).await.unwrap();
        for state in ["first", "second"] {
            tx.keep_ceremony(sign_in.id, &ceremony(CeremonyPurpose::Use, state))
                .await
                .unwrap();
        }
        tx.keep_ceremony(sign_in.id, &ceremony(CeremonyPurpose::Make, "other"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        let waiting = db
            .store
            .reader()
            .ceremony(sign_in.id, CeremonyPurpose::Use)
            .await
            .unwrap();
        assert!(
            waiting == Some(ceremony(CeremonyPurpose::Use, "second")),
            "{}: the newest",
            db.name
        );

        let taken = race(&db, async |tx| {
            tx.take_ceremony(sign_in.id, CeremonyPurpose::Use).await.unwrap()
        })
        .await;
        assert_eq!(taken.iter().flatten().count(), 1, "{}", db.name);
        let other = db
            .store
            .reader()
            .ceremony(sign_in.id, CeremonyPurpose::Make)
            .await
            .unwrap();
        assert!(other.is_some(), "{}: each purpose has its own", db.name);
    }
}

#[tokio::test]
async fn sessions_remember_the_passkey() {
    for db in databases().await {
        let (_, anna) = app_and_guest(&db).await;
        let tx = begin(&db).await;
        for means in [
            Means::Code,
            Means::Passkey(PasskeyKind::Bound),
            Means::Passkey(PasskeyKind::Synced),
        ] {
            let session = samples::session(&anna);
            let session = Session {
                authentication: Authentication {
                    means,
                    ..session.authentication
                },
                ..session
            };
            tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
                .await
                .unwrap();
            assert_eq!(
                tx.session(session.id).await.unwrap(),
                Some(session),
                "{}",
                db.name
            );
        }
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_row_with_a_proof_that_there_is_not_is_named() {
    for db in databases().await {
        let (_, anna) = app_and_guest(&db).await;
        let session = samples::session(&anna);
        let tx = begin(&db).await;
        tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for (change, column) in [
            ("passkey = 'quantum'", "passkey"),
            (
                "passkey = 'synced', method = 'federation', method_upstream = guest",
                "passkey",
            ),
            (
                "passkey = NULL, method = 'passcode', method_upstream = NULL, mfa = TRUE",
                "mfa",
            ),
            ("passkey = 'synced'", "mfa"),
        ] {
            let sql = format!("UPDATE sessions SET {change}");
            db.store.run_raw(&sql).await.unwrap();
            let read = db.store.reader().session(session.id).await;
            assert_corrupt(read, ("sessions", column));
        }
    }
}
