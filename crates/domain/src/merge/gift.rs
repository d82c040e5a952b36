//! What the guest who stays gets of the other: what the other may open, for as long as one of the two may.

use chrono::{DateTime, Utc};

use crate::{
    Id,
    app::App,
    assignment::Assignment,
    group::{Group, GroupAssignment},
    guest::Guest,
};

/// Something that the guest who stays has now, and what they had in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Given<T> {
    /// What they had.
    pub before: Option<T>,
    /// What they have.
    pub after: T,
}

/// All that the guest who stays was given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gift {
    /// Assignments to apps, their own.
    pub assignments: Vec<Given<Assignment>>,
    /// Assignments to groups.
    pub groups: Vec<Given<GroupAssignment>>,
}

/// One of the two, with what they hold.
#[derive(Clone, Copy, Debug)]
pub struct MergeSide<'a> {
    /// The guest.
    pub guest: &'a Guest,
    /// Their assignments, their own and through groups.
    pub assignments: &'a [Assignment],
    /// Their assignments to groups.
    pub groups: &'a [GroupAssignment],
}

/// What it depends on besides.
#[derive(Clone, Copy, Debug)]
pub struct MergeGround<'a> {
    /// The apps that let in the guest who stays without an assignment: one with an end would shut them out.
    pub open: &'a [Id<App>],
    /// The groups, with their apps.
    pub groups: &'a [Group],
}

/// From when until when, why, and who is answerable.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Terms {
    starts_at: DateTime<Utc>,
    ends_at: Option<DateTime<Utc>>,
    reason: Option<String>,
    sponsor: Option<String>,
}

/// What `kept` gets of `other`. Where both have an app or a group at times that touch, they have it from the earlier start to the later end,
/// with the reason and the sponsor of the one that ends later; where the times do not touch, what is theirs stays. Nothing lasts longer than
/// the other was to be a guest, what is over is not given, and nobody becomes their own sponsor.
pub fn gift(kept: MergeSide<'_>, other: MergeSide<'_>, ground: MergeGround<'_>, now: DateTime<Utc>) -> Gift {
    let limit = other.guest.valid_until;
    let mut gift = Gift::default();
    for theirs in other.groups.iter().filter(|theirs| theirs.is_active(now)) {
        let own = kept.groups.iter().find(|own| own.group == theirs.group);
        let terms = joined(
            own.map(Terms::of_group).as_ref(),
            Terms::of_group(theirs).until(limit),
            now,
        );
        let after = terms.map(|terms| terms.to_group(kept.guest, theirs.group));
        let after = after.filter(|after| own.is_none_or(|own| !is_same_group(own, after)));
        gift.groups.extend(after.map(|after| Given {
            before: own.cloned(),
            after,
        }));
    }
    // Into which they come now.
    let enters = |app: Id<App>| {
        let given = gift.groups.iter().map(|given| given.after.group);
        given
            .filter_map(|id| ground.groups.iter().find(|group| group.id == id))
            .any(|group| group.apps.contains(&app))
    };
    let own_of_other = other.assignments.iter().filter(|held| held.group.is_none());
    let assignments: Vec<_> = own_of_other
        .filter_map(|theirs| assignment(kept, theirs, limit, ground, enters(theirs.app), now))
        .collect();
    gift.assignments = assignments;
    gift
}

/// `enters`: by a group that they are given they would come into the app.
fn assignment(
    kept: MergeSide<'_>,
    theirs: &Assignment,
    limit: Option<DateTime<Utc>>,
    ground: MergeGround<'_>,
    enters: bool,
    now: DateTime<Utc>,
) -> Option<Given<Assignment>> {
    let of_app = || kept.assignments.iter().filter(|held| held.app == theirs.app);
    let own = of_app().find(|held| held.group.is_none());
    if own.is_none() && ground.open.contains(&theirs.app) {
        return None;
    }
    // What counts alone for the other, whatever their groups are, counts alone still where such a group is given.
    let counts_alone = theirs.stands_alone && enters;
    let through = Assignment::deciding(of_app().filter(|held| held.group.is_some()), now);
    let beside = own.or(through.filter(|_| counts_alone)).map(Terms::of);
    let theirs_terms = Terms::of(theirs).until(limit);
    let terms = if theirs_terms.is_over(now) {
        None
    } else {
        joined(beside.as_ref(), theirs_terms.clone(), now)
    };
    let terms = match terms {
        Some(terms) => terms,
        None if counts_alone => beside.unwrap_or(theirs_terms),
        None => return None,
    };
    let stands_alone = counts_alone || own.is_some_and(|own| own.stands_alone);
    let after = terms.to_assignment(kept.guest, theirs.app, stands_alone);
    if own.is_some_and(|own| is_same(own, &after)) {
        return None;
    }
    Some(Given {
        before: own.cloned(),
        after,
    })
}

/// The two in one; `None`: what they have stays, for the times do not touch.
fn joined(own: Option<&Terms>, theirs: Terms, now: DateTime<Utc>) -> Option<Terms> {
    let Some(own) = own.filter(|own| !own.is_over(now)) else {
        return Some(theirs);
    };
    let reaches = |one: &Terms, other: &Terms| one.ends_at.is_none_or(|end| other.starts_at <= end);
    if !reaches(own, &theirs) || !reaches(&theirs, own) {
        return None;
    }
    let starts_at = own.starts_at.min(theirs.starts_at);
    let longest = if own.lasts(&theirs) { own.clone() } else { theirs };
    Some(Terms { starts_at, ..longest })
}

impl Terms {
    fn of(held: &Assignment) -> Self {
        Self {
            starts_at: held.starts_at,
            ends_at: held.ends_at,
            reason: held.reason.clone(),
            sponsor: held.sponsor.clone(),
        }
    }

    fn of_group(held: &GroupAssignment) -> Self {
        Self {
            starts_at: held.starts_at,
            ends_at: held.ends_at,
            reason: held.reason.clone(),
            sponsor: held.sponsor.clone(),
        }
    }

    /// The same, and no longer than until then.
    fn until(self, limit: Option<DateTime<Utc>>) -> Self {
        Self {
            ends_at: match (self.ends_at, limit) {
                (Some(end), Some(limit)) => Some(end.min(limit)),
                (end, limit) => end.or(limit),
            },
            ..self
        }
    }

    fn is_over(&self, now: DateTime<Utc>) -> bool {
        self.ends_at.is_some_and(|end| end <= now)
    }

    /// Whether they last at least as long.
    fn lasts(&self, other: &Self) -> bool {
        match (self.ends_at, other.ends_at) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(end), Some(other)) => end >= other,
        }
    }

    fn sponsor_of(&self, guest: &Guest) -> Option<String> {
        let sponsor = self.sponsor.as_ref();
        sponsor
            .filter(|sponsor| !guest.email.is_same_person(sponsor))
            .cloned()
    }

    fn to_assignment(&self, guest: &Guest, app: Id<App>, stands_alone: bool) -> Assignment {
        Assignment {
            guest: guest.id,
            app,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            reason: self.reason.clone(),
            sponsor: self.sponsor_of(guest),
            stands_alone,
            group: None,
        }
    }

    fn to_group(&self, guest: &Guest, group: Id<Group>) -> GroupAssignment {
        GroupAssignment {
            guest: guest.id,
            group,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            reason: self.reason.clone(),
            sponsor: self.sponsor_of(guest),
        }
    }
}

/// Whether both open the same: who is answerable, and why, may differ.
fn is_same(one: &Assignment, other: &Assignment) -> bool {
    let opens = |held: &Assignment| (held.starts_at, held.ends_at, held.stands_alone);
    opens(one) == opens(other)
}

fn is_same_group(one: &GroupAssignment, other: &GroupAssignment) -> bool {
    (one.starts_at, one.ends_at) == (other.starts_at, other.ends_at)
}

/// Who answers once it is taken back: who did before, unless somebody else answers by now.
fn sponsor_after([before, given, current]: [&Option<String>; 3]) -> Option<String> {
    if current == given { before } else { current }.clone()
}

impl Given<Assignment> {
    /// Whether it opens today what it opened when it was given: only then is it taken back.
    pub fn is_as_given(&self, current: &Assignment) -> bool {
        is_same(current, &self.after)
    }

    /// What they have once it is taken back.
    pub fn taken_back(&self, current: &Assignment) -> Option<Assignment> {
        let before = self.before.clone()?;
        let sponsor = sponsor_after([&before.sponsor, &self.after.sponsor, &current.sponsor]);
        Some(Assignment { sponsor, ..before })
    }
}

impl Given<GroupAssignment> {
    /// Whether it is today as it was given.
    pub fn is_as_given(&self, current: &GroupAssignment) -> bool {
        is_same_group(current, &self.after)
    }

    /// What they have once it is taken back.
    pub fn taken_back(&self, current: &GroupAssignment) -> Option<GroupAssignment> {
        let before = self.before.clone()?;
        let sponsor = sponsor_after([&before.sponsor, &self.after.sponsor, &current.sponsor]);
        Some(GroupAssignment { sponsor, ..before })
    }
}
