//! What the guest who stays gets of the other: whatever one of the two may open, and for as long as one of them may.

use chrono::{DateTime, Utc};

use crate::{assignment::Assignment, group::GroupAssignment, guest::Guest};

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
    /// The end of their access to everything: what it was, and what it is; `None` within is «never».
    pub expiry: Option<[Option<DateTime<Utc>>; 2]>,
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

/// What `kept` gets of `other`. Where both have an app or a group, they have it from the earlier start to the later end, with the reason
/// and the sponsor of the one that ends later. What is over is not given, and nobody becomes their own sponsor.
pub fn gift(kept: MergeSide<'_>, other: MergeSide<'_>, now: DateTime<Utc>) -> Gift {
    let to = kept.guest;
    let mut gift = Gift::default();
    let through_groups = |side: MergeSide<'_>, app| {
        let held = side.assignments.iter();
        Assignment::deciding(held.filter(|held| held.app == app && held.group.is_some()), now).cloned()
    };
    for theirs in other.assignments.iter().filter(|theirs| theirs.group.is_none()) {
        let is_own = |own: &&Assignment| own.app == theirs.app && own.group.is_none();
        let own = kept.assignments.iter().find(is_own);
        let through = through_groups(kept, theirs.app);
        // From where the other was sent away, although a group of theirs lets in, that group does not let in the guest who stays.
        let is_ban = theirs.stands_alone && own.is_none() && through.is_none();
        if theirs.is_over(now) && !(is_ban && through_groups(other, theirs.app).is_some()) {
            continue;
        }
        gift.assignments
            .extend(assignment(to, own, through.as_ref(), theirs));
    }
    for theirs in other.groups.iter().filter(|theirs| theirs.is_active(now)) {
        let own = kept.groups.iter().find(|own| own.group == theirs.group);
        gift.groups.extend(membership(to, own, theirs, now));
    }
    let until = later(kept.guest.valid_until, other.guest.valid_until);
    if until != kept.guest.valid_until {
        gift.expiry = Some([kept.guest.valid_until, until]);
    }
    gift
}

/// `own`: what they have of the app by themselves; `through`: through groups.
fn assignment(
    to: &Guest,
    own: Option<&Assignment>,
    through: Option<&Assignment>,
    theirs: &Assignment,
) -> Option<Given<Assignment>> {
    // What stands alone would hide what they have through a group.
    let beside = own.or(through.filter(|_| theirs.stands_alone));
    let longest = beside
        .filter(|beside| lasts(beside.ends_at, theirs.ends_at))
        .unwrap_or(theirs);
    let after = Assignment {
        guest: to.id,
        app: theirs.app,
        starts_at: beside.map_or(theirs.starts_at, |beside| beside.starts_at.min(theirs.starts_at)),
        ends_at: longest.ends_at,
        reason: longest.reason.clone(),
        sponsor: longest
            .sponsor
            .clone()
            .filter(|sponsor| !is_address_of(to, sponsor)),
        stands_alone: theirs.stands_alone || own.is_some_and(|own| own.stands_alone),
        group: None,
    };
    let opens = |held: &Assignment| (held.starts_at, held.ends_at, held.stands_alone);
    let is_new = own.is_none_or(|own| opens(own) != opens(&after));
    is_new.then(|| Given {
        before: own.cloned(),
        after,
    })
}

fn membership(
    to: &Guest,
    own: Option<&GroupAssignment>,
    theirs: &GroupAssignment,
    now: DateTime<Utc>,
) -> Option<Given<GroupAssignment>> {
    let beside = own.filter(|own| own.is_active(now));
    let longest = beside
        .filter(|beside| lasts(beside.ends_at, theirs.ends_at))
        .unwrap_or(theirs);
    let after = GroupAssignment {
        guest: to.id,
        group: theirs.group,
        starts_at: beside.map_or(theirs.starts_at, |beside| beside.starts_at.min(theirs.starts_at)),
        ends_at: longest.ends_at,
        reason: longest.reason.clone(),
        sponsor: longest
            .sponsor
            .clone()
            .filter(|sponsor| !is_address_of(to, sponsor)),
    };
    let opens = |held: &GroupAssignment| (held.starts_at, held.ends_at);
    let is_new = own.is_none_or(|own| opens(own) != opens(&after));
    is_new.then(|| Given {
        before: own.cloned(),
        after,
    })
}

/// Whether what ends at `one` lasts at least as long as what ends at `other`.
fn lasts(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> bool {
    later(one, other) == one
}

fn later(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> Option<DateTime<Utc>> {
    one.zip(other).map(|(one, other)| one.max(other))
}

fn is_address_of(guest: &Guest, sponsor: &str) -> bool {
    sponsor.to_lowercase() == guest.email.key()
}

impl Given<Assignment> {
    /// Whether it opens today what it opened when it was given: only then is it taken back.
    pub fn is_as_given(&self, current: Option<&Assignment>) -> bool {
        let opens = |held: &Assignment| (held.starts_at, held.ends_at, held.stands_alone);
        current.is_some_and(|current| opens(current) == opens(&self.after))
    }
}

impl Given<GroupAssignment> {
    /// Whether it is today as it was given.
    pub fn is_as_given(&self, current: Option<&GroupAssignment>) -> bool {
        let opens = |held: &GroupAssignment| (held.starts_at, held.ends_at);
        current.is_some_and(|current| opens(current) == opens(&self.after))
    }
}
