//! Asks sponsors whether access that ends goes on, asks others in place of those who have left, and applies the rules of a guest's life.
//! One replica at a time looks; each guest is looked at once more before anything is done.

use actions::{ActionError, RulesApplied, apply_guest_rules};
use chrono::TimeDelta;
use sign_in::{
    Core,
    access_request::{ask_renewals, hand_on_all},
};
use tokio_util::sync::CancellationToken;

const LEASE: &str = "guest_rules";
/// Less than the time between two runs, so that a replica that ends does not hold up the next.
const LEASE_FOR: TimeDelta = TimeDelta::minutes(50);

/// Does both until nothing is left or `end` is cancelled. `holder` names this process.
pub async fn run(core: &Core, holder: &str, end: &CancellationToken) -> Result<RulesApplied, ActionError> {
    let tx = core.store.begin().await?;
    if !tx.acquire_lease(LEASE, holder, core.now(), LEASE_FOR).await? {
        return Ok(RulesApplied::default());
    }
    tx.commit().await?;
    // None keeps another from being done.
    let handed_on = hand_on_all(core, || end.is_cancelled()).await;
    let asked = ask_renewals(core, || end.is_cancelled()).await;
    let applied = apply_guest_rules(core, || end.is_cancelled()).await?;
    handed_on?;
    asked?;
    Ok(applied)
}
