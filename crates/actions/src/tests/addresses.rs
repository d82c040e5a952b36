//! A guest whose address changes.

use domain::{guest::Guest, method::Method};
use store::{MailKind, MethodChange};
use test_support::samples;

use super::{resets::employee, *};

async fn changed(world: &World, guest: &Guest, to: &str) -> Result<(), ActionError> {
    change_address(&world.core, lee(), guest.id, &samples::email(to)).await
}

#[tokio::test]
async fn another_address_keeps_the_guest_and_proves_nothing() {
    for world in World::each().await {
        let before = employee(&world, "anna@contoso.test").await;
        let core = &world.core;
        pin_method(core, lee(), before.id, before.method).await.unwrap();
        changed(&world, &before, "Anna@Fabrikam.test").await.unwrap();

        let reader = core.store.reader();
        let after = reader.guest(before.id).await.unwrap().unwrap();
        assert_eq!(after.email.as_str(), "Anna@fabrikam.test", "{}", world.name);
        assert_eq!((&after.subject, after.status), (&before.subject, before.status));
        assert_eq!(
            (after.method, after.email_proven_at),
            (None, None),
            "{}",
            world.name
        );
        assert_eq!(after.pinned_method, None, "contoso cannot speak for fabrikam");
        assert!(
            !reader
                .has_account(before.id, before.method.and_then(Method::upstream).unwrap())
                .await
                .unwrap()
        );
        let former = reader.guest_by_email(&before.email).await.unwrap();
        assert!(former.is_none(), "{}: the former address is nobody's", world.name);

        let record = world.audit().await.pop().unwrap();
        assert_eq!(record.action, "guest.address.changed");
        for detail in [
            r#""was":"federation""#,
            r#""tenant":"contoso""#,
            r#""sessions_ended":"1""#,
            r#""unpinned":"true""#,
        ] {
            assert!(record.details.contains(detail), "{}", record.details);
        }

        let tx = core.store.begin().await.unwrap();
        let lease = chrono::TimeDelta::minutes(1);
        let mut mails: Vec<_> = tx
            .claim_mail(core.now(), lease, 10, None)
            .await
            .unwrap()
            .into_iter()
            .map(|mail| (mail.kind, mail.recipient))
            .collect();
        mails.sort_by_key(|(_, recipient)| recipient.is_none());
        let mail = |change| MailKind::MethodChanged {
            guest: before.id,
            change,
        };
        assert_eq!(
            mails,
            [
                (mail(MethodChange::FormerAddress), Some(before.email.clone())),
                (mail(MethodChange::NewAddress), None),
            ],
            "{}",
            world.name
        );
    }
}

#[tokio::test]
async fn a_pin_stays_where_it_speaks_for_the_new_address() {
    for world in World::each().await {
        let guest = employee(&world, "anna@contoso.test").await;
        pin_method(&world.core, lee(), guest.id, Some(Method::Passcode))
            .await
            .unwrap();
        changed(&world, &guest, "anna@fabrikam.test").await.unwrap();
        let after = world.core.store.reader().guest(guest.id).await.unwrap().unwrap();
        assert_eq!(after.pinned_method, Some(Method::Passcode), "{}", world.name);
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_theirs_changes_nothing() {
    for mut world in World::each().await {
        let mut settings = (*world.core.settings).clone();
        settings.resolution.usual.refused_domains = vec!["refused.test".into()];
        world.core = test_support::core_with(world.database.store.clone(), world.clock.clone(), settings);
        let guest = employee(&world, "anna@contoso.test").await;
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_guest(&samples::active_guest("bo@fabrikam.test"))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        for (address, words) in [
            ("bo@fabrikam.test", "another guest has this address"),
            ("anna@contoso.test", "has this address already"),
            ("anna@refused.test", "refused_domains"),
        ] {
            let said = changed(&world, &guest, address).await.unwrap_err();
            assert!(
                matches!(&said, ActionError::Conflict(text) if text.contains(words)),
                "{said:?}"
            );
        }
        let after = world.core.store.reader().guest(guest.id).await.unwrap().unwrap();
        assert_eq!(after, guest, "{}", world.name);
        assert_eq!(world.actions().await, Vec::<String>::new(), "{}", world.name);
    }
}
