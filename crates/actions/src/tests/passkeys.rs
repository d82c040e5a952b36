use domain::{guest::Guest, passkey::PasskeyKind, session::Means};
use sign_in::passkey::remove::remove_passkey;
use test_support::samples;

use super::*;

/// A guest by code with two passkeys.
async fn guest_with_two(world: &World) -> Guest {
    let guest = samples::active_guest("anna@contoso.test");
    let tx = world.core.store.begin().await.unwrap();
    tx.insert_guest(&guest).await.unwrap();
    for _ in 0..2 {
        tx.insert_passkey(&samples::passkey(&guest)).await.unwrap();
    }
    tx.commit().await.unwrap();
    guest
}

#[tokio::test]
async fn one_passkey_is_taken_from_its_guest_and_from_nobody_else() {
    for world in World::each().await {
        let anna = guest_with_two(&world).await;
        let reader = world.core.store.reader();
        let [first, second] = reader.passkeys_of(anna.id).await.unwrap().try_into().unwrap();
        let lee = || Actor::Operator("lee".into());
        assert!(
            !remove_passkey(&world.core, lee(), samples::id(), first.id)
                .await
                .unwrap(),
            "another guest's"
        );
        assert!(
            remove_passkey(&world.core, lee(), anna.id, first.id)
                .await
                .unwrap()
        );
        assert!(
            !remove_passkey(&world.core, lee(), anna.id, first.id)
                .await
                .unwrap()
        );
        let left = reader.passkeys_of(anna.id).await.unwrap();
        assert_eq!(left, [second], "{}", world.name);
        let records = world.audit().await;
        let removed: Vec<_> = records
            .iter()
            .filter(|record| record.action == "guest.passkey.removed")
            .collect();
        assert_eq!(removed.len(), 1);
        assert_eq!(removed[0].guest, Some(anna.id));
        assert!(removed[0].details.contains(&first.id.to_string()));
    }
}

#[tokio::test]
async fn what_began_by_a_passkey_ends_with_it() {
    for world in World::each().await {
        let anna = guest_with_two(&world).await;
        let by_code = samples::session(&anna);
        let mut by_passkey = samples::session(&anna);
        by_passkey.authentication.means = Means::Passkey(PasskeyKind::Synced);
        let tx = world.core.store.begin().await.unwrap();
        for session in [&by_code, &by_passkey] {
            tx.insert_session(session, &samples::secret().hash(), &store::SeenAs::default())
                .await
                .unwrap();
        }
        tx.commit().await.unwrap();
        let reader = world.core.store.reader();
        let passkey = reader.passkeys_of(anna.id).await.unwrap()[0].id;
        let lee = Actor::Operator("lee".into());
        assert!(remove_passkey(&world.core, lee, anna.id, passkey).await.unwrap());
        let is_live = async |id| {
            let session = reader.session(id).await.unwrap().unwrap();
            session.is_live(world.core.now())
        };
        assert!(is_live(by_code.id).await, "{}", world.name);
        assert!(!is_live(by_passkey.id).await, "{}", world.name);
    }
}

#[tokio::test]
async fn a_reset_and_another_address_take_all_passkeys() {
    for world in World::each().await {
        let anna = guest_with_two(&world).await;
        let reader = world.core.store.reader();
        let lee = || Actor::Operator("lee".into());
        assert!(reset_method(&world.core, lee(), anna.id).await.unwrap());
        assert!(reader.passkeys_of(anna.id).await.unwrap().is_empty());
        let reset = world.audit().await.pop().unwrap();
        assert_eq!(reset.action, "guest.method.reset");
        assert!(
            reset.details.contains(r#""passkeys_removed":"2""#),
            "{}",
            reset.details
        );

        let tx = world.core.store.begin().await.unwrap();
        tx.insert_passkey(&samples::passkey(&anna)).await.unwrap();
        tx.commit().await.unwrap();
        let email = samples::email("anna@fabrikam.test");
        change_address(&world.core, lee(), anna.id, &email).await.unwrap();
        assert!(
            reader.passkeys_of(anna.id).await.unwrap().is_empty(),
            "the new mailbox has proven nothing"
        );
    }
}

#[tokio::test]
async fn blocking_takes_no_passkey() {
    for world in World::each().await {
        let anna = guest_with_two(&world).await;
        let lee = Actor::Operator("lee".into());
        assert!(block_guest(&world.core, lee, anna.id, None).await.unwrap());
        let reader = world.core.store.reader();
        assert_eq!(reader.passkeys_of(anna.id).await.unwrap().len(), 2);
    }
}
