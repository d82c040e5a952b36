use chrono::TimeDelta;
use domain::{guest::GuestStatus, limits::LimitName, rate::Limit};
use store::SeenAs;
use test_support::samples;

use super::*;

#[tokio::test]
async fn blocking_ends_everything_and_unblocking_begins_nothing() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let guest = world.invite("anna@contoso.test").await.unwrap().guest;
        let session = samples::session(&guest);
        let token = samples::secret().hash();
        let tx = core.store.begin().await.unwrap();
        tx.insert_session(&session, &token, &SeenAs::default())
            .await
            .unwrap();
        tx.commit().await.unwrap();

        assert!(
            block_guest(core, lee(), guest.id, Some("left Contoso"))
                .await
                .unwrap()
        );
        let reader = core.store.reader();
        let blocked = reader.guest(guest.id).await.unwrap().unwrap();
        assert_eq!(blocked.status, GuestStatus::Blocked, "{}", world.name);
        assert!(reader.sessions_of(guest.id, core.now()).await.unwrap().is_empty());
        let record = world.audit().await.pop().unwrap();
        assert_eq!(
            (record.action.as_str(), record.reason.as_deref()),
            ("guest.blocked", Some("left Contoso"))
        );
        assert!(
            record.details.contains("\"sessions_ended\":\"1\""),
            "{}",
            record.details
        );

        assert!(
            !block_guest(core, lee(), guest.id, None).await.unwrap(),
            "blocked already"
        );
        assert!(unblock_guest(core, lee(), guest.id).await.unwrap());
        assert!(
            !unblock_guest(core, lee(), guest.id).await.unwrap(),
            "not blocked"
        );
        let unblocked = reader.guest(guest.id).await.unwrap().unwrap();
        assert_eq!(unblocked.status, GuestStatus::Invited);
        assert!(reader.sessions_of(guest.id, core.now()).await.unwrap().is_empty());
        let blocks: Vec<String> = world
            .actions()
            .await
            .into_iter()
            .filter(|action| action.starts_with("guest.") && action.ends_with("blocked"))
            .collect();
        assert_eq!(
            blocks,
            ["guest.blocked", "guest.unblocked"],
            "what changed nothing is not recorded"
        );
    }
}

#[tokio::test]
async fn one_who_signed_in_before_is_active_again() {
    let world = World::sqlite_with_app().await;
    let core = &world.core;
    let guest = samples::active_guest("bob@fabrikam.test");
    let tx = core.store.begin().await.unwrap();
    tx.insert_guest(&guest).await.unwrap();
    tx.commit().await.unwrap();
    block_guest(core, lee(), guest.id, None).await.unwrap();
    unblock_guest(core, lee(), guest.id).await.unwrap();
    let guest = core.store.reader().guest(guest.id).await.unwrap().unwrap();
    assert_eq!(guest.status, GuestStatus::Active);
}

#[tokio::test]
async fn nobody_and_nonsense() {
    let world = World::sqlite().await;
    let nobody = samples::id();
    let blocked = block_guest(&world.core, lee(), nobody, None).await;
    assert!(matches!(
        blocked,
        Err(ActionError::NotFound { what: "guest", .. })
    ));
    let reason = "x".repeat(201);
    assert_eq!(
        fields(block_guest(&world.core, lee(), nobody, Some(&reason)).await),
        ["reason"]
    );
}

#[tokio::test]
async fn codes_are_switched_on_again_by_an_operator_and_by_an_invitation() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let email = samples::email("anna@contoso.test");
        let miss = async || {
            let limit = Limit {
                max: 1,
                per: TimeDelta::days(1),
            };
            let tx = core.store.begin().await.unwrap();
            tx.take(
                LimitName::WrongInARow.name(),
                &email.counting_key(),
                limit,
                core.now(),
            )
            .await
            .unwrap();
            tx.commit().await.unwrap();
        };
        assert!(
            !reset_codes(core, lee(), &email).await.unwrap(),
            "nothing was counted"
        );
        miss().await;
        assert!(
            reset_codes(core, lee(), &email).await.unwrap(),
            "not even a guest yet"
        );
        miss().await;
        let guest = world.invite("anna@contoso.test").await.unwrap().guest;
        assert!(!reset_codes(core, lee(), &email).await.unwrap(), "{}", world.name);
        let resets = world
            .audit()
            .await
            .into_iter()
            .filter(|record| record.action == "guest.codes_reset");
        let guests: Vec<_> = resets.map(|record| record.guest).collect();
        assert_eq!(guests, [None, Some(guest.id)]);
    }
}
