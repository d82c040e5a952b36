//! What a guest was given by a merge, as a column keeps it.

use domain::{
    Id,
    assignment::Assignment,
    group::GroupAssignment,
    guest::Guest,
    merge::{Gift, Given},
    time::from_millis,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    StoreError,
    value::{millis, opt_from_millis, opt_millis},
};

#[derive(Deserialize, Serialize)]
struct KeptGift {
    assignments: Vec<KeptGiven>,
    groups: Vec<KeptGiven>,
}

#[derive(Deserialize, Serialize)]
struct KeptGiven {
    /// An app or a group.
    to: Uuid,
    before: Option<KeptTerms>,
    after: KeptTerms,
}

#[derive(Deserialize, Serialize)]
struct KeptTerms {
    starts_at: i64,
    ends_at: Option<i64>,
    reason: Option<String>,
    sponsor: Option<String>,
    #[serde(default)]
    stands_alone: bool,
}

pub(super) fn json(gift: &Gift) -> Result<String, StoreError> {
    let kept = KeptGift {
        assignments: gift
            .assignments
            .iter()
            .map(|given| KeptGiven {
                to: given.after.app.uuid(),
                before: given.before.as_ref().map(of_assignment),
                after: of_assignment(&given.after),
            })
            .collect(),
        groups: gift
            .groups
            .iter()
            .map(|given| KeptGiven {
                to: given.after.group.uuid(),
                before: given.before.as_ref().map(of_group),
                after: of_group(&given.after),
            })
            .collect(),
    };
    serde_json::to_string(&kept).map_err(|error| StoreError::Database(Box::new(error)))
}

/// What the column says of what that guest was given.
pub(super) fn read(json: &str, guest: Id<Guest>) -> Option<Gift> {
    let kept: KeptGift = serde_json::from_str(json).ok()?;
    let assignments = kept.assignments.into_iter().map(|given| Given {
        before: given.before.map(|terms| assignment(guest, given.to, terms)),
        after: assignment(guest, given.to, given.after),
    });
    let groups = kept.groups.into_iter().map(|given| Given {
        before: given.before.map(|terms| group_assignment(guest, given.to, terms)),
        after: group_assignment(guest, given.to, given.after),
    });
    Some(Gift {
        assignments: assignments.collect(),
        groups: groups.collect(),
    })
}

fn of_assignment(held: &Assignment) -> KeptTerms {
    KeptTerms {
        starts_at: millis(held.starts_at),
        ends_at: opt_millis(held.ends_at),
        reason: held.reason.clone(),
        sponsor: held.sponsor.clone(),
        stands_alone: held.stands_alone,
    }
}

fn of_group(held: &GroupAssignment) -> KeptTerms {
    KeptTerms {
        starts_at: millis(held.starts_at),
        ends_at: opt_millis(held.ends_at),
        reason: held.reason.clone(),
        sponsor: held.sponsor.clone(),
        stands_alone: false,
    }
}

fn assignment(guest: Id<Guest>, app: Uuid, terms: KeptTerms) -> Assignment {
    Assignment {
        guest,
        app: Id::from_uuid(app),
        starts_at: from_millis(terms.starts_at),
        ends_at: opt_from_millis(terms.ends_at),
        reason: terms.reason,
        sponsor: terms.sponsor,
        stands_alone: terms.stands_alone,
        group: None,
    }
}

fn group_assignment(guest: Id<Guest>, group: Uuid, terms: KeptTerms) -> GroupAssignment {
    GroupAssignment {
        guest,
        group: Id::from_uuid(group),
        starts_at: from_millis(terms.starts_at),
        ends_at: opt_from_millis(terms.ends_at),
        reason: terms.reason,
        sponsor: terms.sponsor,
    }
}
