//! Two guests who become one, and are two again.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    EmailAddress, Id,
    guest::{Guest, GuestStatus},
    merge::{Merge, MergeState, MergeStep},
};
use sign_in::merge::answer_merge;
use store::GroupAssignmentFilter;

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
    let filter = GroupAssignmentFilter {
        guest: Some(guest.id),
        limit: 9,
        ..GroupAssignmentFilter::default()
    };
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
        let (soon, expiry, late) = (day(5), day(10), day(30));
        assign_until(&world, &new, soon).await;
        assign_until(&world, &old, late).await;
        set_expiry(&world.core, lee(), new.id, Some(expiry))
            .await
            .unwrap();
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
            moves_expiry: true,
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
        assert_eq!(guest(&world, &new).await.valid_until, None, "{}", world.name);
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
        assert_eq!(
            guest(&world, &new).await.valid_until,
            Some(expiry),
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
