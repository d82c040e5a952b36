//! Guests of a list: each is invited once, whoever reads it.

use std::time::Duration;

use chrono::TimeDelta;
use domain::guest::GuestStatus;

use super::*;

#[tokio::test]
async fn two_who_read_the_same_list_invite_each_guest_once() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let invites: Vec<Invite> = (0..12)
            .map(|guest| invite(&format!("guest{guest}@contoso.test")))
            .collect();
        // Some are in the directory, and some are new.
        world.invite("guest0@contoso.test").await.unwrap();
        world.clock.advance(core.settings.invitation_lifetime);
        let run = async || {
            let mut made = 0;
            for invite in &invites {
                let listed = invite_listed(core, lee(), invite).await.unwrap();
                made += usize::from(!matches!(listed, Listed::Already(Already::Invited)));
            }
            made
        };
        let (one, other) = tokio::join!(run(), run());
        assert_eq!(one + other, 12, "{}", world.name);
        let created = world.actions().await;
        let created = created.iter().filter(|action| *action == "invitation.created");
        assert_eq!(created.count(), 13, "{}", world.name);
    }
}

#[tokio::test]
async fn who_needs_no_invitation_gets_none_and_who_may_not_come_is_named() {
    let world = World::sqlite_with_app().await;
    let core = &world.core;
    let foreseen = async |email: &str| foresee(core, &invite(email)).await;
    assert_eq!(foreseen("anna@contoso.test").await.unwrap(), Listed::NewGuest);
    assert_eq!(world.actions().await, ["app.added"], "it changes nothing");
    let anna = world.invite("anna@contoso.test").await.unwrap().guest.id;
    let waits = Listed::Already(Already::Invited);
    assert_eq!(foreseen("anna@contoso.test").await.unwrap(), waits);
    let app = core
        .store
        .reader()
        .app_by_client_id("notes")
        .await
        .unwrap()
        .unwrap()
        .id;
    assert!(unassign(core, lee(), anna, app, None).await.unwrap());
    world.clock.advance(TimeDelta::seconds(1));
    assert_eq!(foreseen("anna@contoso.test").await.unwrap(), Listed::KnownGuest);
    let new = NewAssignment {
        guest: anna,
        app,
        starts_at: None,
        ends_at: None,
        reason: None,
        sponsor: None,
    };
    assign(core, lee(), new).await.unwrap();
    let assigned = Listed::Already(Already::Assigned);
    assert_eq!(foreseen("anna@contoso.test").await.unwrap(), assigned);
    assert_eq!(
        invite_listed(core, lee(), &invite("anna@contoso.test"))
            .await
            .unwrap(),
        assigned
    );
    block_guest(core, lee(), anna, None).await.unwrap();
    // That they are assigned does not matter then.
    let blocked = foreseen("anna@contoso.test").await.unwrap_err().to_string();
    assert!(blocked.contains("blocked"), "{blocked}");
    let nowhere = Invite {
        app: "files".into(),
        ..invite("bob@contoso.test")
    };
    assert!(matches!(
        foresee(core, &nowhere).await,
        Err(ActionError::NotFound { what: "app", .. })
    ));
    assert_eq!(fields(foreseen("bob").await), ["email"]);
}

/// A list is one act of an operator, who was asked how many it invites.
#[tokio::test]
async fn a_list_does_not_use_up_the_inviters_day() {
    let world = World::sqlite_with_app().await;
    let max = world.core.settings.limits[domain::limits::LimitName::InvitationsPerInviterDay].max;
    for guest in 0..=max {
        let listed = invite(&format!("guest{guest}@contoso.test"));
        invite_listed(&world.core, lee(), &listed).await.unwrap();
    }
    assert!(
        world.invite("anna@contoso.test").await.is_ok(),
        "by hand there are all left"
    );
}

/// What another has written meanwhile stays: the row is read again once it is locked.
#[tokio::test]
async fn a_block_at_the_same_moment_is_not_undone() {
    for world in World::each_with_app().await {
        let core = world.core.clone();
        let guest = world.invite("anna@contoso.test").await.unwrap().guest.id;
        world.clock.advance(core.settings.invitation_lifetime);
        // Their name is new, so that inviting saves them.
        let named = Invite {
            name: Some("Anna".into()),
            ..invite("anna@contoso.test")
        };
        let blocking = core.store.begin().await.unwrap();
        let mut anna = blocking.lock_guest(guest).await.unwrap().unwrap();
        anna.status = GuestStatus::Blocked;
        blocking.save_guest(&anna).await.unwrap();
        let other = core.clone();
        let inviting = tokio::spawn(async move { invite_listed(&other, lee(), &named).await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(!inviting.is_finished(), "{}: it waits", world.name);
        blocking.commit().await.unwrap();
        let refused = inviting.await.unwrap().unwrap_err().to_string();
        assert!(refused.contains("blocked"), "{}: {refused}", world.name);
        let anna = core.store.reader().guest(guest).await.unwrap().unwrap();
        assert_eq!(
            (anna.status, anna.name),
            (GuestStatus::Blocked, None),
            "{}",
            world.name
        );
    }
}
