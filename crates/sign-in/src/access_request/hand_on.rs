//! A person who was asked has left, or answers no more for the guest: somebody else is asked.

use domain::{
    Id,
    access_request::{AccessRequest, AccessRequestState, handed_on, may_answer},
    app::App,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
};
use store::{AccessRequestFilter, Db, Reads, StoreError};

use super::{answerable, send_question};
use crate::Core;

/// How many are looked at at once.
const AT_ONCE: u64 = 100;

/// Whether who was asked may still answer.
///
/// # Errors
///
/// When the database does not answer.
pub async fn may_still_answer<C: Reads>(
    core: &Core,
    db: &Db<C>,
    request: &AccessRequest,
    (guest, app): (&Guest, &App),
) -> Result<bool, StoreError> {
    let found = answerable(db, core, guest, app).await?;
    Ok(may_answer(request, &found.facts(core, guest, app)))
}

/// Hands on every open request whose person may not answer any more, until none is left or `is_over`; says how many there were.
///
/// # Errors
///
/// When the database does not answer.
pub async fn hand_on_all(core: &Core, is_over: impl Fn() -> bool) -> Result<usize, StoreError> {
    let (mut count, mut after) = (0, None);
    while !is_over() {
        let open = AccessRequestFilter {
            after,
            limit: AT_ONCE,
            ..AccessRequestFilter::open(core.now())
        };
        let reader = core.store.reader();
        let open = reader.access_requests(&open).await?;
        // Newest first: those that come of it are not looked at again.
        let Some(last) = open.last() else { break };
        after = Some((last.created_at, last.id));
        for request in &open {
            // Looked at first, so that those who may answer cost no writes.
            let (Some(guest), Some(app)) =
                (reader.guest(request.guest).await?, reader.app(request.app).await?)
            else {
                continue;
            };
            if !may_still_answer(core, &reader, request, (&guest, &app)).await? {
                count += usize::from(hand_on(core, request).await?);
            }
        }
    }
    Ok(count)
}

/// Hands an open request on, unless who was asked may still answer: its link answers no more, and who is answerable now is asked in its
/// place. Where nobody is, it is closed, and asked anew once somebody is. Whether it did.
///
/// # Errors
///
/// When the database does not answer.
pub(super) async fn hand_on(core: &Core, request: &AccessRequest) -> Result<bool, StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    // Locked, so that of two replicas one does it.
    let (Some(guest), Some(app)) = (tx.lock_guest(request.guest).await?, tx.app(request.app).await?) else {
        return Ok(false);
    };
    let current = tx.access_request(request.id).await?;
    let Some(request) = current.filter(|current| current.is_open(now)) else {
        return Ok(false);
    };
    let found = answerable(&tx, core, &guest, &app).await?;
    let facts = found.facts(core, &guest, &app);
    if may_answer(&request, &facts) {
        return Ok(false);
    }
    let event = AuditEvent::new(Action::AccessRequestHandedOn, Actor::System)
        .detail("former", request.id.to_string())
        .detail("from", request.asked_of.as_str());
    let id = Id::new(now, core.entropy.as_ref());
    if let Some(next) = handed_on(&request, &facts, id, now) {
        send_question(core, &tx, &next, event).await?;
    } else {
        tx.close_access_requests(guest.id, Some(app.id), now).await?;
        tx.record(event.guest(guest.id).app(app.id), now).await?;
    }
    tx.commit().await?;
    core.outgoing.wake();
    Ok(true)
}

/// Hands on those that a filter finds, after the change that makes it necessary. It counts already: what fails here is left to the job.
pub async fn hand_on_found(core: &Core, filter: AccessRequestFilter) {
    let filter = AccessRequestFilter {
        state: Some((AccessRequestState::Pending, core.now())),
        limit: AT_ONCE,
        ..filter
    };
    let done = async {
        for request in core.store.reader().access_requests(&filter).await? {
            hand_on(core, &request).await?;
        }
        Ok::<_, StoreError>(())
    };
    if let Err(error) = done.await {
        tracing::warn!(cause = %error, "access requests are handed on later");
    }
}
