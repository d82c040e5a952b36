//! What both ways of changing an upstream share, the configuration's and the operators': what ends, and what is recorded.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress,
    audit::{Action, Actor, AuditEvent},
    upstream::{Change, Connection, Declaration, SamlMetadata, Upstream},
};
use store::{StoreError, Tx, UpstreamSessions};

use super::ActionError;

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
pub(super) async fn end_what_began_at(
    tx: &Tx,
    upstream: &Upstream,
    now: DateTime<Utc>,
) -> Result<Ended, StoreError> {
    let mut ended = Ended {
        sessions: 0,
        grants: 0,
    };
    // Sessions before grants, in the order in which signing out takes them.
    for (session, guest) in tx
        .end_upstream_sessions(upstream.id, UpstreamSessions::All, now)
        .await?
    {
        ended.sessions += 1;
        ended.grants += tx.revoke_grants_of_session(session, now, false).await?.len();
        let event = AuditEvent::new(Action::SessionEnded, Actor::System)
            .guest(guest)
            .reason("method_off")
            .detail(upstream.kind.name(), upstream.name.as_str())
            .detail("session", session.to_string());
        tx.record(event, now).await?;
    }
    // Those that outlived their session.
    ended.grants += tx.revoke_grants_of_upstream(upstream.id, now).await?.len();
    Ok(ended)
}

/// What is recorded of a change: what it was and what it is, without secrets.
pub(super) fn event(change: &Change, by: Actor) -> AuditEvent {
    let actions = change.upstream().kind.actions();
    let mut event = match change {
        Change::Add(_) => AuditEvent::new(actions.added, by),
        Change::Alter(_, _, fields) => {
            AuditEvent::new(actions.changed, by).detail("fields", fields.join(", "))
        }
        Change::Drop(..) => AuditEvent::new(actions.dropped, by),
    };
    let after = in_words(&change.upstream().declaration());
    let before = change.before().map(|before| in_words(&before.declaration()));
    event = event.detail("name", change.upstream().name.as_str());
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
pub(super) fn taken(error: StoreError, upstream: &Upstream) -> ActionError {
    ActionError::taken(error, || {
        format!(
            "a domain or an address of the {what} \"{name}\" belongs to another {what}",
            what = upstream.kind.name(),
            name = upstream.name
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
