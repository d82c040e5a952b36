//! Bringing the tenants and providers that the configuration declares into the database.

use domain::{
    audit::Actor,
    upstream::{self, Change, Declaration, Declared, NameTaken, Provider, Tenant},
};
use store::Tx;
use web::Core;

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
    let plan = plan(core, declared, &tx.tenants().await?, &tx.providers().await?)?;
    carry_out(core, &tx, &plan.tenants).await?;
    carry_out(core, &tx, &plan.providers).await?;
    tx.commit().await?;
    Ok(plan.tenants.len() + plan.providers.len())
}

/// Whether the database has what the configuration declares. Reads only.
pub async fn are_upstreams_declared(core: &Core, declared: &Declared) -> Result<bool, ActionError> {
    let reader = core.store.reader();
    let (tenants, providers) = (reader.tenants().await?, reader.providers().await?);
    let plan = plan(core, declared, &tenants, &providers)?;
    Ok(plan.tenants.is_empty() && plan.providers.is_empty())
}

/// The rows as they will be once the database has what the configuration declares. Reads only.
pub(super) async fn planned(
    core: &Core,
    declared: &Declared,
) -> Result<(Vec<Tenant>, Vec<Provider>), ActionError> {
    let reader = core.store.reader();
    let (tenants, providers) = (reader.tenants().await?, reader.providers().await?);
    let plan = plan(core, declared, &tenants, &providers)?;
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

fn plan(
    core: &Core,
    declared: &Declared,
    tenants: &[Tenant],
    providers: &[Provider],
) -> Result<Plan, ActionError> {
    Ok(Plan {
        tenants: changes(core, tenants, &declared.tenants)?,
        providers: changes(core, providers, &declared.providers)?,
    })
}

fn changes<T: Stored>(
    core: &Core,
    there: &[T],
    declared: &[Declaration],
) -> Result<Vec<Change<T>>, ActionError> {
    let theirs =
        |error: NameTaken| ActionError::Conflict(format!("the {} {error}: give one another name", T::WHAT));
    upstream::plan(there, declared, core.now(), &*core.entropy).map_err(theirs)
}
