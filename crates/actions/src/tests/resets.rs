use domain::{
    guest::{Guest, GuestStatus},
    method::Method,
    upstream::Account,
};
use store::{GuestFilter, MailKind, MethodChange, SeenAs};
use test_support::samples;

use super::*;

/// A guest who signed in at contoso, is signed in now, and has an account there.
pub(super) async fn employee(world: &World, address: &str) -> Guest {
    let tenant = samples::tenant("contoso", &["contoso.test"]);
    let at = tenant.method();
    let guest = Guest {
        method: Some(at),
        ..samples::active_guest(address)
    };
    let account = Account {
        issuer: "https://login.contoso.test".into(),
        subject: address.into(),
    };
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_upstream(&tenant).await.unwrap();
    tx.insert_guest(&guest).await.unwrap();
    tx.insert_account(guest.id, tenant.id, &account, samples::now())
        .await
        .unwrap();
    let session = samples::session(&guest);
    tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    guest
}

/// A code that stood in for a tenant fixes no method, and opens a session nevertheless.
#[tokio::test]
async fn sessions_end_where_no_method_sticks() {
    for world in World::each().await {
        let guest = Guest {
            method: None,
            ..samples::active_guest("anna@contoso.test")
        };
        let session = samples::session(&guest);
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_guest(&guest).await.unwrap();
        tx.insert_session(&session, &samples::secret().hash(), &SeenAs::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        assert!(
            reset_method(&world.core, lee(), guest.id).await.unwrap(),
            "{}",
            world.name
        );
        let reader = world.core.store.reader();
        let ended = reader.session(session.id).await.unwrap().unwrap();
        assert!(!ended.is_live(world.core.now()), "{}", world.name);
        assert!(
            !reset_method(&world.core, lee(), guest.id).await.unwrap(),
            "nothing is left"
        );
    }
}

#[tokio::test]
async fn a_reset_forgets_the_method_and_nothing_else() {
    for world in World::each().await {
        let before = employee(&world, "anna@contoso.test").await;
        assert!(reset_method(&world.core, lee(), before.id).await.unwrap());
        let reader = world.core.store.reader();
        let after = reader.guest(before.id).await.unwrap().unwrap();
        assert_eq!(after.method, None, "{}", world.name);
        assert_eq!((&after.subject, &after.email), (&before.subject, &before.email));
        assert_eq!(
            (after.status, after.redeemed_at),
            (GuestStatus::Active, before.redeemed_at)
        );
        assert!(
            !reader
                .has_account(before.id, before.method.and_then(Method::upstream).unwrap())
                .await
                .unwrap()
        );

        let records = world.audit().await;
        let reset = records.last().unwrap();
        assert_eq!(reset.action, "guest.method.reset");
        for detail in [
            r#""was":"federation""#,
            r#""tenant":"contoso""#,
            r#""sessions_ended":"1""#,
        ] {
            assert!(reset.details.contains(detail), "{}", reset.details);
        }
        let tx = world.core.store.begin().await.unwrap();
        let mails = tx
            .claim_mail(world.core.now(), chrono::TimeDelta::minutes(1), 10, None)
            .await
            .unwrap();
        let told = MailKind::MethodChanged {
            guest: before.id,
            change: MethodChange::Reset,
        };
        assert_eq!(mails.iter().map(|mail| mail.kind).collect::<Vec<_>>(), [told]);
        drop(tx);

        assert!(
            !reset_method(&world.core, lee(), before.id).await.unwrap(),
            "once"
        );
        // An account that outlived its method is forgotten as well.
        let account = Account {
            issuer: "https://login.contoso.test".into(),
            subject: "again".into(),
        };
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_account(
            before.id,
            before.method.and_then(Method::upstream).unwrap(),
            &account,
            samples::now(),
        )
        .await
        .unwrap();
        tx.commit().await.unwrap();
        assert!(reset_method(&world.core, lee(), before.id).await.unwrap());
        let reader = world.core.store.reader();
        assert!(
            !reader
                .has_account(before.id, before.method.and_then(Method::upstream).unwrap())
                .await
                .unwrap()
        );
        let nobody = reset_method(&world.core, lee(), samples::id()).await;
        assert!(matches!(nobody, Err(ActionError::NotFound { what: "guest", .. })));
    }
}

#[tokio::test]
async fn the_list_names_exactly_whom_a_reset_would_concern() {
    let world = World::sqlite().await;
    let anna = employee(&world, "anna@contoso.test").await;
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_guest(&samples::guest("invited@contoso.test"))
        .await
        .unwrap();
    tx.insert_guest(&samples::active_guest("anna@fabrikam.test"))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let filter = GuestFilter {
        domain: Some("contoso.test".into()),
        ..GuestFilter::default()
    };
    let found = guests_with_method(&world.core, &filter).await.unwrap();
    assert_eq!(found.iter().map(|guest| guest.id).collect::<Vec<_>>(), [anna.id]);
}
