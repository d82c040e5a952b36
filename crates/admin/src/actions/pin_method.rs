//! Holding one guest to a way of signing in, whatever their address says.

use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    method::Method,
};
use web::Core;

use super::{ActionError, Fault};

/// Pins a guest to a method, or lets them go with `None`. Where that is another method than theirs, sessions and tokens
/// end. Whether anything changed.
///
/// A tenant that may not speak for the guest's domain is refused: nobody could come back from there.
pub async fn pin_method(
    core: &Core,
    by: Actor,
    guest: Id<Guest>,
    method: Option<Method>,
) -> Result<bool, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let found = tx.lock_guest(guest).await?;
    let mut guest = found.ok_or_else(|| ActionError::NotFound {
        what: "guest",
        name: guest.to_string(),
    })?;
    if guest.pinned_method == method {
        return Ok(false);
    }
    let action = if method.is_some() {
        Action::MethodPinned
    } else {
        Action::MethodUnpinned
    };
    let mut event = AuditEvent::new(action, by).guest(guest.id);
    if let Some(method) = method {
        event = event.detail("method", method.kind());
    }
    if let Some(Method::Federation(id)) = method {
        let tenant = tx.tenant(id).await?;
        let speaks =
            tenant.filter(|tenant| tenant.domains.iter().any(|domain| domain == guest.email.domain()));
        let Some(tenant) = speaks else {
            return Err(ActionError::Invalid(vec![Fault {
                field: "tenant",
                message: "does not have the domain of this guest's address".into(),
            }]));
        };
        event = event.detail("tenant", tenant.name);
    }
    guest.pinned_method = method;
    guest.updated_at = now;
    tx.save_guest(&guest).await?;
    if method.is_some() && guest.method.is_some() && method != guest.method {
        let sessions = tx.end_sessions_of(guest.id, now).await?;
        tx.revoke_grants_of_guest(guest.id, now).await?;
        event = event.detail("sessions_ended", sessions.len().to_string());
    }
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(true)
}
