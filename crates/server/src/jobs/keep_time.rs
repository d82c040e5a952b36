//! Records in the database what time it is, so that time does not go back across a restart or between replicas.

use store::StoreError;
use web::Core;

use crate::steady_clock::{MAX_SKEW, learn};

/// Records the time once, and lets the clock know what the database says. A clock that is too far off is an error in
/// the log, and `/readyz` says no.
pub async fn run(core: &Core) -> Result<(), StoreError> {
    learn(&*core.clock, core.store.prove_write(core.clock.now()).await?);
    let skew = core.clock.skew();
    if skew > MAX_SKEW {
        tracing::error!(
            seconds = skew.num_seconds(),
            "not ready: this machine's clock is that far from the time that the database has recorded. Set the clock \
             right. If the recorded time is what was wrong, start once with `serve --accept-clock`"
        );
    }
    Ok(())
}
