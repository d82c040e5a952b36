//! Holding one guest to a way of signing in, whatever their address says.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    method::Method,
    upstream::{Upstream, UpstreamKind},
};
use sign_in::Core;
use store::{Db, Reads, Tx};

use super::{ActionError, By, Fault, guest_life::locked_as_seen};

/// A method as operators name it: `passcode`, `tenant:contoso`, `provider:google`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Sign-in codes.
    Passcode,
    /// An upstream, by its kind and its short name.
    Upstream(UpstreamKind, String),
}

impl FromStr for Pin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "passcode" {
            return Ok(Self::Passcode);
        }
        let named = text.split_once(':').filter(|(_, name)| !name.is_empty());
        let upstream = named.and_then(|(kind, name)| Some((UpstreamKind::parse(kind)?, name)));
        let (kind, name) = upstream.ok_or("must be passcode, tenant:NAME or provider:NAME")?;
        Ok(Self::Upstream(kind, name.to_owned()))
    }
}

impl Pin {
    /// The method, with its upstream found.
    ///
    /// # Errors
    ///
    /// No such tenant or provider.
    pub async fn method(&self, core: &Core) -> Result<Method, ActionError> {
        self.find(&core.store.reader()).await
    }

    /// The same in a transaction.
    pub(super) async fn find<C: Reads>(&self, db: &Db<C>) -> Result<Method, ActionError> {
        let Self::Upstream(kind, name) = self else {
            return Ok(Method::Passcode);
        };
        let found = db.upstream_named(*kind, name).await?;
        let upstream = found.ok_or_else(|| ActionError::NotFound {
            what: kind.name(),
            name: name.clone(),
        })?;
        Ok(upstream.method())
    }
}

/// Pins a guest to a method, or lets them go with `None`. Where that is another method than theirs, sessions and tokens
/// end. Whether anything changed.
///
/// A tenant that may not speak for the guest's domain is refused: its answers would be refused too.
pub async fn pin_method(
    core: &Core,
    by: impl Into<By>,
    guest: Id<Guest>,
    method: Option<Method>,
) -> Result<bool, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let by = by.into();
    let mut guest = locked_as_seen(&tx, guest, &by).await?;
    let changed = hold(&tx, &mut guest, by.actor, method, now).await?;
    tx.commit().await?;
    Ok(changed)
}

/// The same within a transaction.
pub(super) async fn hold(
    tx: &Tx,
    guest: &mut Guest,
    by: Actor,
    method: Option<Method>,
    now: DateTime<Utc>,
) -> Result<bool, ActionError> {
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
    if let Some(Method::Upstream(kind, id)) = method {
        let upstream = tx.upstream(id).await?;
        if !upstream
            .as_ref()
            .is_some_and(|upstream| may_hold(upstream, &guest.email))
        {
            return Err(ActionError::Invalid(vec![Fault {
                field: kind.name(),
                message: "does not have the domain of this guest's address".into(),
            }]));
        }
        if let Some(upstream) = upstream {
            event = event.detail(kind.name(), upstream.name);
        }
    }
    guest.pinned_method = method;
    guest.updated_at = now;
    tx.save_guest(guest).await?;
    if method.is_some() && guest.method.is_some() && method != guest.method {
        let sessions = tx.end_sessions_of(guest.id, now).await?;
        tx.revoke_grants_of_guest(guest.id, now).await?;
        event = event.detail("sessions_ended", sessions.len().to_string());
    }
    tx.record(event, now).await?;
    Ok(true)
}

/// Whether somebody with this address can come back from there. A tenant speaks for its own domains alone; at a personal
/// account, whatever its address, a code confirms this one once.
pub(super) fn may_hold(upstream: &Upstream, email: &EmailAddress) -> bool {
    match upstream.kind {
        UpstreamKind::Tenant => upstream.speaks_for(email.domain()),
        UpstreamKind::Provider => true,
    }
}
