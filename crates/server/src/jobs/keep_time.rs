//! Records in the database what time it is, so that time does not go back across a restart or between replicas.

use sign_in::Core;
use store::StoreError;

use crate::{
    restore_marker::RestoreMarker,
    steady_clock::{MAX_SKEW, learn},
};

/// Records the time once: in the database, then in the marker, which so is never ahead of a database that was not
/// restored. Lets the clock know what the database says; a clock that is too far off is an error in the log, and
/// `/readyz` says no.
pub async fn run(core: &Core, marker: Option<&RestoreMarker>) -> Result<(), StoreError> {
    let recorded = core.store.prove_write(core.clock.now()).await?;
    learn(&*core.clock, recorded);
    if let Some(marker) = marker {
        marker.keep(recorded.latest);
    }
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
