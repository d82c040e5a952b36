//! The audit log.

use chrono::TimeDelta;
use domain::audit::{Action, Actor, AuditEvent};
use store::AuditQuery;
use test_support::{databases, samples};

use crate::begin;

#[tokio::test]
async fn a_record_repeats_its_event() {
    for db in databases().await {
        let (guest, app, sign_in) = (samples::id(), samples::id(), samples::id());
        let event = AuditEvent::new(Action::AccessRefused, Actor::Guest(guest))
            .guest(guest)
            .app(app)
            .sign_in(sign_in)
            .reason("not_invited")
            .detail("language", "de")
            .detail("quote", "\"ü\"");
        let tx = begin(&db).await;
        tx.record(event, samples::now()).await.unwrap();
        tx.record(
            AuditEvent::new(Action::KeyCreated, Actor::Operator("lee".to_owned())),
            samples::now(),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        let records = db
            .store
            .reader()
            .audit_search(&AuditQuery::default())
            .await
            .unwrap();
        let [bare, full] = &records[..] else {
            panic!("{}: {records:?}", db.name)
        };
        assert_eq!(
            (full.at, &*full.action),
            (samples::now(), "access.refused"),
            "{}",
            db.name
        );
        assert_eq!(
            (&*full.actor_kind, full.actor.clone()),
            ("guest", Some(guest.to_string()))
        );
        assert_eq!(
            (full.guest, full.app, full.sign_in),
            (Some(guest), Some(app), Some(sign_in))
        );
        assert_eq!(full.reason.as_deref(), Some("not_invited"), "{}", db.name);
        assert_eq!(
            full.details, r#"{"language":"de","quote":"\"ü\""}"#,
            "{}",
            db.name
        );
        assert_eq!(
            (&*bare.actor_kind, bare.actor.as_deref()),
            ("operator", Some("lee"))
        );
        assert_eq!(
            (bare.guest, bare.app, bare.sign_in),
            (None, None, None),
            "{}",
            db.name
        );
        assert_eq!(bare.details, "{}", "{}", db.name);
    }
}

#[tokio::test]
async fn events_of_one_millisecond_keep_their_order() {
    for db in databases().await {
        let tx = begin(&db).await;
        // More than one statement writes.
        for i in 0..600 {
            let event = AuditEvent::new(Action::CodeWrong, Actor::Visitor).reason(i.to_string());
            tx.record(event, samples::now()).await.unwrap();
        }
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        let query = AuditQuery {
            limit: 600,
            ..AuditQuery::default()
        };
        let reasons: Vec<String> = reader
            .audit_search(&query)
            .await
            .unwrap()
            .into_iter()
            .filter_map(|record| record.reason)
            .collect();
        let expected: Vec<String> = (0..600).rev().map(|i| i.to_string()).collect();
        assert_eq!(reasons, expected, "{}", db.name);
        let unlimited = reader.audit_search(&AuditQuery::default()).await.unwrap();
        assert_eq!(unlimited.len(), 100, "{}", db.name);
    }
}

#[tokio::test]
async fn filters_narrow_the_search() {
    for db in databases().await {
        let (anna, bea) = (samples::id(), samples::id());
        let (notes, other) = (samples::id(), samples::id());
        let (first, second) = (samples::id(), samples::id());
        let tx = begin(&db).await;
        for (hour, action, guest, app, sign_in) in [
            (0, Action::CodeRequested, anna, notes, first),
            (1, Action::CodeWrong, anna, notes, first),
            (2, Action::CodeOk, anna, other, second),
            (3, Action::SessionStarted, bea, notes, second),
        ] {
            let event = AuditEvent::new(action, Actor::Visitor)
                .guest(guest)
                .app(app)
                .sign_in(sign_in);
            tx.record(event, samples::now() + TimeDelta::hours(hour))
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        let hours = async |query: AuditQuery| -> Vec<i64> {
            let records = reader.audit_search(&query).await.unwrap();
            records
                .iter()
                .map(|record| (record.at - samples::now()).num_hours())
                .collect()
        };
        let all = AuditQuery::default;
        let action = |prefix: &str| AuditQuery {
            action: Some(prefix.to_owned()),
            ..all()
        };
        let at = |hours| Some(samples::now() + TimeDelta::hours(hours));
        assert_eq!(hours(all()).await, [3, 2, 1, 0], "{}", db.name);
        assert_eq!(hours(action("guest.signin.code")).await, [2, 1, 0], "{}", db.name);
        assert_eq!(hours(action("guest.signin.code.wrong")).await, [1], "{}", db.name);
        assert_eq!(hours(action("guest.signin.c%")).await, [0; 0], "{}", db.name);
        for (query, expected) in [
            (
                AuditQuery {
                    guest: Some(anna),
                    ..all()
                },
                vec![2, 1, 0],
            ),
            (
                AuditQuery {
                    app: Some(notes),
                    ..all()
                },
                vec![3, 1, 0],
            ),
            (
                AuditQuery {
                    sign_in: Some(second),
                    ..all()
                },
                vec![3, 2],
            ),
            (
                AuditQuery {
                    since: at(1),
                    ..all()
                },
                vec![3, 2, 1],
            ),
            (
                AuditQuery {
                    until: at(1),
                    ..all()
                },
                vec![0],
            ),
            (
                AuditQuery {
                    since: at(1),
                    until: at(3),
                    ..all()
                },
                vec![2, 1],
            ),
            (AuditQuery { limit: 1, ..all() }, vec![3]),
            (
                AuditQuery {
                    guest: Some(anna),
                    app: Some(notes),
                    limit: 1,
                    ..action("guest")
                },
                vec![1],
            ),
        ] {
            assert_eq!(hours(query.clone()).await, expected, "{}: {query:?}", db.name);
        }
    }
}

/// The help desk finds who calls by the reference on their page, and by an address that is in no directory, of which
/// nothing can be read; and what was typed wrong before anybody was the guest.
#[tokio::test]
async fn who_calls_is_found_by_reference_and_by_address() {
    for db in databases().await {
        let app = samples::app();
        let sign_in = samples::sign_in(&app);
        let (anna, guest) = (samples::email("Anna@contoso.test"), samples::id());
        let tx = begin(&db).await;
        tx.insert_app(&app).await.unwrap();
        tx.insert_sign_in(&sign_in).await.unwrap();
        let within = |action| AuditEvent::new(action, Actor::Visitor).sign_in(sign_in.id);
        let asked = within(Action::CodeRequested).mailbox(&anna);
        tx.record(asked, samples::now()).await.unwrap();
        tx.record(within(Action::CodeWrong), samples::now())
            .await
            .unwrap();
        tx.record(within(Action::CodeOk).guest(guest), samples::now())
            .await
            .unwrap();
        let elsewhere = AuditEvent::new(Action::CodeWrong, Actor::Visitor).sign_in(samples::id());
        tx.record(elsewhere, samples::now()).await.unwrap();
        tx.commit().await.unwrap();
        let found = async |query: AuditQuery| db.store.reader().audit_search(&query).await.unwrap().len();
        let by_reference = AuditQuery {
            reference: Some(sign_in.reference.as_str().to_owned()),
            ..AuditQuery::default()
        };
        assert_eq!(found(by_reference).await, 3, "{}", db.name);
        for (address, count) in [("anna@CONTOSO.test", 3), ("bob@contoso.test", 0)] {
            let by_address = AuditQuery {
                mailbox: Some(samples::email(address)),
                ..AuditQuery::default()
            };
            assert_eq!(found(by_address).await, count, "{}: {address}", db.name);
        }
        let by_guest = AuditQuery {
            guest: Some(guest),
            ..AuditQuery::default()
        };
        assert_eq!(found(by_guest).await, 3, "{}: the wrong code too", db.name);
        let records = db
            .store
            .reader()
            .audit_search(&AuditQuery::default())
            .await
            .unwrap();
        assert!(
            !format!("{records:?}").to_lowercase().contains("anna"),
            "nothing readable is kept"
        );
        // The sign-in is swept, and its reference is still known.
        assert!(
            records
                .iter()
                .any(|record| record.reference.as_deref() == Some(sign_in.reference.as_str()))
        );
    }
}
