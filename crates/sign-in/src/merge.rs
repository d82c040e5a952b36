//! Two guests are asked whether they are one person. Each answers behind a sign-in of their own, which is the proof; the second yes merges
//! them (threat R20).

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    access::admits_uninvited,
    assignment::Assignment,
    assignment_event::{assigned, assigned_to_group},
    audit::{Action, Actor, AuditEvent},
    group::{Group, GroupAssignment},
    guest::Guest,
    invitation::Standing,
    life::GuestAct,
    merge::{
        Gift, Merge, MergeAct, MergeGround, MergeRole, MergeSide, MergeState, MergeStep, gift, may_merge,
    },
};
use store::{Db, GroupAssignmentFilter, InvitationFilter, MailKind, OutboxMail, Reads, StoreError, Tx};

use crate::{
    core::Core,
    guest_life::{Because, undergo},
};

/// How long it is tried to tell them what came of it.
pub const MAIL_FOR: chrono::TimeDelta = chrono::TimeDelta::days(3);

/// The most invitations that wait for a guest.
const MOST: u64 = 10_000;

/// Both guests of a merge that is under way.
pub struct BothGuests {
    /// The guest who stays.
    pub kept: Guest,
    /// The other.
    pub other: Guest,
}

impl BothGuests {
    /// The guest in that role.
    pub fn guest(&self, role: MergeRole) -> &Guest {
        match role {
            MergeRole::Kept => &self.kept,
            MergeRole::Other => &self.other,
        }
    }

    /// Both of a merge. `None`: one of them was erased.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn read<C: Reads>(db: &Db<C>, merge: &Merge) -> Result<Option<Self>, StoreError> {
        let (kept, other) = (db.guest(merge.kept).await?, db.guest(merge.other).await?);
        Ok(kept.zip(other).map(|(kept, other)| Self { kept, other }))
    }

    /// Locks both, whichever way round they are named. `None`: one of them was erased.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn lock(tx: &Tx, kept: Id<Guest>, other: Id<Guest>) -> Result<Option<Self>, StoreError> {
        // Always in this order, so that two who lock the same guests do not wait for one another.
        let first = tx.lock_guest(kept.min(other)).await?;
        let second = tx.lock_guest(kept.max(other)).await?;
        let both = first.zip(second);
        Ok(both.map(|(first, second)| {
            if first.id == kept {
                Self {
                    kept: first,
                    other: second,
                }
            } else {
                Self {
                    kept: second,
                    other: first,
                }
            }
        }))
    }
}

/// The address that a guest has kept in place of theirs, where they were merged into another.
///
/// # Errors
///
/// When the database does not answer.
pub async fn kept_instead<C: Reads>(db: &Db<C>, guest: &Guest) -> Result<Option<EmailAddress>, StoreError> {
    let merge = db.newest_merge(guest.id).await?;
    match merge.filter(|merge| merge.has_taken(guest.id)) {
        Some(merge) => {
            let kept = db.guest(merge.kept).await?;
            Ok(kept.filter(|kept| kept.status.is_in()).map(|kept| kept.email))
        }
        None => Ok(None),
    }
}

/// What the guest who stays would be given now: the other's invitations that wait are access as well.
///
/// # Errors
///
/// When the database does not answer.
pub async fn foreseen_gift<C: Reads>(
    db: &Db<C>,
    both: &BothGuests,
    now: DateTime<Utc>,
) -> Result<Gift, StoreError> {
    let memberships = async |guest: &Guest| db.group_assignments(&GroupAssignmentFilter::of(guest.id)).await;
    let kept_apps = db.assignments_of(both.kept.id).await?;
    let mut other_apps = db.assignments_of(both.other.id).await?;
    let (kept_groups, mut other_groups) = (memberships(&both.kept).await?, memberships(&both.other).await?);
    redeem_all(db, &both.other, (&mut other_apps, &mut other_groups), now).await?;
    let apps = db.apps().await?.into_iter();
    let open = apps.filter(|app| admits_uninvited(&app.access, &both.kept.email));
    let open: Vec<_> = open.map(|app| app.id).collect();
    let groups = db.groups().await?;
    let kept = MergeSide {
        guest: &both.kept,
        assignments: &kept_apps,
        groups: &kept_groups,
    };
    let other = MergeSide {
        guest: &both.other,
        assignments: &other_apps,
        groups: &other_groups,
    };
    let ground = MergeGround {
        open: &open,
        groups: &groups,
    };
    Ok(gift(kept, other, ground, now))
}

/// Adds to what a guest holds what the invitations that wait for them would come to, where it is not active already.
async fn redeem_all<C: Reads>(
    db: &Db<C>,
    guest: &Guest,
    (held, held_groups): (&mut Vec<Assignment>, &mut Vec<GroupAssignment>),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let waiting = InvitationFilter {
        guest: Some(guest.id),
        app: None,
        sponsor: None,
        standing: Some((Standing::Pending, now)),
        after: None,
        limit: MOST,
    };
    for invitation in db.invitations(&waiting).await? {
        let newest = db.newest_invitation(guest.id, invitation.app).await?;
        // Of several to one app the newest counts.
        if newest.is_none_or(|newest| newest.id != invitation.id) {
            continue;
        }
        let groups = db.groups_of_invitation(invitation.id).await?;
        let given = invitation.gives(&groups, held_groups, now);
        // Who has access redeems nothing.
        let has_access = held
            .iter()
            .any(|held| held.app == invitation.app && held.is_active(now));
        for (given, group) in given.groups.into_iter().zip(&groups).filter(|_| !has_access) {
            come_into(held, held_groups, group, given, now);
        }
        let Some(given) = given.own else { continue };
        let is_own = |held: &&mut Assignment| held.app == given.app && held.group.is_none();
        match held.iter_mut().find(is_own) {
            Some(own) if own.is_active(now) => {}
            Some(own) => {
                *own = Assignment {
                    stands_alone: own.stands_alone,
                    ..given
                };
            }
            None => held.push(given),
        }
    }
    Ok(())
}

/// What [`enter_group`](crate::guest_life::enter_group) would come to, where they are not in the group already.
fn come_into(
    held: &mut [Assignment],
    held_groups: &mut Vec<GroupAssignment>,
    group: &Group,
    given: GroupAssignment,
    now: DateTime<Utc>,
) {
    match held_groups.iter_mut().find(|held| held.group == group.id) {
        Some(in_it) if in_it.is_active(now) => return,
        Some(was_in_it) => *was_in_it = given,
        None => held_groups.push(given),
    }
    for own in held.iter_mut().filter(|held| group.apps.contains(&held.app)) {
        own.stands_alone = false;
    }
}

/// Has a guest who has proven themselves answer the question. The second yes gives the guest who stays what the other has, and removes the
/// other.
///
/// # Errors
///
/// When the database does not answer.
pub async fn answer_merge(
    core: &Core,
    asked: &Merge,
    guest: Id<Guest>,
    agrees: bool,
) -> Result<MergeStep, StoreError> {
    match try_answer(core, asked, guest, agrees).await {
        // An app, a group or a sponsor went meanwhile: now we see it.
        Err(error) if error.is_crossed() => try_answer(core, asked, guest, agrees).await,
        done => done,
    }
}

async fn try_answer(
    core: &Core,
    asked: &Merge,
    guest: Id<Guest>,
    agrees: bool,
) -> Result<MergeStep, StoreError> {
    let now = core.now();
    let Some(role) = asked.role(guest) else {
        return Ok(MergeStep::No);
    };
    let tx = core.store.begin().await?;
    let Some(mut both) = BothGuests::lock(&tx, asked.kept, asked.other).await? else {
        return Ok(MergeStep::No);
    };
    let Some(mut merge) = tx.lock_merge(asked.id).await? else {
        return Ok(MergeStep::No);
    };
    let act = if agrees {
        MergeAct::Agree(role)
    } else {
        MergeAct::Decline
    };
    let step = merge.undergo(act, now);
    let action = match step {
        MergeStep::Already | MergeStep::No => return Ok(step),
        // Who was shut out since it was asked does not come in by the other.
        MergeStep::To(_) if agrees && may_merge(&both.kept, &both.other, now).is_err() => {
            return Ok(MergeStep::No);
        }
        MergeStep::To(MergeState::Declined) => Action::MergeDeclined,
        MergeStep::To(_) => Action::MergeAgreed,
    };
    tx.save_merge(&merge).await?;
    let event = AuditEvent::new(action, Actor::Guest(guest)).guest(guest);
    tx.record(event.detail("merge", merge.id.to_string()), now)
        .await?;
    if merge.state == MergeState::Merged {
        join(core, &tx, &merge, &mut both, Actor::Guest(guest)).await?;
    }
    tx.commit().await?;
    core.outgoing.wake();
    Ok(step)
}

async fn join(
    core: &Core,
    tx: &Tx,
    merge: &Merge,
    both: &mut BothGuests,
    by: Actor,
) -> Result<(), StoreError> {
    let now = core.now();
    let gift = foreseen_gift(tx, both, now).await?;
    let merged = |event: AuditEvent| event.detail("merge", merge.id.to_string());
    for given in &gift.assignments {
        tx.put_assignment(&given.after).await?;
        tx.record(merged(assigned(by.clone(), &given.after)), now).await?;
    }
    let groups = tx.groups().await?;
    for given in &gift.groups {
        tx.put_group_assignment(&given.after).await?;
        // It is there: the row refers to it.
        if let Some(group) = groups.iter().find(|group| group.id == given.after.group) {
            let event = assigned_to_group(by.clone(), &given.after, &group.name);
            tx.record(merged(event), now).await?;
        }
    }
    tx.save_gift(merge.id, &gift).await?;
    let because = Because {
        by: &by,
        reason: Some("merged"),
    };
    let removal = (GuestAct::Remove, Action::GuestRemoved);
    undergo(tx, because, &mut both.other, removal, now).await?;
    let event = merged(AuditEvent::new(Action::GuestMerged, by))
        .guest(both.kept.id)
        .detail("other", both.other.id.to_string())
        .detail("apps", gift.assignments.len().to_string())
        .detail("groups", gift.groups.len().to_string());
    tx.record(event, now).await?;
    let merge = merge.id;
    tell_both(core, tx, both, now + MAIL_FOR, |to| MailKind::GuestMerged {
        merge,
        to,
    })
    .await
}

/// Puts a mail to each of the two into the outbox, which is tried until then.
///
/// # Errors
///
/// When the database does not answer.
pub async fn tell_both(
    core: &Core,
    tx: &Tx,
    both: &BothGuests,
    until: DateTime<Utc>,
    kind: impl Fn(MergeRole) -> MailKind,
) -> Result<(), StoreError> {
    let now = core.now();
    for to in MergeRole::ALL {
        let language = both.guest(to).language.clone();
        let id = Id::new(now, &*core.entropy);
        tx.enqueue(&OutboxMail::new(id, kind(to), language, now, until))
            .await?;
    }
    Ok(())
}
