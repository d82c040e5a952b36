//! Bringing the tenants and providers that the configuration declares into the database.

use domain::{
    EmailAddress,
    audit::{Action, Actor, AuditEvent},
    upstream::{self, Change, Connection, Declarable, Declaration, Declared, NameTaken, Provider, Tenant},
};
use store::StoreError;
use web::Core;

use super::ActionError;

/// What has to change.
struct Plan {
    tenants: Vec<Change<Tenant>>,
    providers: Vec<Change<Provider>>,
}

/// Makes the rows agree with what the configuration declares, in one transaction, and says how many changed.
/// Those that are declared no more are switched off, for guests may have redeemed by them. Every process does
/// this when it starts: where configurations differ, the last one that started is in force.
pub async fn declare_upstreams(core: &Core, declared: &Declared) -> Result<usize, ActionError> {
    if are_upstreams_declared(core, declared).await? {
        return Ok(0);
    }
    let now = core.now();
    let tx = core.store.begin().await?;
    tx.lock_configuration().await?;
    let plan = plan(core, declared, &tx.tenants().await?, &tx.providers().await?)?;
    // All let go before anyone takes: a domain may move from one to the other.
    for change in &plan.tenants {
        tx.release_tenant(change.upstream().id).await?;
    }
    for change in &plan.providers {
        tx.release_provider(change.upstream().id).await?;
    }
    for change in &plan.tenants {
        let tenant = change.upstream();
        match change {
            Change::Add(_) => tx.insert_tenant(tenant).await,
            Change::Alter(..) | Change::Drop(..) => tx.save_tenant(tenant).await,
        }
        .map_err(|error| taken(error, "tenant", tenant))?;
        tx.record(event(change, TENANT), now).await?;
    }
    for change in &plan.providers {
        let provider = change.upstream();
        match change {
            Change::Add(_) => tx.insert_provider(provider).await,
            Change::Alter(..) | Change::Drop(..) => tx.save_provider(provider).await,
        }
        .map_err(|error| taken(error, "provider", provider))?;
        tx.record(event(change, PROVIDER), now).await?;
    }
    tx.commit().await?;
    Ok(plan.tenants.len() + plan.providers.len())
}

/// Whether the database has what the configuration declares. Reads only.
pub async fn are_upstreams_declared(core: &Core, declared: &Declared) -> Result<bool, ActionError> {
    let reader = core.store.reader();
    let (tenants, providers) = (reader.tenants().await?, reader.providers().await?);
    Ok(plan(core, declared, &tenants, &providers)?.is_empty())
}

impl Plan {
    fn is_empty(&self) -> bool {
        self.tenants.is_empty() && self.providers.is_empty()
    }
}

fn plan(
    core: &Core,
    declared: &Declared,
    tenants: &[Tenant],
    providers: &[Provider],
) -> Result<Plan, ActionError> {
    let (now, entropy) = (core.now(), &*core.entropy);
    let theirs = |what: &'static str| {
        move |error: NameTaken| ActionError::Conflict(format!("the {what} {error}: give one another name"))
    };
    Ok(Plan {
        tenants: upstream::plan(tenants, &declared.tenants, now, entropy).map_err(theirs("tenant"))?,
        providers: upstream::plan(providers, &declared.providers, now, entropy)
            .map_err(theirs("provider"))?,
    })
}

/// A name or a domain that an operator gave to another one meanwhile.
fn taken(error: StoreError, what: &str, upstream: &impl Declarable) -> ActionError {
    ActionError::taken(error, || {
        format!(
            "a domain or an address of the {what} \"{}\" belongs to another {what}, which an operator added",
            upstream.name()
        )
    })
}

/// The actions for one kind: added, changed, dropped.
type Kind = [Action; 3];
const TENANT: Kind = [Action::TenantAdded, Action::TenantChanged, Action::TenantDropped];
const PROVIDER: Kind = [
    Action::ProviderAdded,
    Action::ProviderChanged,
    Action::ProviderDropped,
];

fn event<T: Declarable>(change: &Change<T>, [added, changed, dropped]: Kind) -> AuditEvent {
    let by = Actor::Operator("configuration".into());
    let mut event = match change {
        Change::Add(_) => AuditEvent::new(added, by),
        Change::Alter(_, _, fields) => AuditEvent::new(changed, by).detail("fields", fields.join(", ")),
        Change::Drop(..) => AuditEvent::new(dropped, by),
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

/// What an upstream is, field by field: the name, the name of what it was before, and the value. No secrets.
fn in_words(declaration: &Declaration) -> [(&'static str, &'static str, String); 5] {
    let addresses: Vec<&str> = declaration.addresses.iter().map(EmailAddress::as_str).collect();
    let connection = declaration.connection.as_ref();
    let connection = connection.map(|Connection::Oidc(oidc)| {
        format!(
            "{} as {} by {}; scopes {}; claims {}, {}, {}; trust_email {}; trust_mfa {}",
            oidc.issuer,
            oidc.client_id,
            oidc.client_auth.name(),
            oidc.scopes.join(" "),
            oidc.claims.subject.join("+"),
            oidc.claims.email,
            oidc.claims.name,
            oidc.trusts_email,
            oidc.trusts_mfa,
        )
    });
    [
        (
            "display_name",
            "display_name_was",
            declaration.display_name.clone(),
        ),
        ("enabled", "enabled_was", declaration.enabled.to_string()),
        ("domains", "domains_was", declaration.domains.join(", ")),
        ("addresses", "addresses_was", addresses.join(", ")),
        ("connection", "connection_was", connection.unwrap_or_default()),
    ]
}
