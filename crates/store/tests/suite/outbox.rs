//! Mail waiting to leave: claimed by one worker, not lost with it, never sent too late.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use store::{MailKind, MailLease, MailState, MethodChange, OutboxMail};
use test_support::{databases, samples};

use crate::{assert_corrupt, begin, sign_ins::race};

const LEASE: TimeDelta = TimeDelta::seconds(60);

pub(crate) fn mail(minutes: i64) -> OutboxMail {
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

pub(crate) fn at(minutes: i64) -> DateTime<Utc> {
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
        let claimed = tx.claim_mail(at(0), LEASE, 10, None).await.unwrap();
        let taken = |mail: &OutboxMail| OutboxMail {
            attempts: 1,
            due_at: at(1),
            ..mail.clone()
        };
        assert_eq!(
            claimed,
            [taken(&invitation), taken(&first), taken(&second)],
            "{}",
            db.name
        );
        assert_eq!(tx.claim_mail(at(0), LEASE, 10, None).await.unwrap(), []);
        assert_eq!(
            tx.mail_waiting().await.unwrap().due_at,
            Some(at(1)),
            "the end of the claims, before what is due later"
        );
        // The worker died: its lease runs out.
        assert_eq!(tx.claim_mail(at(2), LEASE, 10, None).await.unwrap().len(), 3);
        assert!(tx.mail_sent(first.id, at(2)).await.unwrap());
        assert!(!tx.mail_sent(first.id, at(2)).await.unwrap());
        tx.mail_retry(second.id, at(4), "451 later").await.unwrap();
        assert!(tx.mail_given_up(invitation.id, at(2), "550 no").await.unwrap());
        let again = tx.claim_mail(at(5), LEASE, 10, None).await.unwrap();
        let ids: Vec<_> = again.iter().map(|mail| mail.id).collect();
        assert_eq!(ids, [second.id, later.id]);
        assert_eq!(again[0].state, MailState::Pending);
    }
}

#[tokio::test]
async fn a_mail_may_go_to_an_address_that_its_guest_had() {
    for db in databases().await {
        let tx = begin(&db).await;
        let mut sent = Vec::new();
        for (change, recipient) in [
            (MethodChange::Reset, None),
            (MethodChange::Moved, None),
            (
                MethodChange::FormerAddress,
                Some(samples::email("Anna@contoso.test")),
            ),
            (MethodChange::NewAddress, None),
            (MethodChange::PasskeyAdded, None),
        ] {
            let guest = samples::id();
            let mail = OutboxMail {
                kind: MailKind::MethodChanged { guest, change },
                recipient,
                ..mail(-1)
            };
            tx.enqueue(&mail).await.unwrap();
            sent.push((mail.kind, mail.recipient));
        }
        let claimed = tx.claim_mail(at(0), LEASE, 10, None).await.unwrap();
        for mail in sent {
            assert!(
                claimed
                    .iter()
                    .any(|taken| (taken.kind, taken.recipient.clone()) == mail),
                "{}: {mail:?}",
                db.name
            );
        }
    }
}

#[tokio::test]
async fn what_would_come_too_late_is_given_up() {
    for db in databases().await {
        let mail = mail(0);
        let tx = begin(&db).await;
        tx.enqueue(&mail).await.unwrap();
        assert_eq!(
            tx.mail_waiting().await.unwrap().due_at,
            Some(mail.due_at),
            "{}",
            db.name
        );
        assert_eq!(tx.give_up_overdue(at(29)).await.unwrap().len(), 0);
        assert_eq!(tx.claim_mail(at(30), LEASE, 10, None).await.unwrap(), []);
        assert_eq!(tx.give_up_overdue(at(30)).await.unwrap()[0].id, mail.id);
        assert_eq!(tx.mail_waiting().await.unwrap().due_at, None);
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
            for claimed in race(&db, async |tx| {
                tx.claim_mail(at(0), LEASE, 7, None).await.unwrap()
            })
            .await
            {
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

/// As if it had been claimed: nobody else finds it before the lease ends, or its holder is known to have ended.
#[tokio::test]
async fn what_is_held_from_the_start_comes_back_with_its_lease() {
    for db in databases().await {
        let tx = begin(&db).await;
        let lease = MailLease {
            holder: Some("a process".into()),
            until: at(0) + LEASE,
        };
        let (held, _) = tx.enqueue_held(&mail(0), &lease).await.unwrap();
        assert_eq!((held.attempts, held.due_at), (1, lease.until));
        let just_before = lease.until - TimeDelta::milliseconds(1);
        assert_eq!(tx.claim_mail(just_before, LEASE, 10, None).await.unwrap(), []);
        let holders = tx.mail_holders(just_before).await.unwrap();
        assert_eq!(holders, ["a process"], "{}", db.name);
        let early = at(0) + LEASE / 2;
        assert_eq!(tx.release_mail_of("a process", early).await.unwrap(), 1);
        let claimed = tx.claim_mail(early, LEASE, 10, None).await.unwrap();
        assert_eq!(claimed.iter().map(|mail| mail.attempts).collect::<Vec<_>>(), [2]);
        assert!(tx.mail_sent(held.id, early).await.unwrap());

        let (held, _) = tx.enqueue_held(&mail(0), &lease).await.unwrap();
        let claimed = tx.claim_mail(lease.until, LEASE, 1, None).await.unwrap();
        assert_eq!(claimed[0].id, held.id, "{}", db.name);
        assert!(tx.release_mail(held.id, at(2)).await.unwrap());
        let claimed = tx.claim_mail(at(2), LEASE, 1, None).await.unwrap();
        assert_eq!(claimed[0].id, held.id, "{}", db.name);
        assert!(tx.mail_sent(held.id, at(2)).await.unwrap());
        for ended in [held.id, samples::id()] {
            assert!(!tx.release_mail(ended, at(2)).await.unwrap(), "{}", db.name);
        }
    }
}

#[tokio::test]
async fn what_a_worker_holds_is_not_in_the_way_and_not_given_up() {
    for db in databases().await {
        let (held, fresh) = (mail(0), mail(29));
        let tx = begin(&db).await;
        tx.enqueue(&held).await.unwrap();
        assert_eq!(tx.claim_mail(at(29), LEASE * 5, 10, None).await.unwrap().len(), 1);
        tx.enqueue(&fresh).await.unwrap();
        assert_eq!(
            tx.mail_waiting().await.unwrap().due_at,
            Some(at(29)),
            "{}",
            db.name
        );
        let claimed = tx.claim_mail(at(29), LEASE, 10, None).await.unwrap();
        assert_eq!(claimed.iter().map(|mail| mail.id).collect::<Vec<_>>(), [fresh.id]);
        // Its deadline passes while it is on its way; only when the claim ends is it lost.
        assert_eq!(tx.give_up_overdue(at(31)).await.unwrap(), []);
        let lost = tx.give_up_overdue(at(34)).await.unwrap();
        assert_eq!(
            lost.iter().map(|mail| (mail.id, mail.state)).collect::<Vec<_>>(),
            [(held.id, MailState::GivenUp)]
        );
    }
}

#[tokio::test]
async fn one_of_eight_gives_up_what_is_overdue() {
    for db in databases().await {
        let tx = begin(&db).await;
        for _ in 0..10 {
            tx.enqueue(&mail(-60)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let given_up = race(&db, async |tx| tx.give_up_overdue(at(0)).await.unwrap()).await;
        let ids: Vec<_> = given_up.iter().flatten().map(|mail| mail.id).collect();
        let distinct: BTreeSet<_> = ids.iter().collect();
        assert_eq!((ids.len(), distinct.len()), (10, 10), "{}", db.name);
    }
}

#[tokio::test]
async fn an_illegal_mail_is_named() {
    for db in databases().await {
        let tx = begin(&db).await;
        tx.enqueue(&mail(0)).await.unwrap();
        tx.commit().await.unwrap();
        for (column, illegal, legal) in [("kind", "'fax'", "'passcode'"), ("number", "-1", "1")] {
            db.store
                .run_raw(&format!("UPDATE outbox SET {column} = {illegal}"))
                .await
                .unwrap();
            assert_corrupt(
                begin(&db).await.claim_mail(at(0), LEASE, 1, None).await,
                ("outbox", column),
            );
            db.store
                .run_raw(&format!("UPDATE outbox SET {column} = {legal}"))
                .await
                .unwrap();
        }
    }
}

/// What waits in the order of its time, what ended newest first, and no suppressed mail in either.
#[tokio::test]
async fn mails_are_listed_as_they_stand() {
    for db in databases().await {
        let (early, late, sent, failed) = (mail(-2), mail(-1), mail(-3), mail(-4));
        let invitation = OutboxMail {
            kind: MailKind::Invitation {
                invitation: samples::id(),
            },
            ..mail(5)
        };
        let tx = begin(&db).await;
        for mail in [&late, &early, &sent, &failed, &invitation] {
            tx.enqueue(mail).await.unwrap();
        }
        tx.enqueue_suppressed(&mail(-1)).await.unwrap();
        tx.mail_retry(late.id, at(3), "not now: 450").await.unwrap();
        tx.mail_given_up(failed.id, at(1), "refused: 550").await.unwrap();
        tx.mail_sent(sent.id, at(2)).await.unwrap();
        let list = async |state, max| {
            let listed = tx.mails(state, max).await.unwrap().into_iter();
            listed
                .map(|listed| (listed.mail.id, listed.ended_at, listed.last_error))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            list(MailState::Pending, 10).await,
            [
                (early.id, None, None),
                (late.id, None, Some("not now: 450".into())),
                (invitation.id, None, None)
            ],
            "{}",
            db.name
        );
        assert_eq!(list(MailState::Pending, 1).await.len(), 1);
        assert_eq!(list(MailState::Sent, 10).await, [(sent.id, Some(at(2)), None)]);
        assert_eq!(
            list(MailState::GivenUp, 10).await,
            [(failed.id, Some(at(1)), Some("refused: 550".into()))]
        );
        assert_eq!(list(MailState::Suppressed, 10).await, []);
        let MailKind::Invitation { invitation: id } = invitation.kind else {
            panic!("{invitation:?}");
        };
        assert!(tx.is_invitation_mail_waiting(id).await.unwrap());
        tx.mail_sent(invitation.id, at(6)).await.unwrap();
        assert!(!tx.is_invitation_mail_waiting(id).await.unwrap(), "{}", db.name);
    }
}
