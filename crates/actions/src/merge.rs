//! Merging two guests who are one person: asking both, and taking it back, also when it is done.

mod undo;

use domain::{
    Id,
    assignment::Assignment,
    audit::{Action, Actor, AuditEvent},
    group::GroupAssignment,
    guest::Guest,
    merge::{Given, Merge, MergeAct, MergeRole, MergeState, MergeStep, Unmergeable, may_merge},
    upstream::Connection,
};
use sign_in::{
    Core,
    merge::{BothGuests, MAIL_FOR, foreseen_gift, tell_both},
};
use store::{MailKind, StoreError, Tx};

use super::{ActionError, check};

/// What a merge gives, or has given, to the guest who stays, by the names that operators use.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergeGives {
    /// The client ids of apps that they get, or get for longer.
    pub apps: Vec<String>,
    /// The names of groups, the same.
    pub groups: Vec<String>,
}

/// What a merge has given, or would give now. `None`: it is over, and gave nothing.
///
/// # Errors
///
/// When the database does not answer.
pub async fn merge_gives(core: &Core, merge: &Merge) -> Result<Option<MergeGives>, StoreError> {
    let reader = core.store.reader();
    let gift = match reader.gift_of_merge(merge).await? {
        Some(gift) => gift,
        None if merge.is_open(core.now()) => {
            let Some(both) = BothGuests::read(&reader, merge).await? else {
                return Ok(None);
            };
            foreseen_gift(&reader, &both, core.now()).await?
        }
        None => return Ok(None),
    };
    let (apps, groups) = (reader.apps().await?, reader.groups().await?);
    let app = |given: &Given<Assignment>| apps.iter().find(|app| app.id == given.after.app);
    let group = |given: &Given<GroupAssignment>| groups.iter().find(|group| group.id == given.after.group);
    let apps = gift
        .assignments
        .iter()
        .filter_map(app)
        .map(|app| app.client_id.clone());
    let groups = gift
        .groups
        .iter()
        .filter_map(group)
        .map(|group| group.name.clone());
    Ok(Some(MergeGives {
        apps: apps.collect(),
        groups: groups.collect(),
    }))
}

/// Asks two guests by mail whether they are one person. Once both have said yes, `kept` may open what `other` may, and `other` is removed.
///
/// # Errors
///
/// No such guest; one who is shut out, is being merged already, or signs in where nobody can be asked anew who they are; a reason that is too
/// long.
pub async fn ask_merge(
    core: &Core,
    by: Actor,
    kept: Id<Guest>,
    other: Id<Guest>,
    reason: Option<&str>,
) -> Result<Merge, ActionError> {
    let now = core.now();
    let reason = check::reason(reason)?;
    let tx = core.store.begin().await?;
    let both = locked(&tx, kept, other).await?;
    may_merge(&both.kept, &both.other, now).map_err(|why| refused(why, &both))?;
    for guest in [&both.kept, &both.other] {
        if tx
            .newest_merge(guest.id)
            .await?
            .is_some_and(|merge| merge.is_open(now))
        {
            let address = guest.email.as_str();
            return Err(ActionError::Conflict(format!(
                "{address} is asked already whether they are another guest: take that back first (vestibule merge take-back)"
            )));
        }
        can_be_asked(&tx, guest).await?;
    }
    let merge = Merge::asked(Id::new(now, &*core.entropy), kept, other, now);
    tx.insert_merge(&merge).await?;
    for to in MergeRole::ALL {
        let event = event((Action::MergeAsked, &by, reason.as_deref()), &merge, to);
        tx.record(event, now).await?;
    }
    let id = merge.id;
    let asked = |to| MailKind::MergeAsked { merge: id, to };
    tell_both(core, &tx, &both, merge.expires_at, asked).await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(merge)
}

/// Refuses a guest whose upstream cannot ask them anew who they are: they could not answer.
async fn can_be_asked(tx: &Tx, guest: &Guest) -> Result<(), ActionError> {
    let Some(method) = guest.pinned_method.or(guest.method) else {
        return Ok(());
    };
    let upstream = tx.upstream_of(method).await?;
    match upstream.filter(|upstream| matches!(upstream.connection, Some(Connection::Oauth2(_)))) {
        None => Ok(()),
        Some(upstream) => Err(ActionError::Conflict(format!(
            "{} signs in with {}, which cannot ask anew who somebody is: let them sign in by code first (vestibule guest pin-method)",
            guest.email.as_str(),
            upstream.display_name
        ))),
    }
}

/// What became of what the guest who stays had been given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// How many apps and groups were as they had been given, and are as they were before.
    pub taken: usize,
    /// How many were changed since, and stay.
    pub stay: usize,
    /// How many grants were revoked, because the guest may not enter their apps any more.
    pub grants: u64,
}

/// Takes a merge back: before both have said yes nobody can say so any more; after that the guest who was removed is restored, and what
/// the other was given is taken away, unless somebody has changed it since. `None`: it was taken back before.
///
/// # Errors
///
/// No such merge; one that a guest has declined; one whose guest was merged once more since.
pub async fn take_back_merge(
    core: &Core,
    by: Actor,
    id: Id<Merge>,
) -> Result<Option<TakenBack>, ActionError> {
    match try_take_back(core, &by, id).await {
        Err(ActionError::Store(error)) if error.is_crossed() => try_take_back(core, &by, id).await,
        done => done,
    }
}

async fn try_take_back(core: &Core, by: &Actor, id: Id<Merge>) -> Result<Option<TakenBack>, ActionError> {
    let now = core.now();
    let missing = || ActionError::NotFound {
        what: "merge",
        name: id.to_string(),
    };
    let tx = core.store.begin().await?;
    let merge = tx.merge(id).await?.ok_or_else(missing)?;
    let mut both = locked(&tx, merge.kept, merge.other).await?;
    let mut merge = tx.lock_merge(id).await?.ok_or_else(missing)?;
    let action = match merge.undergo(MergeAct::TakeBack, now) {
        MergeStep::Already => return Ok(None),
        MergeStep::To(MergeState::Undone) => Action::GuestUnmerged,
        MergeStep::To(_) => Action::MergeWithdrawn,
        MergeStep::No => {
            return Err(ActionError::Conflict(
                "one of the two has said no: nothing was merged".into(),
            ));
        }
    };
    let mut taken = TakenBack::default();
    if merge.state == MergeState::Undone {
        undo::is_the_last(&tx, &merge, now).await?;
        taken = undo::undo(&tx, &merge, &mut both, by, now).await?;
        let undone = |to| MailKind::GuestUnmerged { merge: id, to };
        tell_both(core, &tx, &both, now + MAIL_FOR, undone).await?;
    }
    tx.save_merge(&merge).await?;
    for to in MergeRole::ALL {
        let mut event = event((action, by, None), &merge, to);
        if merge.state == MergeState::Undone && to == MergeRole::Kept {
            event = event
                .detail("taken", taken.taken.to_string())
                .detail("stay", taken.stay.to_string())
                .detail("grants_revoked", taken.grants.to_string());
        }
        tx.record(event, now).await?;
    }
    tx.commit().await?;
    core.outgoing.wake();
    Ok(Some(taken))
}

/// Refuses to restore by itself a guest who is part of another: what the other was given would stay.
pub(super) async fn is_part_of_another(tx: &Tx, guest: Id<Guest>) -> Result<(), ActionError> {
    let merge = tx.newest_merge(guest).await?;
    let merged = merge.filter(|merge| merge.has_taken(guest));
    match merged {
        None => Ok(()),
        Some(merge) => Err(ActionError::Conflict(format!(
            "the guest was merged into another: take the merge {} back (vestibule merge take-back)",
            merge.id
        ))),
    }
}

async fn locked(tx: &Tx, kept: Id<Guest>, other: Id<Guest>) -> Result<BothGuests, ActionError> {
    let both = BothGuests::lock(tx, kept, other).await?;
    both.ok_or_else(|| ActionError::NotFound {
        what: "guest",
        name: format!("{kept} or {other}"),
    })
}

fn event((action, by, reason): (Action, &Actor, Option<&str>), merge: &Merge, role: MergeRole) -> AuditEvent {
    let counterpart = match role {
        MergeRole::Kept => ("other", merge.other),
        MergeRole::Other => ("kept", merge.kept),
    };
    let event = AuditEvent::new(action, by.clone())
        .guest(merge.guest(role))
        .detail("merge", merge.id.to_string())
        .detail(counterpart.0, counterpart.1.to_string());
    match reason {
        Some(reason) => event.reason(reason),
        None => event,
    }
}

fn refused(why: Unmergeable, both: &BothGuests) -> ActionError {
    let out = |guest: &Guest| {
        format!(
            "{} is {} or their access has ended: a guest who is shut out is merged with nobody",
            guest.email.as_str(),
            guest.status.name()
        )
    };
    ActionError::Conflict(match why {
        Unmergeable::Same => "both are the same guest: name two".to_owned(),
        Unmergeable::KeptIsOut => out(&both.kept),
        Unmergeable::OtherIsOut => out(&both.other),
    })
}
