//! The groups that an invitation names which waits for the other.

use super::*;

#[tokio::test]
async fn the_groups_of_what_waits_for_the_other_are_given() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let (new, old) = guests(&world).await;
        let reader = core.store.reader();
        let notes = reader.app_by_client_id("notes").await.unwrap().unwrap().id;
        let news = reader.newest_invitation(new.id, notes).await.unwrap().unwrap();
        revoke_invitation(core, lee(), news.id, None).await.unwrap();
        add_group(core, lee(), "auditors", &["notes".into()])
            .await
            .unwrap();
        // Sent away from the app, which the group lets them into once more.
        assign_until(&world, &old, core.now() + TimeDelta::days(3)).await;
        unassign(core, lee(), old.id, notes, None).await.unwrap();
        world.clock.advance(TimeDelta::minutes(1));
        let named = Invite {
            groups: vec!["auditors".into()],
            ..invite(OLD)
        };
        invite_guest(core, lee(), named).await.unwrap();

        let merge = merged(&world, &new, &old).await;
        assert_eq!(holds(&world, &new).await, (vec![], 1), "{}", world.name);
        assert!(opens(&world, &new).await, "{}", world.name);
        take_back_merge(core, lee(), merge.id).await.unwrap();
        assert_eq!(holds(&world, &new).await, (vec![], 0), "{}", world.name);
        assert!(!opens(&world, &new).await, "{}", world.name);
    }
}

/// Who has access redeems nothing: then nothing comes of it for the other either.
#[tokio::test]
async fn what_the_other_could_not_redeem_is_not_given() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let (new, old) = guests(&world).await;
        add_group(core, lee(), "auditors", &[]).await.unwrap();
        world.clock.advance(TimeDelta::minutes(1));
        let named = Invite {
            groups: vec!["auditors".into()],
            ..invite(OLD)
        };
        invite_guest(core, lee(), named).await.unwrap();
        assign_until(&world, &old, core.now() + TimeDelta::days(3)).await;
        merged(&world, &new, &old).await;
        assert_eq!(holds(&world, &new).await.1, 0, "{}", world.name);
    }
}
