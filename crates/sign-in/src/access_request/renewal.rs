//! Before a guest's access to an app ends, whoever is answerable is asked whether it goes on.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    access_request::{AccessRequest, AccessRequestState, asked_to_renew},
    app::App,
    assignment::Assignment,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    time::rfc3339,
};
use store::{Db, Reads, StoreError};

use super::{answerable, send_question};
use crate::Core;

/// How many assignments are looked at at once.
const AT_ONCE: u64 = 200;

/// Asks about every assignment that ends soon, once for each end, until all are done or `is_over`; says about how many it asked.
///
/// # Errors
///
/// When the database does not answer.
pub async fn ask_renewals(core: &Core, is_over: impl Fn() -> bool) -> Result<usize, StoreError> {
    let notice = core.settings.renewal_notice;
    let (mut asked, mut after) = (0, None);
    while !notice.is_zero() && !is_over() {
        let now = core.now();
        let reader = core.store.reader();
        let ending = reader
            .assignments_ending(now, now + notice, after, AT_ONCE)
            .await?;
        let Some((last, ends)) = ending.last().and_then(|last| Some((last, last.ends_at?))) else {
            break;
        };
        after = Some((ends, last.guest, last.app));
        for assignment in &ending {
            // Looked at first, so that those of whom there is nothing to ask cost no writes.
            let (Some(guest), Some(app)) = (
                reader.guest(assignment.guest).await?,
                reader.app(assignment.app).await?,
            ) else {
                continue;
            };
            if due(core, &reader, &guest, &app).await?.is_some() {
                asked += usize::from(ask(core, assignment).await?);
            }
        }
    }
    Ok(asked)
}

/// What is to be asked of whom: until when it lasts, and who is asked.
async fn due<C: Reads>(
    core: &Core,
    db: &Db<C>,
    guest: &Guest,
    app: &App,
) -> Result<Option<(DateTime<Utc>, EmailAddress)>, StoreError> {
    let now = core.now();
    let found = answerable(db, core, guest, app).await?;
    let newest = db.newest_access_request(guest.id, app.id).await?;
    let facts = found.facts(core, guest, app);
    Ok(asked_to_renew(guest, app, &facts, newest.as_ref(), now))
}

/// Asks, unless somebody has asked since, or there is nobody to ask.
async fn ask(core: &Core, seen: &Assignment) -> Result<bool, StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    // Locked, so that one of two replicas asks.
    let (Some(guest), Some(app)) = (tx.lock_guest(seen.guest).await?, tx.app(seen.app).await?) else {
        return Ok(false);
    };
    let Some((ends, asked_of)) = due(core, &tx, &guest, &app).await? else {
        return Ok(false);
    };
    let request = AccessRequest {
        id: Id::new(now, core.entropy.as_ref()),
        guest: guest.id,
        app: app.id,
        renews: Some(ends),
        proven: true,
        asked_of,
        state: AccessRequestState::Pending,
        created_at: now,
        expires_at: ends,
    };
    let event = AuditEvent::new(Action::RenewalRequested, Actor::System).detail("until", rfc3339(ends));
    send_question(core, &tx, &request, event).await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(true)
}
