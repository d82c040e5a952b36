//! Forgetting how guests signed in, so that the next time decides anew.

use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    method::Method,
};
use store::{GuestFilter, MailKind, OutboxMail};
use web::Core;

use super::ActionError;

/// How long the mail about it is worth sending.
const MAIL_FOR: chrono::TimeDelta = chrono::TimeDelta::days(7);

/// How many guests are listed, and reset, at most in one go.
pub const AT_ONCE: u64 = 100_000;

/// The guests that match and have a method to forget: who would be reset.
pub async fn guests_with_method(core: &Core, filter: &GuestFilter) -> Result<Vec<Guest>, ActionError> {
    let filter = GuestFilter {
        redeemed: true,
        limit: AT_ONCE,
        ..filter.clone()
    };
    Ok(core.store.reader().guests(&filter).await?)
}

/// Forgets a guest's method. `sub`, assignments and consents stay; accounts at upstreams, sessions and tokens end, and
/// the guest is told by mail. Whether there was anything to forget.
pub async fn reset_method(core: &Core, by: Actor, guest: Id<Guest>) -> Result<bool, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let found = tx.lock_guest(guest).await?;
    let mut guest = found.ok_or_else(|| ActionError::NotFound {
        what: "guest",
        name: guest.to_string(),
    })?;
    let method = guest.method.take();
    // Accounts that outlived their method are forgotten as well: the next one may be another person's.
    if tx.remove_accounts_of(guest.id).await? == 0 && method.is_none() {
        return Ok(false);
    }
    guest.updated_at = now;
    tx.save_guest(&guest).await?;
    let sessions = tx.end_sessions_of(guest.id, now).await?;
    tx.revoke_grants_of_guest(guest.id, now).await?;
    let kind = MailKind::MethodChanged {
        guest: guest.id,
        moved: false,
    };
    let id = Id::new(now, &*core.entropy);
    let mail = OutboxMail::new(id, kind, guest.language.clone(), now, now + MAIL_FOR);
    tx.enqueue(&mail).await?;
    let mut event = AuditEvent::new(Action::MethodReset, by)
        .guest(guest.id)
        .detail("was", method.map_or("none", Method::kind))
        .detail("sessions_ended", sessions.len().to_string());
    if let Some(Method::Federation(tenant)) = method
        && let Some(tenant) = tx.tenant(tenant).await?
    {
        event = event.detail("tenant", tenant.name);
    }
    tx.record(event, now).await?;
    tx.commit().await?;
    core.mail_wake.notify_one();
    Ok(true)
}
