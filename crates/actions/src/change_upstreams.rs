//! What operators do with tenants and providers of personal accounts that the configuration does not declare.

use domain::{
    audit::{Actor, AuditEvent},
    domain_claim::Proof,
    upstream::{Change, Connection, Declaration, Upstream, UpstreamKind, check_issuer, claimable, is_name},
};
use sign_in::Core;
use store::Tx;

use super::{ActionError, By, Fault, shown_upstream::is_upstream_as_seen, upstream_change};

/// Adds one. A name, a domain or an address that is taken is a conflict.
pub async fn add_upstream(
    core: &Core,
    by: Actor,
    kind: UpstreamKind,
    declaration: &Declaration,
) -> Result<Upstream, ActionError> {
    check(core, kind, declaration)?;
    let upstream = Upstream::new(kind, declaration, core.now(), &*core.entropy);
    let tx = core.store.begin().await?;
    tx.lock_configuration().await?;
    if tx.upstream_named(kind, &declaration.name).await?.is_some() {
        let text = format!("there is a {} \"{}\" already", kind.name(), declaration.name);
        return Err(ActionError::Conflict(text));
    }
    tx.insert_upstream(&upstream)
        .await
        .map_err(|error| upstream_change::taken(error, &upstream))?;
    tx.record(
        upstream_change::event(&Change::Add(upstream.clone()), by),
        core.now(),
    )
    .await?;
    tx.commit().await?;
    Ok(upstream)
}

/// Makes one what the operator wants it to be; says which fields differ now. `change` sees it as it is.
///
/// # Errors
///
/// None of that name; one that the configuration declares; every field that is wrong; [`ActionError::Changed`].
pub async fn change_upstream(
    core: &Core,
    by: impl Into<By>,
    (kind, name): (UpstreamKind, &str),
    change: impl FnOnce(&mut Declaration) -> Result<(), ActionError>,
) -> Result<Vec<&'static str>, ActionError> {
    let tx = core.store.begin().await?;
    let before = ours(&tx, kind, name).await?;
    let by = by.into();
    is_upstream_as_seen(&tx, &by, &before).await?;
    let by = by.actor;
    let mut declaration = before.declaration();
    change(&mut declaration)?;
    check(core, kind, &declaration)?;
    let fields = before.declaration().differences(&declaration);
    if fields.is_empty() {
        return Ok(fields);
    }
    let mut after = before.clone();
    after.follow(&declaration);
    tx.save_upstream(&after, core.now())
        .await
        .map_err(|error| upstream_change::taken(error, &after))?;
    let mut event = upstream_change::event(&Change::Alter(before.clone(), after.clone(), fields.clone()), by);
    if before.enabled && !declaration.enabled {
        let ended = upstream_change::end_what_began_at(&tx, &after, core.now()).await?;
        event = ended.tell(event);
    }
    tx.record(event, core.now()).await?;
    tx.commit().await?;
    Ok(fields)
}

/// Switches one off, or removes it (accounts there are forgotten then), and ends the sessions and grants that began
/// there; says how many sessions ended. Whoever is on the way there or back does not come in: the way back looks for the
/// row, and another one of the same name is another one.
///
/// # Errors
///
/// None of that name; one that the configuration declares; [`ActionError::Changed`].
pub async fn switch_off(
    core: &Core,
    by: impl Into<By>,
    (kind, name): (UpstreamKind, &str),
    remove: bool,
) -> Result<usize, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let before = ours(&tx, kind, name).await?;
    let by = by.into();
    is_upstream_as_seen(&tx, &by, &before).await?;
    let by = by.actor;
    // The row first: a session that begins meanwhile holds it, so this waits for that session and then ends it too.
    let event = if remove {
        tx.remove_upstream(before.id).await?;
        AuditEvent::new(kind.actions().removed, by).detail("name", name)
    } else {
        let mut declaration = before.declaration();
        declaration.enabled = false;
        let fields = before.declaration().differences(&declaration);
        let mut after = before.clone();
        after.follow(&declaration);
        tx.save_upstream(&after, now).await?;
        upstream_change::event(&Change::Alter(before.clone(), after, fields), by)
    };
    let ended = upstream_change::end_what_began_at(&tx, &before, now).await?;
    tx.record(ended.tell(event), now).await?;
    tx.commit().await?;
    Ok(ended.sessions)
}

/// The one of that name, which operators may change. Locked until the transaction ends.
async fn ours(tx: &Tx, kind: UpstreamKind, name: &str) -> Result<Upstream, ActionError> {
    tx.lock_configuration().await?;
    let found = tx.upstream_named(kind, name).await?;
    let upstream = found.ok_or_else(|| ActionError::NotFound {
        what: kind.name(),
        name: name.to_owned(),
    })?;
    if upstream.declared {
        return Err(ActionError::Conflict(format!(
            "the configuration declares the {what} \"{name}\": change its [[{what}]] section and start the server again",
            what = kind.name()
        )));
    }
    Ok(upstream)
}

/// What is wrong with a declaration that did not come from the configuration.
fn check(core: &Core, kind: UpstreamKind, declaration: &Declaration) -> Result<(), ActionError> {
    let mut faults = Vec::new();
    let mut fault = |field, message: String| faults.push(Fault { field, message });
    if !is_name(&declaration.name) {
        fault(
            "name",
            "must be 1 to 40 lower-case letters, digits and inner hyphens".into(),
        );
    }
    if declaration.display_name.trim().is_empty() || declaration.display_name.chars().any(char::is_control) {
        fault("display_name", "must be one line that pages can show".into());
    }
    if kind == UpstreamKind::Tenant && !declaration.addresses.is_empty() {
        fault(
            "addresses",
            "lead to providers alone: a tenant has domains".into(),
        );
    }
    if kind == UpstreamKind::Provider && declaration.domain_proof != Proof::Operator {
        fault(
            "domain_proof",
            "is a tenant's: an operator vouches for a provider's domains".into(),
        );
    }
    if kind == UpstreamKind::Tenant {
        for domain in &declaration.domains {
            if let Err(error) = claimable(domain) {
                fault("domains", format!("holds {domain}, which {error}"));
            }
        }
    }
    if let Some(Connection::Oauth2(oauth2)) = &declaration.connection {
        if kind == UpstreamKind::Tenant {
            fault(
                "connection",
                "a tenant speaks OpenID Connect: OAuth 2 alone says nothing of its people".into(),
            );
        }
        if oauth2.client_id.is_empty() {
            fault("client_id", "is empty".into());
        }
        for (field, address) in [
            ("authorization_endpoint", &oauth2.endpoints.authorization),
            ("token_endpoint", &oauth2.endpoints.token),
            ("api", &oauth2.endpoints.api),
        ] {
            if let Err(why) = check_issuer(address, !core.settings.issuer.is_secure()) {
                fault(field, why.to_string());
            }
        }
    }
    if let Some(Connection::Oidc(oidc)) = &declaration.connection {
        if oidc.claims.subject.is_empty() {
            fault("subject_claims", "is empty: nothing would name an account".into());
        }
        if oidc.client_id.is_empty() {
            fault("client_id", "is empty".into());
        }
        // Only in development is our own issuer plain http.
        if let Err(why) = check_issuer(&oidc.issuer, !core.settings.issuer.is_secure()) {
            fault("issuer", why.to_string());
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ActionError::Invalid(faults))
    }
}
