//! Invitations that name groups.

use test_support::samples;

use super::*;

fn into(email: &str, groups: &[&str]) -> Invite {
    Invite {
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..invite(email)
    }
}

async fn with_groups() -> Vec<World> {
    let worlds = World::each_with_app().await;
    for world in &worlds {
        for group in ["auditors", "board"] {
            add_group(&world.core, lee(), group, &[]).await.unwrap();
        }
    }
    worlds
}

async fn names(world: &World, invited: &Invited) -> Vec<String> {
    let reader = world.core.store.reader();
    let groups = reader.groups_of_invitation(invited.invitation.id).await.unwrap();
    groups.into_iter().map(|group| group.name).collect()
}

fn conflict<T>(result: Result<T, ActionError>) -> String {
    match result {
        Err(ActionError::Conflict(said)) => said,
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("it was done"),
    }
}

#[tokio::test]
async fn each_group_is_named_once_and_must_be_there() {
    for world in with_groups().await {
        let twice = into("anna@contoso.test", &["board", "auditors", " board "]);
        let invited = invite_guest(&world.core, lee(), twice).await.unwrap();
        assert_eq!(
            names(&world, &invited).await,
            ["auditors", "board"],
            "{}",
            world.name
        );
        let event = world.audit().await.pop().unwrap();
        let details: serde_json::Value = serde_json::from_str(&event.details).unwrap();
        assert_eq!(details["groups"], "auditors board");

        let nowhere = into("bob@contoso.test", &["other", "board", "third"]);
        let refused = invite_guest(&world.core, lee(), nowhere.clone()).await;
        assert_eq!(fields(refused), ["groups", "groups"], "all that are wrong");
        assert_eq!(fields(foresee(&world.core, &nowhere).await), ["groups", "groups"]);
        let many: Vec<String> = (0..51).map(|number| format!("g{number}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let refused = invite_guest(&world.core, lee(), into("bob@contoso.test", &many)).await;
        assert_eq!(fields(refused), ["groups"]);
        let reader = world.core.store.reader();
        let bob = reader.guest_by_email(&samples::email("bob@contoso.test")).await;
        assert!(bob.unwrap().is_none(), "nothing of it was done");
    }
}

/// A lost answer is repeated, whatever has become of the group.
#[tokio::test]
async fn a_repeated_request_gets_the_same_invitation() {
    for world in with_groups().await {
        let once = Invite {
            idempotency_key: Some("once".into()),
            ..into("anna@contoso.test", &["board"])
        };
        let first = invite_guest(&world.core, lee(), once.clone()).await.unwrap();
        remove_group(&world.core, lee(), "board").await.unwrap();
        let again = invite_guest(&world.core, lee(), once).await.unwrap();
        assert_eq!(again.invitation.id, first.invitation.id, "{}", world.name);
        assert!(first.is_new && !again.is_new);
    }
}

/// What is shown has changed where a group has another name, or is gone.
#[tokio::test]
async fn a_version_sees_the_groups() {
    for world in with_groups().await {
        let new = into("anna@contoso.test", &["board"]);
        let invited = invite_guest(&world.core, lee(), new).await.unwrap();
        let version = async || {
            let reader = world.core.store.reader();
            let shown = ShownInvitation::of(&reader, invited.invitation.clone()).await;
            let shown = shown.unwrap().unwrap();
            shown.version(world.core.now())
        };
        let was = version().await;
        let change = GroupChange {
            name: Some("directors".into()),
            ..GroupChange::default()
        };
        change_group(&world.core, lee(), "board", change).await.unwrap();
        let is = version().await;
        assert_ne!(is, was);
        remove_group(&world.core, lee(), "directors").await.unwrap();
        assert_ne!(version().await, is);
    }
}

/// Of a list each guest is invited once; one who would not come into a group by that is a fault, and nobody is left out in silence.
#[tokio::test]
async fn a_list_says_who_would_not_come_into_a_group() {
    for world in with_groups().await {
        let core = &world.core;
        let anna = into("anna@contoso.test", &["auditors"]);
        let done = invite_listed(core, lee(), &anna).await.unwrap();
        assert_eq!(done, Listed::NewGuest);
        // The same file again.
        let done = invite_listed(core, lee(), &anna).await.unwrap();
        assert_eq!(done, Listed::Already(Already::Invited));
        let more = into("anna@contoso.test", &["auditors", "board"]);
        let said = "the guest is invited already, and not into the group \"board\": assign them to it";
        assert_eq!(conflict(foresee(core, &more).await), said);
        assert_eq!(conflict(invite_listed(core, lee(), &more).await), said);

        // Who has access redeems nothing, whatever waits for them.
        let reader = core.store.reader();
        let guest = reader.guest_by_email(&samples::email("anna@contoso.test")).await;
        let guest = guest.unwrap().unwrap();
        let app = reader.app_by_client_id("notes").await.unwrap().unwrap();
        let new = NewAssignment {
            guest: guest.id,
            app: app.id,
            starts_at: None,
            ends_at: None,
            reason: None,
            sponsor: None,
        };
        assign(core, lee(), new).await.unwrap();
        let said = "and not into the group \"auditors\": assign them to it";
        for refused in [
            conflict(foresee(core, &anna).await),
            conflict(invite_listed(core, lee(), &anna).await),
            conflict(invite_guest(core, lee(), anna.clone()).await),
        ] {
            assert!(refused.ends_with(said), "{}: {refused}", world.name);
        }
        let new = NewGroupAssignment {
            guest: guest.id,
            group: "auditors".into(),
            ends_at: None,
            reason: None,
            sponsor: None,
        };
        assign_to_group(core, lee(), new).await.unwrap();
        let again = invite_listed(core, lee(), &anna).await.unwrap();
        assert!(matches!(again, Listed::Already(_)), "{again:?}");
        // By hand they are shown the way.
        invite_guest(core, lee(), anna).await.unwrap();
    }
}
