//! Guests.

use chrono::TimeDelta;
use domain::{
    guest::{Guest, GuestStatus},
    method::Method,
    upstream::UpstreamKind,
};
use store::GuestFilter;
use test_support::{databases, samples};

use crate::{assert_conflict, assert_corrupt, begin};

#[tokio::test]
async fn comes_back_as_it_went_in_and_is_found_by_its_three_names() {
    for db in databases().await {
        let plain = samples::guest("Anna.Berg+notes@Contoso.test");
        let full = Guest {
            name: Some("Zoë «Z» O'Neil".to_owned()),
            language: Some("de".to_owned()),
            valid_until: Some(samples::now() + TimeDelta::days(9)),
            pinned_method: Some(Method::Upstream(UpstreamKind::Tenant, samples::id())),
            method: Some(Method::Upstream(UpstreamKind::Provider, samples::id())),
            ..samples::active_guest("zoe@xn--mnchen-3ya.test")
        };
        let tx = begin(&db).await;
        tx.insert_guest(&plain).await.unwrap();
        tx.insert_guest(&full).await.unwrap();
        tx.commit().await.unwrap();
        let reader = db.store.reader();
        for guest in [plain, full] {
            assert_eq!(
                reader.guest(guest.id).await.unwrap().as_ref(),
                Some(&guest),
                "{}",
                db.name
            );
            let shouted = samples::email(&guest.email.as_str().to_uppercase());
            assert_eq!(
                reader.guest_by_email(&shouted).await.unwrap(),
                Some(guest),
                "{}",
                db.name
            );
        }
        let without_tag = samples::email("anna.berg@contoso.test");
        assert_eq!(
            reader.guest_by_email(&without_tag).await.unwrap(),
            None,
            "{}",
            db.name
        );
    }
}

#[tokio::test]
async fn saving_changes_every_column_that_may_change() {
    for db in databases().await {
        let before = samples::guest("anna@contoso.test");
        let after = Guest {
            id: before.id,
            subject: before.subject.clone(),
            pinned_method: Some(Method::Passcode),
            ..samples::active_guest("anna@fabrikam.test")
        };
        let tx = begin(&db).await;
        tx.insert_guest(&before).await.unwrap();
        assert_eq!(
            tx.lock_guest(before.id).await.unwrap(),
            Some(before.clone()),
            "{}",
            db.name
        );
        tx.save_guest(&after).await.unwrap();
        assert_eq!(
            tx.lock_guest(before.id).await.unwrap(),
            Some(after),
            "{}",
            db.name
        );
        assert_eq!(
            tx.guest_by_email(&before.email).await.unwrap(),
            None,
            "{}",
            db.name
        );
        assert_eq!(tx.lock_guest(samples::id()).await.unwrap(), None, "{}", db.name);
    }
}

#[tokio::test]
async fn an_address_and_a_subject_belong_to_one_guest() {
    for db in databases().await {
        let anna = samples::guest("anna@contoso.test");
        let tx = begin(&db).await;
        tx.insert_guest(&anna).await.unwrap();
        tx.commit().await.unwrap();

        let tx = begin(&db).await;
        assert_conflict(tx.insert_guest(&samples::guest("ANNA@contoso.test")).await);
        drop(tx);
        let tx = begin(&db).await;
        let thief = Guest {
            subject: anna.subject.clone(),
            ..samples::guest("eve@contoso.test")
        };
        assert_conflict(tx.insert_guest(&thief).await);
    }
}

#[tokio::test]
async fn lists_by_address_status_and_part_of_a_name() {
    for db in databases().await {
        let named = |guest: Guest, name: &str| Guest {
            name: Some(name.to_owned()),
            ..guest
        };
        let tx = begin(&db).await;
        for guest in [
            named(samples::guest("carl@contoso.test"), "Carl 100%"),
            named(samples::active_guest("Bea_b@contoso.test"), "Bea"),
            named(samples::active_guest("anna@fabrikam.test"), "Anna BERG"),
        ] {
            tx.insert_guest(&guest).await.unwrap();
        }
        let list = async |search: Option<&str>, status, limit| -> Vec<String> {
            let filter = GuestFilter {
                search: search.map(str::to_owned),
                status,
                limit,
                ..GuestFilter::default()
            };
            let guests = tx.guests(&filter).await.unwrap();
            guests.iter().map(|guest| guest.email.key()).collect()
        };
        let (anna, bea, carl) = ("anna@fabrikam.test", "bea_b@contoso.test", "carl@contoso.test");
        assert_eq!(list(None, None, 9).await, [anna, bea, carl], "{}", db.name);
        assert_eq!(list(None, None, 2).await, [anna, bea], "{}", db.name);
        assert_eq!(
            list(None, Some(GuestStatus::Active), 9).await,
            [anna, bea],
            "{}",
            db.name
        );
        assert_eq!(list(Some("CONTOSO"), None, 9).await, [bea, carl], "{}", db.name);
        assert_eq!(list(Some("berg"), None, 9).await, [anna], "{}", db.name);
        assert_eq!(
            list(Some("contoso"), Some(GuestStatus::Invited), 9).await,
            [carl],
            "{}",
            db.name
        );
        // The wildcards of LIKE are letters here.
        assert_eq!(list(Some("%"), None, 9).await, [carl], "{}", db.name);
        assert_eq!(list(Some("_"), None, 9).await, [bea], "{}", db.name);
        assert_eq!(list(Some("\\"), None, 9).await, [""; 0], "{}", db.name);
    }
}

#[tokio::test]
async fn illegal_rows_are_named() {
    let cases = [
        ("email = 'nobody'", "email"),
        ("status = 'away'", "status"),
        ("pinned_method = 'oracle'", "pinned_method"),
        ("method = 'federation'", "method"),
    ];
    for db in databases().await {
        for (i, (change, column)) in cases.into_iter().enumerate() {
            let guest = samples::guest(&format!("guest-{i}@contoso.test"));
            let tx = begin(&db).await;
            tx.insert_guest(&guest).await.unwrap();
            tx.commit().await.unwrap();
            let sql = format!("UPDATE guests SET {change} WHERE email_key = 'guest-{i}@contoso.test'");
            db.store.run_raw(&sql).await.unwrap();
            assert_corrupt(db.store.reader().guest(guest.id).await, ("guests", column));
        }
    }
}

#[tokio::test]
async fn guests_of_a_domain_and_of_a_method() {
    for db in databases().await {
        let contoso = samples::tenant("contoso", &[]);
        let by = |address: &str, method: Method| Guest {
            method: Some(method),
            ..samples::active_guest(address)
        };
        let anna = by("anna@contoso.test", Method::Passcode);
        let ben = by("ben@contoso.test", contoso.method());
        let below = by(
            "anna@mail.contoso.test",
            Method::Upstream(UpstreamKind::Tenant, samples::id()),
        );
        let invited = samples::guest("new@contoso.test");
        let tx = begin(&db).await;
        for guest in [&anna, &ben, &below, &invited] {
            tx.insert_guest(guest).await.unwrap();
        }
        let all = GuestFilter {
            limit: 100,
            ..GuestFilter::default()
        };
        let in_domain = GuestFilter {
            domain: Some("contoso.test".into()),
            ..all.clone()
        };
        for (filter, expected) in [
            (in_domain.clone(), vec![&anna, &ben, &invited]),
            (
                GuestFilter {
                    redeemed: true,
                    ..in_domain
                },
                vec![&anna, &ben],
            ),
            (
                GuestFilter {
                    domain: Some("contoso_test".into()),
                    ..all.clone()
                },
                vec![],
            ),
            (
                GuestFilter {
                    method: Some("federation"),
                    ..all.clone()
                },
                vec![&below, &ben],
            ),
            (
                GuestFilter {
                    exactly: Some(contoso.method()),
                    ..all.clone()
                },
                vec![&ben],
            ),
            (
                GuestFilter {
                    exactly: Some(Method::Passcode),
                    ..all.clone()
                },
                vec![&anna],
            ),
        ] {
            let found = tx.guests(&filter).await.unwrap();
            let found: Vec<&str> = found.iter().map(|guest| guest.email.as_str()).collect();
            let expected: Vec<&str> = expected.iter().map(|guest| guest.email.as_str()).collect();
            assert_eq!(found, expected, "{}: {filter:?}", db.name);
        }
    }
}

#[tokio::test]
async fn all_guests_come_in_the_order_of_their_ids() {
    for db in databases().await {
        let guests: Vec<_> = (0..5)
            .map(|number| samples::guest(&format!("g{}@contoso.test", 9 - number)))
            .collect();
        let tx = begin(&db).await;
        for guest in &guests {
            tx.insert_guest(guest).await.unwrap();
        }
        tx.commit().await.unwrap();
        let mut ids: Vec<_> = guests.iter().map(|guest| guest.id).collect();
        ids.sort();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = db.store.reader().guests_behind(after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            assert!(page.len() <= 2);
            found.extend(page.into_iter().map(|guest| guest.id));
        }
        assert_eq!(found, ids, "{}", db.name);
    }
}
