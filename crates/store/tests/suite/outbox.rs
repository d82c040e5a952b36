//! The outbox, and the sweeping of what has lived its time.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::rate::Limit;
use store::{MailKind, MailState, OutboxMail, SeenAs};
use test_support::{databases, samples};

use crate::{app_and_guest, begin, sign_ins::race};

const LEASE: TimeDelta = TimeDelta::seconds(60);

fn mail(minutes: i64) -> OutboxMail {
    let due = samples::now() + TimeDelta::minutes(minutes);
    let kind = MailKind::Passcode {
        challenge: samples::id(),
        send: 1,
    };
    OutboxMail::new(
        samples::id(),
        kind,
        Some("de".into()),
        due,
        due + TimeDelta::minutes(30),
    )
}

fn at(minutes: i64) -> DateTime<Utc> {
    samples::now() + TimeDelta::minutes(minutes)
}

#[tokio::test]
async fn what_is_due_is_claimed_in_order_and_by_one() {
    for db in databases().await {
        let (first, second, later) = (mail(-2), mail(-1), mail(5));
        let invitation = OutboxMail {
            kind: MailKind::Invitation {
                invitation: samples::id(),
            },
            ..mail(-3)
        };
        let tx = begin(&db).await;
        for mail in [&second, &later, &first, &invitation] {
            tx.enqueue(mail).await.unwrap();
        }
        tx.enqueue_suppressed(&mail(-1)).await.unwrap();
        let claimed = tx.claim_mail(at(0), LEASE, 10).await.unwrap();
        let taken = |mail: &OutboxMail| OutboxMail {
            attempts: 1,
            ..mail.clone()
        };
        assert_eq!(
            claimed,
            [taken(&invitation), taken(&first), taken(&second)],
            "{}",
            db.name
        );
        assert_eq!(tx.claim_mail(at(0), LEASE, 10).await.unwrap(), []);
        // The worker died: its lease runs out.
        assert_eq!(tx.claim_mail(at(2), LEASE, 10).await.unwrap().len(), 3);
        assert!(tx.mail_sent(first.id, at(2)).await.unwrap());
        assert!(!tx.mail_sent(first.id, at(2)).await.unwrap());
        tx.mail_retry(second.id, at(4), "451 later").await.unwrap();
        assert!(tx.mail_given_up(invitation.id, at(2), "550 no").await.unwrap());
        let again = tx.claim_mail(at(5), LEASE, 10).await.unwrap();
        let ids: Vec<_> = again.iter().map(|mail| mail.id).collect();
        assert_eq!(ids, [second.id, later.id]);
        assert_eq!(again[0].state, MailState::Pending);
    }
}

#[tokio::test]
async fn what_would_come_too_late_is_given_up() {
    for db in databases().await {
        let mail = mail(0);
        let tx = begin(&db).await;
        tx.enqueue(&mail).await.unwrap();
        assert_eq!(
            tx.next_mail_due().await.unwrap(),
            Some(mail.due_at),
            "{}",
            db.name
        );
        assert_eq!(tx.give_up_overdue(at(29)).await.unwrap().len(), 0);
        assert_eq!(tx.claim_mail(at(30), LEASE, 10).await.unwrap(), []);
        assert_eq!(tx.give_up_overdue(at(30)).await.unwrap()[0].id, mail.id);
        assert_eq!(tx.next_mail_due().await.unwrap(), None);
    }
}

#[tokio::test]
async fn workers_never_share_a_mail() {
    for db in databases().await {
        let tx = begin(&db).await;
        for _ in 0..100 {
            tx.enqueue(&mail(-1)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut seen = BTreeSet::new();
        let mut count = 0;
        for _ in 0..4 {
            for claimed in race(&db, async |tx| tx.claim_mail(at(0), LEASE, 7).await.unwrap()).await {
                count += claimed.len();
                seen.extend(claimed.iter().map(|mail| mail.id));
            }
        }
        assert_eq!((count, seen.len()), (100, 100), "{}", db.name);
    }
}

#[tokio::test]
async fn the_transport_is_down_since_it_first_failed() {
    for db in databases().await {
        let tx = begin(&db).await;
        assert!(tx.set_mail_transport(true, at(0)).await.unwrap());
        assert!(!tx.set_mail_transport(true, at(5)).await.unwrap());
        assert_eq!(
            tx.mail_transport_down_since().await.unwrap(),
            Some(at(0)),
            "{}",
            db.name
        );
        assert!(tx.set_mail_transport(false, at(6)).await.unwrap());
        assert_eq!(tx.mail_transport_down_since().await.unwrap(), None);
    }
}

#[tokio::test]
async fn sweeping_takes_what_is_over_and_leaves_what_lives() {
    for db in databases().await {
        let (app, guest) = app_and_guest(&db).await;
        let (old, new) = (samples::sign_in(&app), samples::sign_in(&app));
        let old = domain::sign_in::SignIn {
            expires_at: at(-1),
            ..old
        };
        let session = samples::session(&guest);
        let tx = begin(&db).await;
        for sign_in in [&old, &new] {
            tx.insert_sign_in(sign_in).await.unwrap();
            tx.insert_challenge(&samples::challenge(sign_in, "anna@contoso.test"))
                .await
                .unwrap();
        }
        tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
            .await
            .unwrap();
        tx.take("a", "b", Limit::per_hour(1), at(-61)).await.unwrap();
        tx.take("c", "d", Limit::per_hour(1), at(-59)).await.unwrap();
        tx.commit().await.unwrap();

        let tx = begin(&db).await;
        assert_eq!(tx.sweep(at(0), 100).await.unwrap(), 2, "{}", db.name);
        assert_eq!(tx.sign_in(old.id).await.unwrap(), None);
        assert!(tx.sign_in(new.id).await.unwrap().is_some());
        assert!(
            !tx.peek("c", "d", Limit::per_hour(1), at(0))
                .await
                .unwrap()
                .is_allowed()
        );
        assert!(tx.session(session.id).await.unwrap().is_some());
        assert_eq!(
            tx.sweep(at(60 * 24 * 100), 100).await.unwrap(),
            3,
            "the sign-in, the counter, the session"
        );
        assert_eq!(tx.session(session.id).await.unwrap(), None);
    }
}
