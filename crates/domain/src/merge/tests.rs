use MergeAct::{Agree, Decline, TakeBack};
use MergeRole::{Kept, Other};
use MergeState::{Asked, Declined, Merged, Undone, Withdrawn};
use MergeStep::{Already, No, To};
use uuid::Uuid;

use super::*;
use crate::{
    EmailAddress, assignment::Assignment, entropy::Entropy, group::GroupAssignment, guest::GuestStatus,
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

const OWN: Option<u128> = None;
const GROUP: Option<u128> = Some(7);

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

/// What the guest who stays gets of the app: start, end, and whether it stands alone.
fn given(kept_has: &[Assignment], other_has: &[Assignment]) -> Option<(i64, Option<i64>, bool)> {
    let (kept, other) = (kept(), other());
    let gift = gift(side(&kept, kept_has, &[]), side(&other, other_has, &[]), day(0));
    assert!(gift.assignments.len() <= 1 && gift.groups.is_empty());
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
fn whatever_one_of_the_two_may_open() {
    let alone = |starts, ends| held(starts, ends, true, OWN);
    let own = |starts, ends| held(starts, ends, false, OWN);
    let group = |starts, ends| held(starts, ends, false, GROUP);
    // What the one who stays has, what the other has, and what comes of it.
    for (kept_has, other_has, expected) in [
        (vec![], vec![], None),
        // As it is.
        (vec![], vec![own(-9, Some(5))], Some((-9, Some(5), false))),
        (vec![], vec![own(3, None)], Some((3, None, false))),
        (vec![], vec![alone(-9, Some(5))], Some((-9, Some(5), true))),
        // What is over is over.
        (vec![], vec![own(-9, Some(-1))], None),
        (vec![own(-9, Some(5))], vec![own(-20, Some(-1))], None),
        (vec![], vec![alone(-9, Some(-1))], None),
        // From the earlier start to the later end.
        (
            vec![own(-9, Some(5))],
            vec![own(-3, Some(8))],
            Some((-9, Some(8), false)),
        ),
        (
            vec![own(-3, Some(8))],
            vec![own(-9, Some(5))],
            Some((-9, Some(8), false)),
        ),
        (
            vec![own(-9, Some(5))],
            vec![own(-3, None)],
            Some((-9, None, false)),
        ),
        (vec![own(-9, None)], vec![own(-3, Some(8))], None),
        (vec![own(-9, Some(8))], vec![own(-3, Some(8))], None),
        (
            vec![own(-9, Some(-2))],
            vec![own(-3, Some(8))],
            Some((-9, Some(8), false)),
        ),
        // What stands alone goes on to.
        (
            vec![alone(-9, Some(-2))],
            vec![own(-3, Some(8))],
            Some((-9, Some(8), true)),
        ),
        (
            vec![own(-9, None)],
            vec![alone(-3, Some(8))],
            Some((-9, None, true)),
        ),
        // What one has through a group counts beside.
        (
            vec![group(-9, None)],
            vec![own(-3, Some(8))],
            Some((-3, Some(8), false)),
        ),
        (
            vec![group(-9, None)],
            vec![alone(-3, Some(8))],
            Some((-9, None, true)),
        ),
        (vec![group(-9, None)], vec![alone(-9, Some(-1))], None),
        // The other was sent away from an app of a group: that group opens it to nobody.
        (
            vec![],
            vec![alone(-9, Some(-1)), group(-9, None)],
            Some((-9, Some(-1), true)),
        ),
        (
            vec![own(-9, Some(5))],
            vec![alone(-9, Some(-1)), group(-9, None)],
            None,
        ),
        // What the other has through a group comes with the group.
        (vec![], vec![group(-9, None)], None),
    ] {
        assert_eq!(
            given(&kept_has, &other_has),
            expected,
            "{kept_has:?} {other_has:?}"
        );
    }
}

#[test]
fn groups_expiry_and_sponsors_come_along() {
    let member = |group, ends: Option<i64>, sponsor: &str| GroupAssignment {
        guest: id(0),
        group: id(group),
        starts_at: day(-9),
        ends_at: ends.map(day),
        reason: None,
        sponsor: Some(sponsor.into()),
    };
    let until = |guest, days: Option<i64>| Guest {
        valid_until: days.map(day),
        ..guest
    };
    let (one, two) = (until(kept(), Some(20)), until(other(), Some(30)));
    let kept_in = [
        member(1, Some(5), "kim@acme.test"),
        member(2, None, "kim@acme.test"),
    ];
    let other_in = [
        member(1, Some(8), "lee@acme.test"),
        member(2, Some(8), "lee@acme.test"),
        member(3, None, "ANNA@new.test"),
        member(4, Some(-1), "lee@acme.test"),
    ];
    let all = gift(side(&one, &[], &kept_in), side(&two, &[], &other_in), day(0));
    let groups: Vec<_> = all
        .groups
        .iter()
        .map(|given| {
            (
                given.after.group,
                given.after.ends_at,
                given.after.sponsor.as_deref(),
            )
        })
        .collect();
    // Nobody becomes their own sponsor.
    let expected = [(id(1), Some(day(8)), Some("lee@acme.test")), (id(3), None, None)];
    assert_eq!(groups, expected);
    assert_eq!(all.groups[0].before.as_ref(), Some(&kept_in[0]));
    assert!(all.groups.iter().all(|given| given.after.guest == one.id));

    for (of_kept, of_other, expected) in [
        (Some(20), Some(30), Some([Some(day(20)), Some(day(30))])),
        (Some(20), None, Some([Some(day(20)), None])),
        (Some(30), Some(20), None),
        (None, Some(20), None),
        (None, None, None),
    ] {
        let (one, two) = (until(kept(), of_kept), until(other(), of_other));
        let all = gift(side(&one, &[], &[]), side(&two, &[], &[]), day(0));
        assert_eq!(all.expiry, expected, "{of_kept:?} {of_other:?}");
    }
}

#[test]
fn only_what_is_as_it_was_given_is_taken_back() {
    let after = held(-9, Some(8), false, OWN);
    let given = Given {
        before: None,
        after: after.clone(),
    };
    let other_sponsor = Assignment {
        sponsor: None,
        ..after.clone()
    };
    assert!(given.is_as_given(Some(&after)) && given.is_as_given(Some(&other_sponsor)));
    for changed in [
        held(-9, Some(9), false, OWN),
        held(-9, Some(8), true, OWN),
        held(-8, Some(8), false, OWN),
    ] {
        assert!(!given.is_as_given(Some(&changed)), "{changed:?}");
    }
    assert!(!given.is_as_given(None));
}
