//! A guest is removed, restored, converted, erased, and their access ends by date.

use chrono::TimeDelta;
use domain::{
    Id,
    guest::{Guest, GuestStatus},
    invitation::Standing,
};
use store::SeenAs;
use test_support::samples;

use super::*;

/// A guest who has signed in, has a session, and was invited to the app.
async fn anna(world: &World) -> Guest {
    let invited = world.invite("anna@contoso.test").await.unwrap().guest;
    let guest = Guest {
        id: invited.id,
        subject: invited.subject,
        ..samples::active_guest("anna@contoso.test")
    };
    let token = samples::secret().hash();
    let tx = world.core.store.begin().await.unwrap();
    tx.save_guest(&guest).await.unwrap();
    let session = samples::session(&guest);
    tx.insert_session(&session, &token, &SeenAs::default())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    guest
}

async fn status(world: &World, guest: Id<Guest>) -> GuestStatus {
    let reader = world.core.store.reader();
    reader.guest(guest).await.unwrap().unwrap().status
}

#[tokio::test]
async fn a_removed_guest_is_out_and_comes_back_as_they_were() {
    for world in World::each_with_app().await {
        let (core, id) = (&world.core, anna(&world).await.id);
        assert!(remove_guest(core, lee(), id, Some("left Contoso")).await.unwrap());
        assert!(!remove_guest(core, lee(), id, None).await.unwrap(), "done before");
        assert_eq!(status(&world, id).await, GuestStatus::Removed, "{}", world.name);
        let reader = core.store.reader();
        assert!(reader.sessions_of(id, core.now()).await.unwrap().is_empty());
        let mut events = world.audit().await;
        events.drain(..events.len() - 2);
        let told: Vec<_> = events
            .iter()
            .map(|event| (event.action.as_str(), event.reason.as_deref()))
            .collect();
        let why = Some("left Contoso");
        assert_eq!(told, [("invitation.revoked", why), ("guest.removed", why)]);
        assert!(events[1].details.contains("\"sessions_ended\":\"1\""));

        let all = store::GuestFilter::default();
        assert!(
            guests_with_method(core, &all).await.unwrap().is_empty(),
            "nothing to reset"
        );
        let again = world.invite("anna@contoso.test").await;
        assert!(
            matches!(&again, Err(ActionError::Conflict(why)) if why.contains("restore them first")),
            "{again:?}"
        );
        assert!(restore_guest(core, lee(), id).await.unwrap());
        assert!(!restore_guest(core, lee(), id).await.unwrap(), "done before");
        assert_eq!(status(&world, id).await, GuestStatus::Active);
        world.invite("anna@contoso.test").await.unwrap();
    }
}

#[tokio::test]
async fn who_was_blocked_is_blocked_when_restored() {
    let world = World::sqlite_with_app().await;
    let (core, id) = (&world.core, anna(&world).await.id);
    block_guest(core, lee(), id, None).await.unwrap();
    let converted = convert_guest(core, lee(), id, None).await;
    assert!(matches!(converted, Err(ActionError::Conflict(why)) if why.contains("unblock them first")));
    remove_guest(core, lee(), id, None).await.unwrap();
    let unblocked = unblock_guest(core, lee(), id).await;
    assert!(matches!(unblocked, Err(ActionError::Conflict(why)) if why.contains("restore them first")));
    restore_guest(core, lee(), id).await.unwrap();
    assert_eq!(status(&world, id).await, GuestStatus::Blocked);
}

#[tokio::test]
async fn a_converted_guest_is_none_until_restored() {
    for world in World::each_with_app().await {
        let (core, id) = (&world.core, anna(&world).await.id);
        assert!(convert_guest(core, lee(), id, Some("hired")).await.unwrap());
        assert_eq!(status(&world, id).await, GuestStatus::Converted);
        let reader = core.store.reader();
        assert!(reader.sessions_of(id, core.now()).await.unwrap().is_empty());
        let theirs = store::InvitationFilter {
            guest: Some(id),
            app: None,
            sponsor: None,
            standing: None,
            after: None,
            limit: 9,
        };
        let invitations = reader.invitations(&theirs).await.unwrap();
        let states: Vec<_> = invitations.iter().map(|one| one.standing(core.now())).collect();
        assert_eq!(states, [Standing::Revoked], "{}", world.name);
        restore_guest(core, lee(), id).await.unwrap();
        assert_eq!(status(&world, id).await, GuestStatus::Active);
        assert_eq!(world.actions().await.last().unwrap(), "guest.restored");
    }
}

#[tokio::test]
async fn only_a_removed_guest_is_erased_and_only_once() {
    for world in World::each_with_app().await {
        let (core, guest) = (&world.core, anna(&world).await);
        let early = erase_guest(core, lee(), guest.id, None).await;
        assert!(matches!(early, Err(ActionError::Conflict(why)) if why.contains("remove them first")));
        remove_guest(core, lee(), guest.id, None).await.unwrap();
        erase_guest(core, lee(), guest.id, Some("asked for it"))
            .await
            .unwrap();
        let reader = core.store.reader();
        assert_eq!(reader.guest(guest.id).await.unwrap(), None, "{}", world.name);
        let left = reader.tombstone(guest.id).await.unwrap().unwrap();
        assert_eq!(
            (left.subject, left.erased_at),
            (guest.subject.clone(), core.now())
        );
        let again = erase_guest(core, lee(), guest.id, None).await;
        assert!(matches!(again, Err(ActionError::NotFound { .. })));

        // The address may come again, and is somebody else to every app.
        let next = world.invite("anna@contoso.test").await.unwrap().guest;
        assert_ne!(next.subject, guest.subject);
        let query = store::AuditQuery {
            guest: Some(guest.id),
            limit: 50,
            ..store::AuditQuery::default()
        };
        let events = reader.audit_search(&query).await.unwrap();
        assert_eq!(events[0].action, "guest.erased");
        assert!(events.iter().any(|event| event.action == "guest.added"));
    }
}

#[tokio::test]
async fn removed_guests_are_erased_when_their_time_is_over() {
    for world in World::each_with_app().await {
        let core = &world.core;
        let anna = anna(&world).await.id;
        let bob = world.invite("bob@contoso.test").await.unwrap().guest.id;
        remove_guest(core, lee(), anna, None).await.unwrap();
        world.clock.advance(TimeDelta::days(1));
        remove_guest(core, lee(), bob, None).await.unwrap();
        world
            .clock
            .advance(TimeDelta::days(29) - TimeDelta::milliseconds(1));
        assert_eq!(erase_removed(core).await.unwrap(), 0, "{}", world.name);
        world.clock.advance(TimeDelta::milliseconds(1));
        let (one, other) = tokio::join!(erase_removed(core), erase_removed(core));
        assert_eq!(one.unwrap() + other.unwrap(), 1, "two replicas, once");
        let reader = core.store.reader();
        assert_eq!(reader.guest(anna).await.unwrap(), None);
        assert!(reader.guest(bob).await.unwrap().is_some());
        let event = world.audit().await.pop().unwrap();
        assert_eq!(
            (event.action.as_str(), event.actor_kind.as_str(), event.guest),
            ("guest.erased", "system", Some(anna))
        );
    }
}

#[tokio::test]
async fn the_end_of_access_is_set_moved_and_taken_away() {
    for world in World::each_with_app().await {
        let (core, id) = (&world.core, anna(&world).await.id);
        let reader = core.store.reader();
        let ahead = core.now() + TimeDelta::days(3);
        assert!(set_expiry(core, lee(), id, Some(ahead)).await.unwrap());
        assert!(
            !set_expiry(core, lee(), id, Some(ahead)).await.unwrap(),
            "as it was"
        );
        assert_eq!(reader.guest(id).await.unwrap().unwrap().valid_until, Some(ahead));
        assert_eq!(
            reader.sessions_of(id, core.now()).await.unwrap().len(),
            1,
            "still in"
        );
        assert!(set_expiry(core, lee(), id, Some(core.now())).await.unwrap());
        assert!(
            reader.sessions_of(id, core.now()).await.unwrap().is_empty(),
            "{}",
            world.name
        );
        assert!(set_expiry(core, lee(), id, None).await.unwrap());
        assert_eq!(reader.guest(id).await.unwrap().unwrap().valid_until, None);
        let sets: Vec<_> = world
            .audit()
            .await
            .into_iter()
            .filter(|event| event.action == "guest.expiry_set")
            .collect();
        assert_eq!(sets.len(), 3);
        assert!(
            sets[0].details.contains("\"was\":\"never\""),
            "{}",
            sets[0].details
        );

        remove_guest(core, lee(), id, None).await.unwrap();
        let refused = set_expiry(core, lee(), id, Some(ahead)).await;
        assert!(matches!(refused, Err(ActionError::Conflict(why)) if why.contains("restore them first")));
    }
}
