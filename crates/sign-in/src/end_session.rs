//! The end of one session by its guest.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    session::Session,
};
use store::{StoreError, Tx};

/// From where a guest ends a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndedFrom {
    /// From the browser that has it. Grants for `offline_access` are not revoked (Back-Channel Logout §2.7); whether they can be
    /// refreshed any more is [`domain::grant::refresh`]'s to say.
    Here,
    /// From another one: the device may be in other hands, and nothing of it stays.
    Elsewhere,
}

/// Ends a session of a guest, and revokes what came of it. Whether it had not ended before.
///
/// # Errors
///
/// When the database does not answer.
pub async fn end_session(
    tx: &Tx,
    (session, guest): (Id<Session>, Id<Guest>),
    from: EndedFrom,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    if !tx.end_session(session, now).await? {
        return Ok(false);
    }
    let (reason, keeps_offline) = match from {
        EndedFrom::Here => ("signed_out", true),
        EndedFrom::Elsewhere => ("signed_out_elsewhere", false),
    };
    let revoked = tx.revoke_grants_of_session(session, now, keeps_offline).await?;
    let event = AuditEvent::new(Action::SessionEnded, Actor::Guest(guest))
        .guest(guest)
        .reason(reason)
        .detail("session", session.to_string())
        .detail("grants", revoked.len().to_string());
    tx.record(event, now).await?;
    Ok(true)
}
