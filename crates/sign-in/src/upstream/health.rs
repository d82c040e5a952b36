//! Whether an upstream is up, as we see it ourselves.

use domain::{
    audit::{Action, Actor, AuditEvent},
    method::Method,
    upstream::Upstream,
};
use store::{StoreError, Tx};

use crate::visit::Visit;

/// Somebody came back with a good answer, whoever they are: the upstream is up.
///
/// # Errors
///
/// When the database does not answer.
pub async fn up(tx: &Tx, upstream: &Upstream, visit: &Visit) -> Result<(), StoreError> {
    let Some(row) = upstream.method.upstream() else {
        return Ok(());
    };
    if tx.note_success(row).await? {
        let action = match upstream.method {
            Method::PersonalAccount(_) => Action::ProviderUp,
            Method::Federation(_) | Method::Passcode => Action::TenantUp,
        };
        let event = AuditEvent::new(action, Actor::System).detail("name", upstream.name.as_str());
        tx.record(event, visit.now).await?;
    }
    Ok(())
}

/// It failed to answer us: after a few times nobody is sent there for a while.
///
/// # Errors
///
/// When the database does not answer.
pub async fn failed(tx: &Tx, upstream: &Upstream, visit: &Visit) -> Result<(), StoreError> {
    let Some(row) = upstream.method.upstream() else {
        return Ok(());
    };
    if tx.note_failure(row, visit.now).await?.has_opened() {
        let action = match upstream.method {
            Method::PersonalAccount(_) => Action::ProviderDown,
            Method::Federation(_) | Method::Passcode => Action::TenantDown,
        };
        let down = AuditEvent::new(action, Actor::System).detail("name", upstream.name.as_str());
        tx.record(down, visit.now).await?;
        tracing::error!(
            upstream = upstream.name,
            "an upstream failed several times in a row"
        );
    }
    Ok(())
}
