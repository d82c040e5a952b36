//! Asks whether the domains that tenants claim are proven still. One replica at a time does it, a few domains side by
//! side; when each is due is decided by what was found last (`domain::domain_claim`).

use actions::{ActionError, check_domain};
use chrono::TimeDelta;
use domain::audit::Actor;
use sign_in::Core;
use store::StoreError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const LEASE: &str = "check_domains";
/// Longer than the slowest round of questions takes.
const LEASE_FOR: TimeDelta = TimeDelta::minutes(3);
/// How many domains are asked about at once.
const AT_ONCE: u64 = 8;

/// Checks what is due until nothing is or `end` is cancelled; says how many. `holder` names this process.
pub async fn run(core: &Core, holder: &str, end: &CancellationToken) -> Result<usize, StoreError> {
    let mut checked = 0;
    loop {
        let now = core.now();
        if core.store.reader().claims_to_check(now, 1).await?.is_empty() || end.is_cancelled() {
            return Ok(checked);
        }
        let tx = core.store.begin().await?;
        if !tx.acquire_lease(LEASE, holder, now, LEASE_FOR).await? {
            return Ok(checked);
        }
        tx.commit().await?;
        let due = core.store.reader().claims_to_check(now, AT_ONCE).await?;
        let mut round = JoinSet::new();
        for claim in due {
            let core = core.clone();
            round.spawn(async move { check_domain(&core, Actor::System, &claim).await });
        }
        while let Some(done) = round.join_next().await {
            let done = done.map_err(|error| StoreError::Conflict(error.to_string()))?;
            if let Err(ActionError::Store(error)) = done {
                return Err(error);
            }
            checked += 1;
        }
    }
}

#[cfg(test)]
mod tests;
