//! Tenants and providers as rows: what the configuration's way of changing them and the operators' have in common.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress,
    audit::{Action, Actor, AuditEvent},
    method::Method,
    upstream::{Change, Connection, Declarable, Declaration, Provider, SamlMetadata, Tenant},
};
use store::{StoreError, Tx, UpstreamSessions};

use super::ActionError;

/// The actions that one kind is audited by.
pub struct Actions {
    pub(super) added: Action,
    pub(super) changed: Action,
    pub(super) dropped: Action,
    pub(super) removed: Action,
}

/// A tenant or a provider of personal accounts, with its rows.
#[expect(
    async_fn_in_trait,
    reason = "its two implementations are here, and their futures are Send"
)]
pub trait Stored: Declarable {
    /// What messages call it.
    const WHAT: &'static str;
    /// What it is audited by.
    const ACTIONS: Actions;

    /// How guests sign in by it.
    fn method(&self) -> Method;

    /// The domains and addresses that lead to it.
    fn leading(&self) -> Vec<String>;

    /// Takes the place of its row among all of them.
    fn replace_in(self, tenants: &mut [Tenant], providers: &mut [Provider]);

    /// The one of that name.
    async fn called(tx: &Tx, name: &str) -> Result<Option<Self>, StoreError>;

    /// Adds its rows.
    async fn insert(&self, tx: &Tx) -> Result<(), StoreError>;

    /// Makes its rows what it says.
    async fn save(&self, tx: &Tx, now: DateTime<Utc>) -> Result<(), StoreError>;

    /// Lets go of what leads to it.
    async fn release(&self, tx: &Tx) -> Result<(), StoreError>;

    /// Removes its rows.
    async fn remove(&self, tx: &Tx) -> Result<(), StoreError>;
}

impl Stored for Tenant {
    const WHAT: &'static str = "tenant";
    const ACTIONS: Actions = Actions {
        added: Action::TenantAdded,
        changed: Action::TenantChanged,
        dropped: Action::TenantDropped,
        removed: Action::TenantRemoved,
    };

    fn method(&self) -> Method {
        Method::Federation(self.id)
    }

    fn leading(&self) -> Vec<String> {
        let domains = self.domains.iter().cloned();
        domains.filter(|domain| !self.unproven.contains(domain)).collect()
    }

    fn replace_in(self, tenants: &mut [Tenant], _: &mut [Provider]) {
        if let Some(row) = tenants.iter_mut().find(|row| row.id == self.id) {
            *row = self;
        }
    }

    async fn called(tx: &Tx, name: &str) -> Result<Option<Self>, StoreError> {
        tx.tenant_by_name(name).await
    }

    async fn insert(&self, tx: &Tx) -> Result<(), StoreError> {
        tx.insert_tenant(self).await
    }

    async fn save(&self, tx: &Tx, now: DateTime<Utc>) -> Result<(), StoreError> {
        tx.save_tenant(self, now).await
    }

    async fn release(&self, tx: &Tx) -> Result<(), StoreError> {
        tx.release_tenant(self.id).await
    }

    async fn remove(&self, tx: &Tx) -> Result<(), StoreError> {
        tx.remove_tenant(self.id).await
    }
}

impl Stored for Provider {
    const WHAT: &'static str = "provider";
    const ACTIONS: Actions = Actions {
        added: Action::ProviderAdded,
        changed: Action::ProviderChanged,
        dropped: Action::ProviderDropped,
        removed: Action::ProviderRemoved,
    };

    fn method(&self) -> Method {
        Method::PersonalAccount(self.id)
    }

    fn leading(&self) -> Vec<String> {
        let addresses = self.addresses.iter().map(EmailAddress::key);
        self.domains.iter().cloned().chain(addresses).collect()
    }

    fn replace_in(self, _: &mut [Tenant], providers: &mut [Provider]) {
        if let Some(row) = providers.iter_mut().find(|row| row.id == self.id) {
            *row = self;
        }
    }

    async fn called(tx: &Tx, name: &str) -> Result<Option<Self>, StoreError> {
        tx.provider_by_name(name).await
    }

    async fn insert(&self, tx: &Tx) -> Result<(), StoreError> {
        tx.insert_provider(self).await
    }

    async fn save(&self, tx: &Tx, _: DateTime<Utc>) -> Result<(), StoreError> {
        tx.save_provider(self).await
    }

    async fn release(&self, tx: &Tx) -> Result<(), StoreError> {
        tx.release_provider(self.id).await
    }

    async fn remove(&self, tx: &Tx) -> Result<(), StoreError> {
        tx.remove_provider(self.id).await
    }
}

/// What ended because an upstream was switched off.
pub(super) struct Ended {
    pub(super) sessions: usize,
    grants: usize,
}

impl Ended {
    /// Adds the numbers to the event of the change.
    pub(super) fn tell(&self, event: AuditEvent) -> AuditEvent {
        event
            .detail("sessions_ended", self.sessions.to_string())
            .detail("grants_revoked", self.grants.to_string())
    }
}

/// Ends the sessions that began at an upstream, and revokes the grants that came of a proof there, `offline_access`
/// included: a partner that is switched off because it was breached must not keep what the breach gave (threat R11).
pub(super) async fn end_what_began_at<T: Stored>(
    tx: &Tx,
    upstream: &T,
    now: DateTime<Utc>,
) -> Result<Ended, StoreError> {
    let Some(row) = upstream.method().upstream() else {
        return Ok(Ended {
            sessions: 0,
            grants: 0,
        });
    };
    let mut ended = Ended {
        sessions: 0,
        grants: 0,
    };
    // Sessions before grants, in the order in which signing out takes them.
    for (session, guest) in tx.end_upstream_sessions(row, UpstreamSessions::All, now).await? {
        ended.sessions += 1;
        ended.grants += tx.revoke_grants_of_session(session, now, false).await?.len();
        let event = AuditEvent::new(Action::SessionEnded, Actor::System)
            .guest(guest)
            .reason("method_off")
            .detail(T::WHAT, upstream.name())
            .detail("session", session.to_string());
        tx.record(event, now).await?;
    }
    // Those that outlived their session.
    ended.grants += tx.revoke_grants_of_upstream(row, now).await?.len();
    Ok(ended)
}

/// What is recorded of a change: what it was and what it is, without secrets.
pub(super) fn event<T: Stored>(change: &Change<T>, by: Actor) -> AuditEvent {
    let mut event = match change {
        Change::Add(_) => AuditEvent::new(T::ACTIONS.added, by),
        Change::Alter(_, _, fields) => {
            AuditEvent::new(T::ACTIONS.changed, by).detail("fields", fields.join(", "))
        }
        Change::Drop(..) => AuditEvent::new(T::ACTIONS.dropped, by),
    };
    let after = in_words(&change.upstream().declaration());
    let before = change.before().map(|before| in_words(&before.declaration()));
    event = event.detail("name", change.upstream().name());
    for (place, (name, was_name, now)) in after.into_iter().enumerate() {
        let was = before.as_ref().map(|before| before[place].2.clone());
        // What changed is said with what it was, so that the log answers where an address led yesterday.
        if let Some(was) = was.filter(|was| *was != now) {
            event = event.detail(was_name, was);
        }
        if !now.is_empty() {
            event = event.detail(name, now);
        }
    }
    event
}

/// A name, a domain or an address that another one has.
pub(super) fn taken<T: Stored>(error: StoreError, upstream: &T) -> ActionError {
    ActionError::taken(error, || {
        format!(
            "a domain or an address of the {what} \"{name}\" belongs to another {what}",
            what = T::WHAT,
            name = upstream.name()
        )
    })
}

/// What an upstream is, field by field: the name, the name of what it was before, and the value. No secrets.
fn in_words(declaration: &Declaration) -> [(&'static str, &'static str, String); 6] {
    let addresses: Vec<&str> = declaration.addresses.iter().map(EmailAddress::as_str).collect();
    let connection = declaration.connection.as_ref().map(connection_in_words);
    [
        (
            "display_name",
            "display_name_was",
            declaration.display_name.clone(),
        ),
        ("enabled", "enabled_was", declaration.enabled.to_string()),
        ("domains", "domains_was", declaration.domains.join(", ")),
        (
            "domain_proof",
            "domain_proof_was",
            declaration.domain_proof.name().to_owned(),
        ),
        ("addresses", "addresses_was", addresses.join(", ")),
        ("connection", "connection_was", connection.unwrap_or_default()),
    ]
}

fn connection_in_words(connection: &Connection) -> String {
    let begin = match (connection.client_id(), connection.client_auth()) {
        (Some(id), Some(auth)) => format!("{} as {id} by {auth}", connection.issuer()),
        _ => connection.issuer().to_owned(),
    };
    match connection {
        Connection::Oidc(oidc) => format!(
            "{begin}; scopes {}; claims {}, {}, {}; trust_email {}; trust_mfa {}, {}",
            oidc.scopes.join(" "),
            oidc.claims.subject.join("+"),
            oidc.claims.email,
            oidc.claims.name,
            oidc.trusts_email,
            oidc.trusts_mfa,
            oidc.mfa_contexts.join(" "),
        ),
        Connection::Oauth2(oauth2) => format!(
            "{begin}; {}; {}, {}",
            oauth2.kind.name(),
            oauth2.endpoints.authorization,
            oauth2.endpoints.token
        ),
        Connection::Saml(saml) => {
            let named = |attribute: &Option<String>| attribute.clone().unwrap_or_else(|| "as usual".into());
            format!(
                "{begin} by SAML; metadata {}; attributes {}, {}, {}; trust_mfa {}, {}",
                match &saml.metadata {
                    SamlMetadata::Url(url) => url.as_str(),
                    SamlMetadata::Document(_) => "as a document",
                },
                named(&saml.subject),
                named(&saml.email),
                named(&saml.name),
                saml.trusts_mfa,
                saml.mfa_contexts.join(" "),
            )
        }
    }
}
