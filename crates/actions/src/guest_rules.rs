//! The rules of a guest's life (`guests.rule`): what they mean now, and doing it.

use chrono::TimeDelta;
use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    guest_rule::{Due, GuestRule, RuleAct, first_due},
    time::rfc3339,
};
use sign_in::Core;
use store::{MailKind, OutboxMail, StoreError};

use super::{ActionError, guest_life::act_in};

/// How many guests are looked at at once.
const AT_ONCE: u64 = 500;

/// How long a notice is worth sending: the rules wait for it no longer than they say.
const NOTICE_FOR: TimeDelta = TimeDelta::days(7);

/// A guest for whom a rule means something now.
#[derive(Clone, Debug)]
pub struct DueGuest {
    /// The guest.
    pub guest: Guest,
    /// The first rule that applies to them.
    pub rule: GuestRule,
    /// What it means.
    pub due: Due,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RulesApplied {
    /// How many guests are to be told.
    pub noticed: usize,
    /// How many were blocked or removed.
    pub acted: usize,
}

/// For whom the rules mean something now, at most `limit`, in the order of their entry into the directory. Nothing is done.
///
/// # Errors
///
/// When the database does not answer.
pub async fn due_guests(core: &Core, limit: usize) -> Result<Vec<DueGuest>, StoreError> {
    let mut found = Vec::new();
    let mut after = None;
    while found.len() < limit {
        let (due, last) = some_due(core, after).await?;
        found.extend(due);
        let Some(last) = last else { break };
        after = Some(last);
    }
    found.truncate(limit);
    Ok(found)
}

/// Does what the rules say, for one guest after the other, until all are done or `is_over`.
///
/// # Errors
///
/// When the database does not answer.
pub async fn apply_guest_rules(core: &Core, is_over: impl Fn() -> bool) -> Result<RulesApplied, ActionError> {
    let mut applied = RulesApplied::default();
    let mut after = None;
    while !is_over() {
        let (due, last) = some_due(core, after).await?;
        for due in due {
            match due.due {
                Due::Notice(_) | Due::Now => apply(core, due.guest.id, &mut applied).await?,
                Due::Noticed(_) | Due::NotYet => {}
            }
        }
        let Some(last) = last else { break };
        after = Some(last);
    }
    Ok(applied)
}

/// The next of them, and the last guest that was looked at, where there are more.
async fn some_due(
    core: &Core,
    after: Option<Id<Guest>>,
) -> Result<(Vec<DueGuest>, Option<Id<Guest>>), StoreError> {
    let (now, rules) = (core.now(), &core.settings.guest_rules);
    let reader = core.store.reader();
    let looked_at = reader.guests_under_rules(rules, after, now, AT_ONCE).await?;
    let last = looked_at.last().map(|(guest, _)| guest.id);
    let due = looked_at.into_iter().filter_map(|(guest, facts)| {
        let (rule, due) = first_due(rules, &guest, &facts, now)?;
        Some(DueGuest {
            rule: *rule,
            due,
            guest,
        })
    });
    Ok((due.collect(), last))
}

/// Looks at the guest once more, locked, and does what the rules say now: they may have signed in a moment ago.
async fn apply(core: &Core, guest: Id<Guest>, applied: &mut RulesApplied) -> Result<(), ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let Some((guest, facts)) = tx.lock_guest_under_rules(guest, now).await? else {
        return Ok(());
    };
    match first_due(&core.settings.guest_rules, &guest, &facts, now) {
        // It counts from when its mail has left, or was given up.
        Some((_, Due::Notice(_))) if tx.is_notice_waiting(guest.id).await? => {}
        Some((rule, Due::Notice(on))) => {
            let id = Id::new(now, core.entropy.as_ref());
            let kind = MailKind::GuestNotice {
                guest: guest.id,
                rule: rule.when,
            };
            let until = now + NOTICE_FOR.min(rule.notice);
            tx.enqueue(&OutboxMail::new(id, kind, guest.language.clone(), now, until))
                .await?;
            let event = AuditEvent::new(Action::GuestNoticed, Actor::System)
                .guest(guest.id)
                .reason(rule.when.name())
                .detail("action", rule.act.name())
                .detail("on", rfc3339(on));
            tx.record(event, now).await?;
            tx.commit().await?;
            core.outgoing.wake();
            applied.noticed += 1;
        }
        Some((rule, Due::Now)) => {
            let action = match rule.act {
                RuleAct::Block => Action::GuestBlocked,
                RuleAct::Remove => Action::GuestRemoved,
            };
            let what = (rule.act.act(), action);
            if act_in(core, tx, Actor::System, guest, what, Some(rule.when.name())).await? {
                applied.acted += 1;
            }
        }
        Some((_, Due::Noticed(_) | Due::NotYet)) | None => {}
    }
    Ok(())
}
