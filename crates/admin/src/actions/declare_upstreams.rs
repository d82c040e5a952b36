//! Bringing the tenants and providers that the configuration declares into the database.

use domain::{
    audit::Actor,
    upstream::{self, ADOPTED, Change, Declaration, Declared, Provider, Tenant},
};
use sign_in::Core;
use store::Tx;

use super::{
    ActionError,
    stored::{self, Stored},
};

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
    let tx = core.store.begin().await?;
    tx.lock_configuration().await?;
    let plan = plan(core, declared, &tx.tenants().await?, &tx.providers().await?);
    carry_out(core, &tx, &plan.tenants).await?;
    carry_out(core, &tx, &plan.providers).await?;
    tx.commit().await?;
    Ok(plan.tenants.len() + plan.providers.len())
}

/// Whether the database has what the configuration declares. Reads only.
pub async fn are_upstreams_declared(core: &Core, declared: &Declared) -> Result<bool, ActionError> {
    let reader = core.store.reader();
    let (tenants, providers) = (reader.tenants().await?, reader.providers().await?);
    let plan = plan(core, declared, &tenants, &providers);
    Ok(plan.tenants.is_empty() && plan.providers.is_empty())
}

/// What the next start of a server changes, one line each, for operators. A domain or an address that two would have is the
/// error that the start would end with.
pub async fn planned_changes(core: &Core, declared: &Declared) -> Result<Vec<String>, ActionError> {
    let reader = core.store.reader();
    let (tenants, providers) = (reader.tenants().await?, reader.providers().await?);
    let plan = plan(core, declared, &tenants, &providers);
    one_owner(&after(tenants, &plan.tenants))?;
    one_owner(&after(providers, &plan.providers))?;
    let mut lines: Vec<String> = plan.tenants.iter().map(in_a_line).collect();
    lines.extend(plan.providers.iter().map(in_a_line));
    Ok(lines)
}

/// Refuses what the database would refuse: where a domain or an address leads, it leads to one. A domain that is not proven
/// may be claimed by several.
fn one_owner<T: Stored>(rows: &[T]) -> Result<(), ActionError> {
    let mut owners = std::collections::HashMap::new();
    for row in rows {
        for led in row.leading() {
            if let Some(other) = owners.insert(led.clone(), row.name()) {
                return Err(ActionError::Conflict(format!(
                    "{led} would lead to two {what}s, \"{other}\" and \"{}\"",
                    row.name(),
                    what = T::WHAT
                )));
            }
        }
    }
    Ok(())
}

fn in_a_line<T: Stored>(change: &Change<T>) -> String {
    let (what, name) = (T::WHAT, change.upstream().name());
    match change {
        Change::Add(_) => format!("the {what} \"{name}\" is added"),
        Change::Alter(_, _, fields) if fields.first() == Some(&ADOPTED) => {
            let others = fields[1..].join(", ");
            let others = if others.is_empty() {
                "nothing else".into()
            } else {
                others
            };
            format!(
                "the {what} \"{name}\", which an operator added, is the configuration's from then on; {others} changes"
            )
        }
        Change::Alter(_, _, fields) => format!("the {what} \"{name}\" changes: {}", fields.join(", ")),
        Change::Drop(..) => {
            format!(
                "the {what} \"{name}\" is declared no more: it is switched off, and the operators' from then on"
            )
        }
    }
}

/// The rows as they will be once the database has what the configuration declares. Reads only.
pub(super) async fn planned(
    core: &Core,
    declared: &Declared,
) -> Result<(Vec<Tenant>, Vec<Provider>), ActionError> {
    let reader = core.store.reader();
    let (tenants, providers) = (reader.tenants().await?, reader.providers().await?);
    let plan = plan(core, declared, &tenants, &providers);
    Ok((after(tenants, &plan.tenants), after(providers, &plan.providers)))
}

fn after<T: Stored>(there: Vec<T>, changes: &[Change<T>]) -> Vec<T> {
    let untouched = |row: &T| {
        changes
            .iter()
            .all(|change| change.upstream().name() != row.name())
    };
    let mut rows: Vec<T> = there.into_iter().filter(untouched).collect();
    rows.extend(changes.iter().map(|change| change.upstream().clone()));
    rows
}

async fn carry_out<T: Stored>(core: &Core, tx: &Tx, changes: &[Change<T>]) -> Result<(), ActionError> {
    // All let go before anyone takes: a domain may move from one to the other.
    for change in changes {
        change.upstream().release(tx).await?;
    }
    for change in changes {
        let upstream = change.upstream();
        match change {
            Change::Add(_) => upstream.insert(tx).await,
            Change::Alter(..) | Change::Drop(..) => upstream.save(tx, core.now()).await,
        }
        .map_err(|error| stored::taken(error, upstream))?;
        let mut event = stored::event(change, Actor::Operator("configuration".into()));
        let was_enabled = change.before().is_some_and(|before| before.declaration().enabled);
        if was_enabled && !upstream.declaration().enabled {
            let ended = stored::end_what_began_at(tx, upstream, core.now()).await?;
            event = ended.tell(event);
        }
        tx.record(event, core.now()).await?;
    }
    Ok(())
}

fn plan(core: &Core, declared: &Declared, tenants: &[Tenant], providers: &[Provider]) -> Plan {
    Plan {
        tenants: changes(core, tenants, &declared.tenants),
        providers: changes(core, providers, &declared.providers),
    }
}

fn changes<T: Stored>(core: &Core, there: &[T], declared: &[Declaration]) -> Vec<Change<T>> {
    upstream::plan(there, declared, core.now(), &*core.entropy)
}
