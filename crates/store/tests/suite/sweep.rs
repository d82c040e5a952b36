//! Sweeping takes what is over, leaves what lives, and never takes more than it was told.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    Id, SecretHash,
    grant::{AccessToken, Grant},
    rate::Limit,
    sign_in::SignIn,
};
use store::{Redeemed, SeenAs, Tx};
use test_support::{databases, samples};

use crate::{
    app_and_guest, begin,
    grants::{granted, refresh_token},
    outbox::{at, mail},
};

fn days(days: i64) -> DateTime<Utc> {
    at(days * 24 * 60)
}

#[tokio::test]
async fn unfinished_sign_ins_go_with_their_challenges() {
    for db in databases().await {
        let (app, _) = app_and_guest(&db).await;
        let new = samples::sign_in(&app);
        let old = SignIn {
            expires_at: at(-1),
            ..samples::sign_in(&app)
        };
        let challenges = [&old, &new].map(|sign_in| samples::challenge(sign_in, "anna@contoso.test"));
        let tx = begin(&db).await;
        for (sign_in, challenge) in [&old, &new].into_iter().zip(&challenges) {
            tx.insert_sign_in(sign_in).await.unwrap();
            tx.insert_challenge(challenge).await.unwrap();
        }
        assert_eq!(tx.sweep(at(0), 100).await.unwrap(), 1, "{}", db.name);
        assert_eq!(tx.sign_in(old.id).await.unwrap(), None);
        assert_eq!(tx.challenge(challenges[0].id).await.unwrap(), None);
        assert_eq!(tx.sign_in(new.id).await.unwrap(), Some(new));
        assert_eq!(
            tx.challenge(challenges[1].id).await.unwrap().as_ref(),
            Some(&challenges[1])
        );
    }
}

#[tokio::test]
async fn counters_mails_and_devices_go_when_their_time_is_over() {
    for db in databases().await {
        let limit = Limit::per_hour(1);
        let (sent, lost, waiting) = (mail(0), mail(0), mail(0));
        let (device, email) = (samples::secret().hash(), samples::email("anna@contoso.test"));
        let tx = begin(&db).await;
        tx.take("a", "b", limit, at(-61)).await.unwrap();
        tx.take("c", "d", limit, at(-59)).await.unwrap();
        for mail in [&sent, &lost, &waiting] {
            tx.enqueue(mail).await.unwrap();
        }
        tx.enqueue_suppressed(&mail(0)).await.unwrap();
        tx.mail_sent(sent.id, at(0)).await.unwrap();
        tx.mail_given_up(lost.id, at(0), "550").await.unwrap();
        tx.remember_device(&device, &email, at(0)).await.unwrap();

        assert_eq!(
            tx.sweep(at(0), 100).await.unwrap(),
            1,
            "{}: the older counter",
            db.name
        );
        let counted = tx.peek_all(&[("c", "d", limit)], at(0)).await.unwrap();
        assert!(!counted[0].is_allowed());
        assert_eq!(tx.sweep(days(6), 100).await.unwrap(), 1, "the other counter");
        assert_eq!(
            tx.sweep(days(7), 100).await.unwrap(),
            3,
            "sent, given up, never to be sent"
        );
        assert_eq!(
            tx.mail_waiting().await.unwrap().due_at,
            Some(waiting.due_at),
            "what waits stays"
        );
        assert_eq!(tx.sweep(days(179), 100).await.unwrap(), 0);
        assert!(tx.knows_device(&device, &email, days(179)).await.unwrap());
        assert_eq!(tx.sweep(days(180), 100).await.unwrap(), 1, "the device");
    }
}

async fn insert_access_token(tx: &Tx, grant: Id<Grant>, expires_at: DateTime<Utc>) -> SecretHash {
    let token = AccessToken {
        hash: samples::secret().hash(),
        grant,
        scopes: samples::request().scopes,
        issued_at: samples::now(),
        expires_at,
    };
    tx.insert_access_token(&token).await.unwrap();
    token.hash
}

#[tokio::test]
async fn a_reuse_is_recognised_for_as_long_as_the_grant_could_live() {
    for db in databases().await {
        // Until day 30.
        let stored = granted(&db, "openid offline_access").await;
        let (code, token) = (stored.code.clone(), refresh_token(stored.grant.id));
        let tx = begin(&db).await;
        tx.insert_refresh_token(&token).await.unwrap();
        tx.redeem_code(&code.hash, stored.grant.app, at(0)).await.unwrap();
        tx.spend_refresh_token(&token.hash, stored.grant.app, at(1))
            .await
            .unwrap();
        let over = insert_access_token(&tx, stored.grant.id, at(10)).await;
        let live = insert_access_token(&tx, stored.grant.id, at(20)).await;

        assert_eq!(
            tx.sweep(at(10), 100).await.unwrap(),
            1,
            "{}: an access token",
            db.name
        );
        assert_eq!(tx.access_token(&over).await.unwrap(), None);
        assert!(tx.access_token(&live).await.unwrap().is_some());

        tx.revoke_grant(stored.grant.id, at(11)).await.unwrap();
        tx.sweep(days(30), 100).await.unwrap();
        let again = tx
            .redeem_code(&code.hash, stored.grant.app, days(30))
            .await
            .unwrap();
        assert!(
            matches!(again, Redeemed::Reused(grant) if grant == stored.grant.id),
            "{again:?}"
        );
        let held = tx.held_refresh(&token.hash).await.unwrap().unwrap();
        assert_eq!(
            (held.family.grant.id, held.spent_at),
            (stored.grant.id, Some(at(1)))
        );

        assert_eq!(
            tx.sweep(days(31), 100).await.unwrap(),
            1,
            "the grant, and all of it"
        );
        let again = tx
            .redeem_code(&code.hash, stored.grant.app, days(31))
            .await
            .unwrap();
        assert!(matches!(again, Redeemed::Unknown), "{again:?}");
        assert!(tx.held_refresh(&token.hash).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_session_stays_while_a_grant_of_it_does() {
    for db in databases().await {
        // The session ends on day 1 and would go on day 61.
        let stored = granted(&db, "openid").await;
        let lasting = Grant {
            id: samples::id(),
            ..stored.grant.clone()
        };
        let tx = begin(&db).await;
        tx.insert_grant(&lasting, &samples::authorization_code(), None, days(100))
            .await
            .unwrap();
        tx.sweep(days(61), 100).await.unwrap();
        assert_eq!(tx.grant(stored.grant.id).await.unwrap(), None, "{}", db.name);
        assert!(tx.session(stored.session.id).await.unwrap().is_some());
        assert_eq!(
            tx.sweep(days(101), 100).await.unwrap(),
            2,
            "the last grant, and the session"
        );
        assert_eq!(tx.session(stored.session.id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_batch_is_bounded_and_takes_the_oldest_first() {
    for db in databases().await {
        let (_, guest) = app_and_guest(&db).await;
        let tx = begin(&db).await;
        let mut sessions = Vec::new();
        for day in 1..=5 {
            let mut session = samples::session(&guest);
            session.expires_at = samples::now() - TimeDelta::days(60 + day);
            tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
                .await
                .unwrap();
            sessions.push(session.id);
        }
        assert_eq!(tx.sweep(at(0), 2).await.unwrap(), 2, "{}", db.name);
        for (place, id) in sessions.iter().enumerate() {
            assert_eq!(
                tx.session(*id).await.unwrap().is_some(),
                place < 3,
                "{}: {place}",
                db.name
            );
        }
        assert_eq!(tx.sweep(at(0), 2).await.unwrap(), 2);
        assert_eq!(tx.sweep(at(0), 2).await.unwrap(), 1);
        assert_eq!(tx.sweep(at(0), 2).await.unwrap(), 0);
    }
}
