//! Removes what has lived its time. One replica at a time does it, in small bites: a request that wants to write
//! waits for one bite at most.

use chrono::TimeDelta;
use domain::audit::{Action, Actor, AuditEvent};
use sign_in::Core;
use store::StoreError;
use tokio_util::sync::CancellationToken;

const LEASE: &str = "sweep";
const LEASE_FOR: TimeDelta = TimeDelta::minutes(4);
/// Rows of one table in one transaction.
const BITE: u64 = 500;

/// Sweeps until nothing is left or `end` is cancelled; says how many rows went. `holder` names this process.
pub async fn run(core: &Core, holder: &str, end: &CancellationToken) -> Result<u64, StoreError> {
    let mut total = 0;
    loop {
        let now = core.now();
        let tx = core.store.begin().await?;
        if !tx.acquire_lease(LEASE, holder, now, LEASE_FOR).await? {
            return Ok(total);
        }
        let removed = tx.sweep(now, BITE).await?;
        let old = match core.settings.audit_kept_for {
            Some(kept_for) => tx.remove_events(now - kept_for, BITE).await?,
            None => 0,
        };
        if old > 0 {
            let event = AuditEvent::new(Action::EventsRemoved, Actor::System);
            tx.record(event.detail("events", old.to_string()), now).await?;
        }
        tx.commit().await?;
        total += removed + old;
        if (removed < BITE && old < BITE) || end.is_cancelled() {
            return Ok(total);
        }
    }
}
