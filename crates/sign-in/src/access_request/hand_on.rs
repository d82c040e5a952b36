//! A person who was asked has left, or answers no more for the guest: somebody else is asked.

use domain::{
    Id,
    access_request::{AccessRequest, handed_on, may_answer},
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
};
use store::{Db, Reads, StoreError};

use super::{answerable, send_question};
use crate::Core;

/// How many are looked at at once.
const AT_ONCE: u64 = 100;

/// Whether who was asked may still answer.
pub(super) async fn may_still_answer<C: Reads>(
    core: &Core,
    db: &Db<C>,
    request: &AccessRequest,
    guest: &Guest,
) -> Result<bool, StoreError> {
    let Some(app) = db.app(request.app).await? else {
        return Ok(false);
    };
    let found = answerable(db, core, guest, &app).await?;
    Ok(may_answer(request, &found.facts(core, guest, &app)))
}

/// Hands on every open request that waits for a sponsor who has left or a guest who is shut out, until none is left or `is_over`; says
/// how many there were.
///
/// # Errors
///
/// When the database does not answer.
pub async fn hand_on_all(core: &Core, is_over: impl Fn() -> bool) -> Result<usize, StoreError> {
    let mut handed_on = 0;
    while !is_over() {
        let waiting = core
            .store
            .reader()
            .unanswerable_requests(core.now(), AT_ONCE)
            .await?;
        if waiting.is_empty() {
            break;
        }
        for request in &waiting {
            hand_on(core, request).await?;
        }
        handed_on += waiting.len();
    }
    Ok(handed_on)
}

/// Hands an open request on, unless who was asked may still answer: its link answers no more, and who is answerable now is asked in its
/// place. Where nobody is, the guest may ask again once somebody is.
///
/// # Errors
///
/// When the database does not answer.
pub async fn hand_on(core: &Core, request: &AccessRequest) -> Result<(), StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    // Locked, so that of two replicas one does it.
    let Some(guest) = tx.lock_guest(request.guest).await? else {
        return Ok(());
    };
    let Some(app) = tx.app(request.app).await? else {
        return Ok(());
    };
    let current = tx.access_request(request.id).await?;
    let Some(request) = current.filter(|current| current.is_open(now)) else {
        return Ok(());
    };
    let found = answerable(&tx, core, &guest, &app).await?;
    let facts = found.facts(core, &guest, &app);
    if may_answer(&request, &facts) {
        return Ok(());
    }
    let event = AuditEvent::new(Action::AccessRequestHandedOn, Actor::System)
        .detail("from", request.asked_of.as_str());
    if let Some(asked_of) = handed_on(&request, &facts) {
        let next = AccessRequest {
            id: Id::new(now, core.entropy.as_ref()),
            asked_of,
            created_at: now,
            ..request
        };
        send_question(core, &tx, &next, event).await?;
    } else {
        tx.close_access_requests(guest.id, Some(app.id), now).await?;
        let event = event
            .guest(guest.id)
            .app(app.id)
            .detail("request", request.id.to_string());
        tx.record(event, now).await?;
    }
    tx.commit().await?;
    core.outgoing.wake();
    Ok(())
}
