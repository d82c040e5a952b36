//! Holding one guest to a way of signing in, whatever their address says.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    method::Method,
};
use sign_in::Core;
use store::{StoreError, Tx};

use super::{ActionError, Fault};

/// A method as operators name it: `passcode`, `tenant:contoso`, `provider:google`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pin {
    /// Sign-in codes.
    Passcode,
    /// A federated tenant, by its short name.
    Tenant(String),
    /// A provider of personal accounts, by its short name.
    Provider(String),
}

impl FromStr for Pin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "passcode" => Ok(Self::Passcode),
            Some(("tenant", name)) if !name.is_empty() => Ok(Self::Tenant(name.to_owned())),
            Some(("provider", name)) if !name.is_empty() => Ok(Self::Provider(name.to_owned())),
            _ => Err("must be passcode, tenant:NAME or provider:NAME"),
        }
    }
}

impl Pin {
    /// The method, with its upstream found.
    pub(super) async fn find(&self, tx: &Tx) -> Result<Method, ActionError> {
        let (what, name, found) = match self {
            Self::Passcode => return Ok(Method::Passcode),
            Self::Tenant(name) => {
                let found = tx.tenant_by_name(name).await?;
                ("tenant", name, found.map(|tenant| Method::Federation(tenant.id)))
            }
            Self::Provider(name) => {
                let found = tx.provider_by_name(name).await?;
                let method = found.map(|provider| Method::PersonalAccount(provider.id));
                ("provider", name, method)
            }
        };
        found.ok_or_else(|| ActionError::NotFound {
            what,
            name: name.clone(),
        })
    }
}

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
    let changed = hold(&tx, &mut guest, by, method, now).await?;
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
    if let Some(held_to) = method.filter(|method| *method != Method::Passcode) {
        let what = what(held_to);
        if !speaks_for(tx, held_to, &guest.email).await? {
            return Err(ActionError::Invalid(vec![Fault {
                field: what,
                message: "does not have the domain of this guest's address".into(),
            }]));
        }
        if let Some(upstream) = tx.upstream(held_to).await? {
            event = event.detail(what, upstream.name);
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

/// What the upstream of a method is called in records.
pub(super) fn what(method: Method) -> &'static str {
    match method {
        Method::PersonalAccount(_) => "provider",
        Method::Federation(_) | Method::Passcode => "tenant",
    }
}

/// Whether somebody with this address can come back from where the method leads. A tenant speaks for its own domains
/// alone; at a personal account, whatever its address, a code confirms this one once.
pub(super) async fn speaks_for(tx: &Tx, method: Method, email: &EmailAddress) -> Result<bool, StoreError> {
    Ok(match method {
        Method::Federation(id) => tx
            .tenant(id)
            .await?
            .is_some_and(|tenant| tenant.speaks_for(email.domain())),
        Method::PersonalAccount(id) => tx.provider(id).await?.is_some(),
        Method::Passcode => true,
    })
}
