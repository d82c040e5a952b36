//! Two guests who become one, and are two again.

mod audited;
mod waiting_groups;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress, Id,
    access::Access,
    app::AccessRule,
    guest::{Guest, GuestStatus},
    merge::{Merge, MergeState, MergeStep},
    method::Method,
    upstream::{Connection, Oauth2Connection, Oauth2Endpoints, Oauth2Kind},
};
use sign_in::merge::answer_merge;
use store::GroupAssignmentFilter;
use test_support::samples;

use super::*;

const NEW: &str = "anna@new.test";
const OLD: &str = "anna@contoso.test";

async fn guests(world: &World) -> (Guest, Guest) {
    let new = world.invite(NEW).await.unwrap().guest;
    (new, world.invite(OLD).await.unwrap().guest)
}

async fn asked(world: &World, kept: &Guest, other: &Guest) -> Result<Merge, ActionError> {
    ask_merge(&world.core, lee(), kept.id, other.id, None).await
}

async fn answers(world: &World, merge: &Merge, guest: &Guest) -> MergeStep {
    answer_merge(&world.core, merge, guest.id, true).await.unwrap()
}

async fn merged(world: &World, kept: &Guest, other: &Guest) -> Merge {
    let merge = asked(world, kept, other).await.unwrap();
    assert_eq!(
        answers(world, &merge, other).await,
        MergeStep::To(MergeState::Asked)
    );
    assert_eq!(
        answers(world, &merge, kept).await,
        MergeStep::To(MergeState::Merged)
    );
    merge
}

/// When a guest's own assignments end, and in which groups they are.
async fn holds(world: &World, guest: &Guest) -> (Vec<Option<DateTime<Utc>>>, usize) {
    let reader = world.core.store.reader();
    let held = reader.assignments_of(guest.id).await.unwrap();
    let own = held.into_iter().filter(|held| held.group.is_none());
    let filter = GroupAssignmentFilter::of(guest.id);
    let groups = reader.group_assignments(&filter).await.unwrap();
    (own.map(|held| held.ends_at).collect(), groups.len())
}

async fn assign_until(world: &World, guest: &Guest, ends_at: DateTime<Utc>) {
    let reader = world.core.store.reader();
    let app = reader.app_by_client_id("notes").await.unwrap().unwrap().id;
    let new = NewAssignment {
        guest: guest.id,
        app,
        starts_at: None,
        ends_at: Some(ends_at),
        reason: None,
        sponsor: Some("kim@acme.test".into()),
    };
    assign(&world.core, lee(), new).await.unwrap();
}

async fn guest(world: &World, of: &Guest) -> Guest {
    world.core.store.reader().guest(of.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn what_the_other_has_is_given_and_taken_back() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let day = |days| world.core.now() + TimeDelta::days(days);
        let (soon, late) = (day(5), day(30));
        assign_until(&world, &new, soon).await;
        assign_until(&world, &old, late).await;
        add_group(&world.core, lee(), "auditors", &[]).await.unwrap();
        let member = NewGroupAssignment {
            guest: old.id,
            group: "auditors".into(),
            ends_at: None,
            reason: None,
            sponsor: None,
        };
        assign_to_group(&world.core, lee(), member).await.unwrap();

        let merge = asked(&world, &new, &old).await.unwrap();
        let gives = merge_gives(&world.core, &merge).await.unwrap().unwrap();
        let foreseen = MergeGives {
            apps: vec!["notes".into()],
            groups: vec!["auditors".into()],
        };
        assert_eq!(gives, foreseen, "{}", world.name);
        assert_eq!(
            holds(&world, &new).await,
            (vec![Some(soon)], 0),
            "{}: only asked",
            world.name
        );

        answers(&world, &merge, &new).await;
        answers(&world, &merge, &old).await;
        assert_eq!(holds(&world, &new).await, (vec![Some(late)], 1), "{}", world.name);
        assert_eq!(
            guest(&world, &old).await.status,
            GuestStatus::Removed,
            "{}",
            world.name
        );
        assert_eq!(
            merge_gives(&world.core, &merge).await.unwrap(),
            Some(foreseen),
            "{}",
            world.name
        );

        // Whoever answers in a sponsor's place changes nothing of what was given.
        hand_over(&world.core, lee(), "kim@acme.test", "pat@acme.test")
            .await
            .unwrap();
        let taken = take_back_merge(&world.core, lee(), merge.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((taken.taken, taken.stay), (2, 0), "{}", world.name);
        assert_eq!(holds(&world, &new).await, (vec![Some(soon)], 0), "{}", world.name);
        let held = world.core.store.reader().assignments_of(new.id).await.unwrap();
        assert_eq!(
            held[0].sponsor.as_deref(),
            Some("pat@acme.test"),
            "{}",
            world.name
        );
        assert_eq!(
            guest(&world, &old).await.status,
            GuestStatus::Invited,
            "{}",
            world.name
        );
        assert_eq!(take_back_merge(&world.core, lee(), merge.id).await.unwrap(), None);
        // Now they are two, and can be asked again.
        merged(&world, &new, &old).await;
    }
}

#[tokio::test]
async fn what_was_changed_since_stays() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let day = |days| world.core.now() + TimeDelta::days(days);
        assign_until(&world, &old, day(30)).await;
        let merge = merged(&world, &new, &old).await;
        assign_until(&world, &new, day(50)).await;
        let taken = take_back_merge(&world.core, lee(), merge.id)
            .await
            .unwrap()
            .unwrap();
        assert_eq!((taken.taken, taken.stay), (0, 1), "{}", world.name);
        assert_eq!(holds(&world, &new).await.0, [Some(day(50))], "{}", world.name);
    }
}

#[tokio::test]
async fn of_two_who_say_yes_at_once_one_merges() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let merge = asked(&world, &new, &old).await.unwrap();
        let steps = tokio::join!(
            answers(&world, &merge, &new),
            answers(&world, &merge, &old),
            answers(&world, &merge, &new),
            answers(&world, &merge, &old),
        );
        let steps = [steps.0, steps.1, steps.2, steps.3];
        let times = |step| steps.iter().filter(|taken| **taken == step).count();
        assert_eq!(
            times(MergeStep::To(MergeState::Merged)),
            1,
            "{}: {steps:?}",
            world.name
        );
        assert_eq!(
            times(MergeStep::To(MergeState::Asked)),
            1,
            "{}: {steps:?}",
            world.name
        );
        let all = world.actions().await;
        for (action, times) in [
            ("guest.merged", 1),
            ("guest.removed", 1),
            ("guest.merge_agreed", 2),
        ] {
            let found = all.iter().filter(|name| *name == action).count();
            assert_eq!(found, times, "{}: {action}", world.name);
        }
    }
}

#[tokio::test]
async fn whom_nobody_asks() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let says =
            async |kept: &Guest, other: &Guest| asked(&world, kept, other).await.unwrap_err().to_string();
        assert!(
            says(&new, &new).await.contains("the same guest"),
            "{}",
            world.name
        );
        block_guest(&world.core, lee(), old.id, None).await.unwrap();
        assert!(
            says(&new, &old).await.contains("anna@contoso.test is blocked"),
            "{}",
            world.name
        );
        assert!(
            says(&old, &new).await.contains("anna@contoso.test is blocked"),
            "{}",
            world.name
        );
        unblock_guest(&world.core, lee(), old.id).await.unwrap();

        let merge = asked(&world, &new, &old).await.unwrap();
        let third = world.invite("ben@contoso.test").await.unwrap().guest;
        for (kept, other) in [(&new, &old), (&third, &old), (&new, &third)] {
            assert!(
                says(kept, other).await.contains("is asked already"),
                "{}",
                world.name
            );
        }
        // Taken back before both have answered: nobody can any more.
        answers(&world, &merge, &new).await;
        let taken = take_back_merge(&world.core, lee(), merge.id).await.unwrap();
        assert_eq!(taken, Some(TakenBack::default()), "{}", world.name);
        assert_eq!(
            answers(&world, &merge, &old).await,
            MergeStep::No,
            "{}",
            world.name
        );
        assert_eq!(
            answers(&world, &merge, &third).await,
            MergeStep::No,
            "{}",
            world.name
        );
        assert_eq!(
            guest(&world, &old).await.status,
            GuestStatus::Invited,
            "{}",
            world.name
        );
        let merge = world.core.store.reader().merge(merge.id).await.unwrap().unwrap();
        assert_eq!(
            merge_gives(&world.core, &merge).await.unwrap(),
            None,
            "{}",
            world.name
        );
    }
}

#[tokio::test]
async fn once_the_other_is_erased_it_stays_as_it_is() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let end = world.core.now() + TimeDelta::days(90);
        assign_until(&world, &old, end).await;
        let merge = merged(&world, &new, &old).await;
        world.clock.advance(world.core.settings.removed_kept_for);
        assert_eq!(erase_removed(&world.core).await.unwrap(), 1, "{}", world.name);
        let gone = take_back_merge(&world.core, lee(), merge.id).await.unwrap_err();
        assert!(
            matches!(gone, ActionError::NotFound { what: "merge", .. }),
            "{}",
            world.name
        );
        assert_eq!(holds(&world, &new).await.0, [Some(end)], "{}", world.name);
        let nobody: Id<Merge> = Id::new(world.core.now(), &*world.core.entropy);
        assert!(take_back_merge(&world.core, lee(), nobody).await.is_err());
    }
}

/// A yes that was given before a guest's method was forgotten, or their address changed, may have been another person's.
#[tokio::test]
async fn whoever_proves_themselves_anew_is_asked_anew() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let address = EmailAddress::parse("anna@third.test").unwrap();
        for act in 0..4 {
            let merge = asked(&world, &new, &old).await.unwrap();
            answers(&world, &merge, &old).await;
            let core = &world.core;
            match act {
                0 => drop(reset_method(core, lee(), old.id).await.unwrap()),
                1 => change_address(core, lee(), old.id, &address).await.unwrap(),
                2 => sign_in::my_access::dispute_activity(core, old.id).await.unwrap(),
                _ => drop(remove_guest(core, lee(), new.id, None).await.unwrap()),
            }
            assert_eq!(
                answers(&world, &merge, &new).await,
                MergeStep::No,
                "{}: {act}",
                world.name
            );
            let merge = core.store.reader().merge(merge.id).await.unwrap().unwrap();
            assert_eq!(merge.state, MergeState::Withdrawn, "{}: {act}", world.name);
            assert!(guest(&world, &old).await.status.is_in(), "{}: {act}", world.name);
        }
    }
}

#[tokio::test]
async fn an_app_that_is_open_anyhow_is_not_given() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        assign_until(&world, &old, world.core.now() + TimeDelta::days(30)).await;
        for (access, given) in [
            (AccessRule::AnyGuest, false),
            (AccessRule::Domain(vec!["new.test".into()]), false),
            (AccessRule::Domain(vec!["contoso.test".into()]), true),
            (AccessRule::Invited, true),
        ] {
            let change = AppChange {
                access: Some(access.clone()),
                ..AppChange::default()
            };
            change_app(&world.core, lee(), "notes", change).await.unwrap();
            let merge = asked(&world, &new, &old).await.unwrap();
            let gives = merge_gives(&world.core, &merge).await.unwrap().unwrap();
            assert_eq!(gives.apps.len(), usize::from(given), "{}: {access:?}", world.name);
            take_back_merge(&world.core, lee(), merge.id).await.unwrap();
        }
    }
}

/// Whether a guest may open the notes.
async fn opens(world: &World, of: &Guest) -> bool {
    let reader = world.core.store.reader();
    let app = reader.app_by_client_id("notes").await.unwrap().unwrap().id;
    let guest = reader.guest(of.id).await.unwrap().unwrap();
    let access = reader.access_of(app, &guest, world.core.now()).await.unwrap();
    access == Access::Allow
}

#[tokio::test]
async fn a_group_does_not_let_in_who_was_sent_away() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let reader = world.core.store.reader();
        let notes = reader.app_by_client_id("notes").await.unwrap().unwrap().id;
        add_group(&world.core, lee(), "auditors", &["notes".into()])
            .await
            .unwrap();
        let member = NewGroupAssignment {
            guest: old.id,
            group: "auditors".into(),
            ends_at: None,
            reason: None,
            sponsor: None,
        };
        for guest in [&new, &old] {
            unassign(&world.core, lee(), guest.id, notes, None).await.unwrap();
        }
        assign_to_group(&world.core, lee(), member).await.unwrap();
        assert!(opens(&world, &old).await, "{}: who comes in anew may", world.name);
        unassign(&world.core, lee(), old.id, notes, None).await.unwrap();
        assert!(!opens(&world, &old).await, "{}", world.name);

        let merge = merged(&world, &new, &old).await;
        assert_eq!(
            holds(&world, &new).await.1,
            1,
            "{}: they are in the group",
            world.name
        );
        assert!(!opens(&world, &new).await, "{}", world.name);
        world.clock.advance(TimeDelta::days(1));
        assert!(!opens(&world, &new).await, "{}", world.name);
        take_back_merge(&world.core, lee(), merge.id).await.unwrap();
        assert_eq!(holds(&world, &new).await.1, 0, "{}", world.name);
    }
}

/// The commonest: the second address was never used.
#[tokio::test]
async fn what_waits_for_the_other_is_given() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let reader = world.core.store.reader();
        let notes = reader.app_by_client_id("notes").await.unwrap().unwrap().id;
        let news = reader.newest_invitation(new.id, notes).await.unwrap().unwrap();
        revoke_invitation(&world.core, lee(), news.id, None)
            .await
            .unwrap();
        assert!(!opens(&world, &new).await, "{}", world.name);
        let merge = merged(&world, &new, &old).await;
        assert!(opens(&world, &new).await, "{}", world.name);
        take_back_merge(&world.core, lee(), merge.id).await.unwrap();
        assert!(!opens(&world, &new).await, "{}", world.name);
        // Also where they were sent away before they were invited once more.
        assign_until(&world, &old, world.core.now() + TimeDelta::days(3)).await;
        unassign(&world.core, lee(), old.id, notes, None).await.unwrap();
        world.clock.advance(TimeDelta::minutes(1));
        world.invite(OLD).await.unwrap();
        merged(&world, &new, &old).await;
        assert!(opens(&world, &new).await, "{}", world.name);
        let olds = reader.newest_invitation(old.id, notes).await.unwrap().unwrap();
        assert!(!olds.is_open(world.core.now()), "{}", world.name);
    }
}

#[tokio::test]
async fn the_last_merge_is_taken_back_first() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let third = world.invite("anna@third.test").await.unwrap().guest;
        let first = merged(&world, &new, &old).await;
        world.clock.advance(TimeDelta::minutes(1));
        // Once more into the same guest, and that guest into another.
        for (kept, other) in [(&new, &third), (&third, &new)] {
            let second = merged(&world, kept, other).await;
            let refused = take_back_merge(&world.core, lee(), first.id).await.unwrap_err();
            assert!(
                refused.to_string().contains(&second.id.to_string()),
                "{}: {refused}",
                world.name
            );
            take_back_merge(&world.core, lee(), second.id)
                .await
                .unwrap()
                .unwrap();
            world.clock.advance(TimeDelta::minutes(1));
        }
        take_back_merge(&world.core, lee(), first.id)
            .await
            .unwrap()
            .unwrap();
        assert!(guest(&world, &old).await.status.is_in(), "{}", world.name);
    }
}

/// Where nobody can be asked anew, nobody could answer.
#[tokio::test]
async fn who_cannot_prove_themselves_anew_is_not_asked() {
    for world in World::each_with_app().await {
        let (new, old) = guests(&world).await;
        let mut github = samples::provider("github", &[]);
        github.connection = Some(Connection::Oauth2(Oauth2Connection {
            kind: Oauth2Kind::GitHub,
            endpoints: Oauth2Endpoints {
                authorization: "https://github.test/authorize".into(),
                token: "https://github.test/token".into(),
                api: "https://api.github.test".into(),
            },
            client_id: "vestibule".into(),
            client_secret: samples::secret(),
        }));
        let tx = world.core.store.begin().await.unwrap();
        tx.insert_upstream(&github).await.unwrap();
        tx.commit().await.unwrap();
        pin_method(&world.core, lee(), old.id, Some(github.method()))
            .await
            .unwrap();
        for (kept, other) in [(&new, &old), (&old, &new)] {
            let refused = asked(&world, kept, other).await.unwrap_err().to_string();
            assert!(
                refused.contains("signs in with GITHUB"),
                "{}: {refused}",
                world.name
            );
        }
        pin_method(&world.core, lee(), old.id, Some(Method::Passcode))
            .await
            .unwrap();
        merged(&world, &new, &old).await;
    }
}
