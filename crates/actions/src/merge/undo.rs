//! Taking a merge back that is done: what the guest who stays was given goes, and the other comes back.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    app::App,
    assignment::Assignment,
    assignment_event::{assigned, assigned_to_group, unassigned, unassigned_from_group},
    audit::{Action, Actor, AuditEvent},
    group::{Group, GroupAssignment},
    life::GuestAct,
    merge::{Merge, MergeState},
};
use sign_in::{
    guest_life::{Because, undergo},
    merge::BothGuests,
};
use store::{MergeFilter, Tx};

use super::{
    super::{ActionError, groups::revoke_lost},
    TakenBack,
};

/// Refuses where the guest who stays was merged once more since: what both gave lies one upon the other.
pub(super) async fn is_the_last(tx: &Tx, merge: &Merge, now: DateTime<Utc>) -> Result<(), ActionError> {
    let filter = MergeFilter {
        guest: Some(merge.kept),
        state: Some((MergeState::Merged, now)),
        after: None,
        limit: 1,
    };
    // Newest first; this one is still among them.
    let newest = tx.merges(&filter).await?.into_iter().next();
    match newest.filter(|newest| newest.id != merge.id) {
        None => Ok(()),
        Some(newest) => Err(ActionError::Conflict(format!(
            "the guest who stays was merged once more since: take {} back first",
            newest.id
        ))),
    }
}

/// Takes away what was given and has not changed since, and restores the other.
pub(super) async fn undo(
    tx: &Tx,
    merge: &Merge,
    both: &mut BothGuests,
    by: &Actor,
    now: DateTime<Utc>,
) -> Result<TakenBack, ActionError> {
    let gift = tx.gift_of_merge(merge).await?.unwrap_or_default();
    let mut undoing = Undoing {
        tx,
        by,
        merge,
        now,
        done: TakenBack::default(),
    };
    let held = tx.assignments_of(merge.kept).await?;
    let (mut apps, mut groups) = (Vec::new(), Vec::new());
    for given in &gift.assignments {
        let own = held
            .iter()
            .find(|held| held.app == given.after.app && held.group.is_none());
        if let Some(own) = own
            && undoing.takes(given.is_as_given(own), !own.is_over(now))
        {
            apps.push((own.app, given.taken_back(own)));
        }
    }
    for given in &gift.groups {
        let own = tx.group_assignment(merge.kept, given.after.group).await?;
        if let Some(own) = own
            && undoing.takes(given.is_as_given(&own), own.is_active(now))
        {
            groups.push((own.group, given.taken_back(&own)));
        }
    }
    for (app, back) in &apps {
        tx.take_assignment_away(merge.kept, *app).await?;
        if let Some(back) = back {
            tx.put_assignment(back).await?;
        }
    }
    for (group, back) in &groups {
        tx.take_group_away(merge.kept, *group).await?;
        if let Some(back) = back {
            tx.put_group_assignment(back).await?;
        }
    }
    undoing.apps(apps).await?;
    undoing.groups(groups).await?;
    let because = Because {
        by,
        reason: Some("unmerged"),
    };
    let restoring = (GuestAct::Restore, Action::GuestRestored);
    undergo(tx, because, &mut both.other, restoring, now).await?;
    Ok(undoing.done)
}

struct Undoing<'a> {
    tx: &'a Tx,
    by: &'a Actor,
    merge: &'a Merge,
    now: DateTime<Utc>,
    done: TakenBack,
}

impl Undoing<'_> {
    /// Whether something that was given is taken: it is as it was given. What somebody has changed since, and is not over, stays.
    fn takes(&mut self, is_as_given: bool, counts: bool) -> bool {
        if is_as_given {
            self.done.taken += 1;
        } else {
            self.done.stay += usize::from(counts);
        }
        is_as_given
    }

    /// Says of each app what the guest has now. Only once all is taken: what one assignment opened, another may open still.
    async fn apps(&mut self, apps: Vec<(Id<App>, Option<Assignment>)>) -> Result<(), ActionError> {
        for (app, back) in apps {
            let grants = self.revoke(&[app]).await?;
            let event = match back.filter(|back| !back.is_over(self.now)) {
                Some(back) => assigned(self.by.clone(), &back),
                None => unassigned(self.by.clone(), self.merge.kept, app, grants),
            };
            self.record(event).await?;
        }
        Ok(())
    }

    /// The same of each group.
    async fn groups(&mut self, groups: Vec<(Id<Group>, Option<GroupAssignment>)>) -> Result<(), ActionError> {
        let known = self.tx.groups().await?;
        for (group, back) in groups {
            // It is there: the guest was in it a moment ago.
            let Some(group) = known.iter().find(|known| known.id == group) else {
                continue;
            };
            let grants = self.revoke(&group.apps).await?;
            let event = match back.filter(|back| back.is_active(self.now)) {
                Some(back) => assigned_to_group(self.by.clone(), &back, &group.name),
                None => unassigned_from_group(self.by.clone(), self.merge.kept, &group.name, grants),
            };
            self.record(event).await?;
        }
        Ok(())
    }

    /// Revokes what those apps hold of the guest, where they may not enter any more.
    async fn revoke(&mut self, apps: &[Id<App>]) -> Result<u64, ActionError> {
        let held = apps.iter().map(|app| (self.merge.kept, *app)).collect();
        let grants = revoke_lost(self.tx, held, self.now).await?;
        self.done.grants += grants;
        Ok(grants)
    }

    async fn record(&self, event: AuditEvent) -> Result<(), ActionError> {
        let event = event
            .reason("unmerged")
            .detail("merge", self.merge.id.to_string());
        Ok(self.tx.record(event, self.now).await?)
    }
}
