//! Whether an upstream is up, as we see it ourselves.

use domain::{
    audit::{Actor, AuditEvent},
    upstream::Upstream,
};
use store::{StoreError, Tx};

use crate::visit::Visit;

/// A valid answer came back, whosever it is: the upstream is up.
///
/// # Errors
///
/// When the database does not answer.
pub async fn up(tx: &Tx, upstream: &Upstream, visit: &Visit) -> Result<(), StoreError> {
    if tx.note_success(upstream.id).await? {
        let event =
            AuditEvent::new(upstream.kind.actions().up, Actor::System).detail("name", upstream.name.as_str());
        tx.record(event, visit.now).await?;
    }
    Ok(())
}

/// It failed to answer us: after a few times no guest is sent there for a while.
///
/// # Errors
///
/// When the database does not answer.
pub async fn failed(tx: &Tx, upstream: &Upstream, visit: &Visit) -> Result<(), StoreError> {
    if tx.note_failure(upstream.id, visit.now).await?.has_opened() {
        let down = AuditEvent::new(upstream.kind.actions().down, Actor::System)
            .detail("name", upstream.name.as_str());
        tx.record(down, visit.now).await?;
        tracing::error!(
            upstream = upstream.name,
            "an upstream failed several times in a row"
        );
    }
    Ok(())
}
