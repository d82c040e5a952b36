//! What happens to a guest as a whole, by whoever may do it: `domain::life` says what may follow what, and what each act cuts off.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    app::App,
    assignment_event::unassigned,
    audit::{Action, Actor, AuditEvent},
    group::GroupAssignment,
    guest::Guest,
    life::{GuestAct, NextStatus},
    method::Method,
};
use store::{StoreError, Tx};

/// Who does something, and why, for the audit log.
#[derive(Clone, Copy)]
pub struct Because<'a> {
    /// Who does it.
    pub by: &'a Actor,
    /// Why, as they wrote it, or a word for it.
    pub reason: Option<&'a str>,
}

impl Because<'_> {
    fn event(&self, action: Action, guest: Id<Guest>) -> AuditEvent {
        self.explained(AuditEvent::new(action, self.by.clone()).guest(guest))
    }

    fn explained(&self, event: AuditEvent) -> AuditEvent {
        match self.reason {
            Some(reason) => event.reason(reason),
            None => event,
        }
    }
}

/// Does `act` to a guest that the transaction has locked, with all that it cuts off and with its events. The caller commits where
/// something was done.
///
/// # Errors
///
/// When the database does not answer.
pub async fn undergo(
    tx: &Tx,
    because: Because<'_>,
    guest: &mut Guest,
    (act, action): (GuestAct, Action),
    now: DateTime<Utc>,
) -> Result<NextStatus, StoreError> {
    let next = guest.undergo(act, now);
    match next {
        NextStatus::Already | NextStatus::No => return Ok(next),
        NextStatus::To(_) => tx.save_guest(guest).await?,
        NextStatus::Gone => {}
    }
    let went = tx.cut_off(guest.id, act.cuts_off(), now).await?;
    for invitation in &went.invitations {
        let event = because.event(Action::InvitationRevoked, guest.id);
        tx.record(event.detail("invitation", invitation.to_string()), now)
            .await?;
    }
    if next == NextStatus::Gone {
        tx.erase_guest(guest, now).await?;
    }
    let mut event = because.event(action, guest.id);
    if act.cuts_off().holdings {
        event = event.detail("sessions_ended", went.sessions.to_string());
    }
    if went.merges > 0 {
        event = event.detail("merges_withdrawn", went.merges.to_string());
    }
    tx.record(event, now).await?;
    Ok(next)
}

/// Ends the access to one app of a guest that the transaction has locked: their assignment is over, invitations to it are revoked,
/// and so are the codes and tokens that it holds. Their session goes on, for other apps. Whether anything changed.
///
/// # Errors
///
/// When the database does not answer.
pub async fn end_access(
    tx: &Tx,
    because: Because<'_>,
    guest: &Guest,
    app: Id<App>,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some(ended) = tx.end_access(guest, app, now).await? else {
        return Ok(false);
    };
    for invitation in ended.invitations {
        let event = because.event(Action::InvitationRevoked, guest.id).app(app);
        tx.record(event.detail("invitation", invitation.to_string()), now)
            .await?;
    }
    let event = unassigned(because.by.clone(), guest.id, app, ended.grants);
    tx.record(because.explained(event), now).await?;
    Ok(true)
}

/// Assigns a guest whom the transaction has locked to a group, or changes the assignment that is there and goes on. Where they were not in
/// it, they may use those of its apps as well from which they were sent away before. What they have now; the caller records it.
///
/// # Errors
///
/// When the database does not answer.
pub async fn enter_group(
    tx: &Tx,
    new: GroupAssignment,
    now: DateTime<Utc>,
) -> Result<GroupAssignment, StoreError> {
    let before = tx.group_assignment(new.guest, new.group).await?;
    let before = before.filter(|before| before.is_active(now));
    // Who is in it already may have been sent away from one of its apps, and is not let in again by the way.
    if before.is_none() {
        tx.count_groups(new.guest, new.group).await?;
    }
    let starts_at = before.map_or(new.starts_at, |before| before.starts_at);
    let held = GroupAssignment { starts_at, ..new };
    tx.put_group_assignment(&held).await?;
    Ok(held)
}

/// Takes the method, the accounts, the passkeys, the sessions and the tokens from a guest that the transaction has locked, and says
/// so; `None` where there is nothing to forget. The caller saves the guest and records the event.
///
/// # Errors
///
/// When the database does not answer.
pub async fn forget_method(
    tx: &Tx,
    guest: &mut Guest,
    action: Action,
    by: Actor,
    now: DateTime<Utc>,
) -> Result<Option<AuditEvent>, StoreError> {
    let method = guest.method.take();
    // Also what outlived its method, which may be another person's, and what came of a code that stood in for another method.
    let went = tx
        .cut_off(guest.id, GuestAct::ResetMethod.cuts_off(), now)
        .await?;
    if went.is_nothing() && method.is_none() {
        return Ok(None);
    }
    guest.updated_at = now;
    let mut event = AuditEvent::new(action, by)
        .guest(guest.id)
        .detail("was", method.map_or("none", Method::kind))
        .detail("sessions_ended", went.sessions.to_string());
    if went.passkeys > 0 {
        event = event.detail("passkeys_removed", went.passkeys.to_string());
    }
    if went.merges > 0 {
        event = event.detail("merges_withdrawn", went.merges.to_string());
    }
    let upstream = match method {
        Some(method) => tx.upstream_of(method).await?,
        None => None,
    };
    if let Some(upstream) = upstream {
        event = event.detail(upstream.kind.name(), upstream.name);
    }
    Ok(Some(event))
}
