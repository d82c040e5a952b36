use MergeAct::{Agree, Decline, TakeBack};
use MergeRole::{Kept, Other};
use MergeState::{Asked, Declined, Merged, Undone, Withdrawn};
use MergeStep::{Already, No, To};
use uuid::Uuid;

use super::*;
use crate::{
    EmailAddress,
    app::App,
    assignment::Assignment,
    entropy::Entropy,
    group::{Group, GroupAssignment},
    guest::GuestStatus,
};

struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

fn id<T>(number: u128) -> Id<T> {
    Id::from_uuid(Uuid::from_u128(number))
}

fn day(number: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(100 + number)
}

fn guest(number: u128, address: &str) -> Guest {
    let email = EmailAddress::parse(address).unwrap();
    Guest {
        id: id(number),
        ..Guest::invited(email, None, day(-50), &Zeros)
    }
}

fn kept() -> Guest {
    guest(1, "anna@new.test")
}

fn other() -> Guest {
    guest(2, "anna@contoso.test")
}

#[test]
fn both_say_yes_and_it_can_be_taken_back() {
    let (kept, other, somebody) = (id(1), id(2), id(3));
    let now = day(0);
    let asked = || Merge::asked(id(9), kept, other, now);
    // What is done one after the other, and what each comes to.
    for steps in [
        &[
            (Agree(Kept), To(Asked)),
            (Agree(Other), To(Merged)),
            (TakeBack, To(Undone)),
            (TakeBack, Already),
        ][..],
        &[
            (Agree(Other), To(Asked)),
            (Agree(Other), Already),
            (Agree(Kept), To(Merged)),
            (Agree(Kept), No),
        ],
        &[
            (Agree(Kept), To(Asked)),
            (Decline, To(Declined)),
            (Agree(Other), No),
            (TakeBack, No),
        ],
        &[(Decline, To(Declined)), (Agree(Other), No), (Decline, No)],
        &[
            (TakeBack, To(Withdrawn)),
            (TakeBack, Already),
            (Agree(Kept), No),
            (Decline, No),
        ],
        &[
            (Agree(Kept), To(Asked)),
            (Agree(Other), To(Merged)),
            (Decline, No),
            (Agree(Other), No),
        ],
    ] {
        let mut merge = asked();
        for (act, step) in steps {
            assert_eq!(merge.undergo(*act, now), *step, "{act:?} of {steps:?}");
        }
    }
    // Their time is over after seven days; taking it back has no such end.
    let mut late = asked();
    let last = now + ASKED_FOR - TimeDelta::milliseconds(1);
    assert_eq!((late.is_open(last), late.standing(last)), (true, "asked"));
    let end = now + ASKED_FOR;
    assert_eq!((late.is_open(end), late.standing(end)), (false, "expired"));
    assert_eq!(late.undergo(Agree(Kept), end), No);
    assert_eq!(late.undergo(TakeBack, end), To(Withdrawn));
    assert_eq!(
        (asked().role(kept), asked().role(other)),
        (Some(Kept), Some(Other))
    );
    assert_eq!(asked().role(somebody), None);
}

#[test]
fn who_was_shut_out_is_merged_with_nobody() {
    let now = day(0);
    for status in GuestStatus::ALL {
        let out = |guest| Guest { status, ..guest };
        let (of_kept, of_other) = if status.is_in() {
            (Ok(()), Ok(()))
        } else {
            (Err(Unmergeable::KeptIsOut), Err(Unmergeable::OtherIsOut))
        };
        assert_eq!(may_merge(&out(kept()), &other(), now), of_kept, "{status:?}");
        assert_eq!(may_merge(&kept(), &out(other()), now), of_other, "{status:?}");
    }
    let expired = Guest {
        valid_until: Some(now),
        ..other()
    };
    assert_eq!(may_merge(&kept(), &expired, now), Err(Unmergeable::OtherIsOut));
    assert_eq!(may_merge(&kept(), &kept(), now), Err(Unmergeable::Same));
}

fn side<'a>(guest: &'a Guest, assignments: &'a [Assignment], groups: &'a [GroupAssignment]) -> MergeSide<'a> {
    MergeSide {
        guest,
        assignments,
        groups,
    }
}

/// The group that the guest who stays is in, and that of the other: both have the app.
const KEPTS: u128 = 7;
const OTHERS: u128 = 8;

/// An assignment to the app from one day to another.
fn held(starts: i64, ends: Option<i64>, stands_alone: bool, group: Option<u128>) -> Assignment {
    Assignment {
        guest: id(0),
        app: id(5),
        starts_at: day(starts),
        ends_at: ends.map(day),
        reason: Some(format!("from {starts} to {ends:?}")),
        sponsor: Some("lee@acme.test".into()),
        stands_alone,
        group: group.map(id),
    }
}

fn own(starts: i64, ends: Option<i64>) -> Assignment {
    held(starts, ends, false, None)
}

fn alone(starts: i64, ends: Option<i64>) -> Assignment {
    held(starts, ends, true, None)
}

fn member(group: u128, ends: Option<i64>, sponsor: &str) -> GroupAssignment {
    GroupAssignment {
        guest: id(0),
        group: id(group),
        starts_at: day(-9),
        ends_at: ends.map(day),
        reason: None,
        sponsor: Some(sponsor.into()),
    }
}

fn until(guest: Guest, days: Option<i64>) -> Guest {
    Guest {
        valid_until: days.map(day),
        ..guest
    }
}

fn groups() -> [Group; 2] {
    [KEPTS, OTHERS].map(|group| Group {
        id: id(group),
        name: format!("group-{group}"),
        apps: vec![id(5)],
        created_at: day(-99),
    })
}

/// What the other has.
#[derive(Clone, Debug, Default)]
struct Others {
    own: Option<Assignment>,
    /// Whether they are in a group that has the app.
    in_group: bool,
    valid_until: Option<i64>,
    /// Whether the app lets in the guest who stays anyhow.
    open: bool,
}

/// What the guest who stays gets of the app: start, end, and whether it stands alone.
fn given(kept_has: &[Assignment], others: &Others) -> Option<(i64, Option<i64>, bool)> {
    let (kept, other) = (kept(), until(other(), others.valid_until));
    let other_has: Vec<Assignment> = others.own.iter().cloned().collect();
    let other_in: Vec<_> = others
        .in_group
        .then(|| member(OTHERS, None, "lee@acme.test"))
        .into_iter()
        .collect();
    let open: Vec<Id<App>> = others.open.then(|| id(5)).into_iter().collect();
    let groups = groups();
    let ground = MergeGround {
        open: &open,
        groups: &groups,
    };
    let gift = gift(
        side(&kept, kept_has, &[]),
        side(&other, &other_has, &other_in),
        ground,
        day(0),
    );
    assert!(gift.assignments.len() <= 1 && gift.groups.len() == other_in.len());
    gift.assignments
        .into_iter()
        .next()
        .map(|Given { before, after }| {
            assert_eq!((after.guest, after.app, after.group), (kept.id, id(5), None));
            assert_eq!(before.as_ref(), kept_has.iter().find(|held| held.group.is_none()));
            let number = |moment: DateTime<Utc>| (moment - day(0)).num_days();
            (
                number(after.starts_at),
                after.ends_at.map(number),
                after.stands_alone,
            )
        })
}

#[test]
fn what_the_other_may_open_for_as_long_as_one_of_them_may() {
    let through = |ends| held(-9, ends, false, Some(KEPTS));
    // What the one who stays has, what the other has, and what comes of it.
    for (kept_has, theirs, expected) in [
        // As it is; that it counts alone says nothing where no group comes along.
        (None, own(-9, Some(5)), Some((-9, Some(5), false))),
        (None, own(3, None), Some((3, None, false))),
        (None, alone(-9, Some(5)), Some((-9, Some(5), false))),
        // What is over is over.
        (None, own(-9, Some(-1)), None),
        (None, alone(-9, Some(-1)), None),
        (Some(own(-9, Some(5))), own(-20, Some(-1)), None),
        (
            Some(own(-20, Some(-2))),
            own(-3, Some(8)),
            Some((-3, Some(8), false)),
        ),
        // From the earlier start to the later end.
        (
            Some(own(-9, Some(5))),
            own(-3, Some(8)),
            Some((-9, Some(8), false)),
        ),
        (
            Some(own(-3, Some(8))),
            own(-9, Some(5)),
            Some((-9, Some(8), false)),
        ),
        (Some(own(-9, Some(5))), own(-3, None), Some((-9, None, false))),
        (
            Some(own(-9, Some(5))),
            own(5, Some(8)),
            Some((-9, Some(8), false)),
        ),
        (Some(own(-9, None)), own(-3, Some(8)), None),
        (Some(own(-9, Some(8))), own(-3, Some(8)), None),
        // The times do not touch: what is theirs stays.
        (Some(own(-9, Some(5))), own(20, Some(30)), None),
        (Some(own(20, Some(30))), own(-9, Some(5)), None),
        // What counts alone for the guest who stays still does.
        (
            Some(alone(-9, Some(-2))),
            own(-3, Some(8)),
            Some((-3, Some(8), true)),
        ),
        (
            Some(alone(-9, Some(2))),
            own(-3, Some(8)),
            Some((-9, Some(8), true)),
        ),
        // What they have through a group counts beside.
        (Some(through(None)), own(-3, Some(8)), Some((-3, Some(8), false))),
        (
            Some(through(None)),
            alone(-3, Some(8)),
            Some((-3, Some(8), false)),
        ),
        (Some(through(None)), alone(-9, Some(-1)), None),
    ] {
        let others = Others {
            own: Some(theirs),
            ..Others::default()
        };
        let kept_has: Vec<_> = kept_has.into_iter().collect();
        assert_eq!(given(&kept_has, &others), expected, "{kept_has:?} {others:?}");
    }
    assert_eq!(given(&[], &Others::default()), None);
}

/// What counts alone for the other, although they are in a group that has the app, is not undone by that group.
#[test]
fn a_group_that_comes_along_opens_no_more_than_it_did() {
    let through = |ends| held(-9, ends, false, Some(KEPTS));
    for (kept_has, theirs, expected) in [
        // Sent away: the group lets nobody in.
        (None, alone(-9, Some(-1)), Some((-9, Some(-1), true))),
        // The one who stays has it until then, and not for ever.
        (
            Some(own(-9, Some(5))),
            alone(-9, Some(-1)),
            Some((-9, Some(5), true)),
        ),
        (
            Some(own(-9, Some(-3))),
            alone(-9, Some(-1)),
            Some((-9, Some(-3), true)),
        ),
        (
            Some(through(Some(5))),
            alone(-9, Some(-1)),
            Some((-9, Some(5), true)),
        ),
        (Some(alone(-9, Some(5))), alone(-9, Some(-1)), None),
        // It ends some day.
        (None, alone(-9, Some(4)), Some((-9, Some(4), true))),
        (
            Some(own(-9, Some(5))),
            alone(-3, Some(8)),
            Some((-9, Some(8), true)),
        ),
        (Some(through(None)), alone(-3, Some(8)), Some((-9, None, true))),
        (
            Some(own(20, Some(30))),
            alone(-3, Some(8)),
            Some((20, Some(30), true)),
        ),
        // It does not count alone.
        (None, own(-9, Some(-1)), None),
        (None, own(-9, Some(4)), Some((-9, Some(4), false))),
    ] {
        let others = Others {
            own: Some(theirs),
            in_group: true,
            ..Others::default()
        };
        let kept_has: Vec<_> = kept_has.into_iter().collect();
        assert_eq!(given(&kept_has, &others), expected, "{kept_has:?} {others:?}");
    }
}

/// An assignment of theirs would be all that counts there, and its end or its start would shut them out.
#[test]
fn an_app_that_is_open_to_them_stays_open() {
    for in_group in [false, true] {
        for theirs in [own(3, Some(5)), alone(-9, Some(-1))] {
            let others = Others {
                own: Some(theirs),
                in_group,
                open: true,
                ..Others::default()
            };
            assert_eq!(given(&[], &others), None, "{others:?}");
            assert_eq!(
                given(&[held(-9, None, false, Some(KEPTS))], &others),
                None,
                "{others:?}"
            );
        }
    }
    let others = Others {
        own: Some(own(-3, Some(5))),
        open: true,
        ..Others::default()
    };
    // An assignment of theirs counts already.
    assert_eq!(given(&[own(-9, Some(1))], &others), Some((-9, Some(5), false)));
}

/// Nothing lasts longer than the other was to be a guest; when the one who stays is to be one is not changed.
#[test]
fn the_end_of_a_guest_goes_with_what_they_had() {
    for (valid_until, ends, expected) in [
        (Some(4), None, Some(4)),
        (Some(4), Some(9), Some(4)),
        (Some(4), Some(2), Some(2)),
        (None, None, None),
    ] {
        let others = Others {
            own: Some(own(-9, ends)),
            valid_until,
            ..Others::default()
        };
        assert_eq!(given(&[], &others), Some((-9, expected, false)), "{others:?}");
    }
}

#[test]
fn groups_and_sponsors_come_along() {
    let (one, two) = (kept(), until(other(), Some(30)));
    let kept_in = [
        member(1, Some(5), "kim@acme.test"),
        member(2, None, "kim@acme.test"),
        member(5, Some(-5), "kim@acme.test"),
    ];
    let other_in = [
        member(1, Some(8), "lee@acme.test"),
        member(2, Some(8), "lee@acme.test"),
        member(3, None, "ANNA+notes@new.test"),
        member(4, Some(-1), "lee@acme.test"),
        member(5, Some(8), "lee@acme.test"),
    ];
    let ground = MergeGround {
        open: &[],
        groups: &[],
    };
    let all = gift(
        side(&one, &[], &kept_in),
        side(&two, &[], &other_in),
        ground,
        day(0),
    );
    let given = |given: &Given<GroupAssignment>| {
        (
            given.after.group,
            given.after.ends_at,
            given.after.sponsor.clone(),
        )
    };
    let lee = || Some("lee@acme.test".to_owned());
    // Nobody becomes their own sponsor.
    let expected = [
        (id(1), Some(day(8)), lee()),
        (id(3), Some(day(30)), None),
        (id(5), Some(day(8)), lee()),
    ];
    assert_eq!(all.groups.iter().map(given).collect::<Vec<_>>(), expected);
    assert_eq!(all.groups[0].before.as_ref(), Some(&kept_in[0]));
    assert!(all.groups.iter().all(|given| given.after.guest == one.id));
}

#[test]
fn only_what_is_as_it_was_given_is_taken_back() {
    let after = own(-9, Some(8));
    let given = Given {
        before: Some(own(-9, Some(2))),
        after: after.clone(),
    };
    for changed in [own(-9, Some(9)), alone(-9, Some(8)), own(-8, Some(8))] {
        assert!(!given.is_as_given(&changed), "{changed:?}");
    }
    // Whoever answers for it by now goes on to.
    for (sponsor, expected) in [
        ("lee@acme.test", "kim@acme.test"),
        ("pat@acme.test", "pat@acme.test"),
    ] {
        let current = Assignment {
            sponsor: Some(sponsor.into()),
            ..after.clone()
        };
        let given = Given {
            before: Some(Assignment {
                sponsor: Some("kim@acme.test".into()),
                ..own(-9, Some(2))
            }),
            after: after.clone(),
        };
        assert!(given.is_as_given(&current));
        let back = given.taken_back(&current).unwrap();
        assert_eq!(
            (back.ends_at, back.sponsor.as_deref()),
            (Some(day(2)), Some(expected))
        );
    }
    let nothing = Given { before: None, after };
    assert_eq!(nothing.taken_back(&own(-9, Some(8))), None);
}
