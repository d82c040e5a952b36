//! Bringing the tenants and providers that the configuration declares into the database.

use domain::{
    audit::Actor,
    upstream::{self, ADOPTED, Change, Declared, Upstream},
};
use sign_in::Core;
use store::Tx;

use super::{ActionError, upstream_change};

/// Makes the rows agree with what the configuration declares, in one transaction, and says how many changed.
/// Those that are no longer declared are switched off, for guests may have redeemed by them. Every process does
/// this when it starts: where configurations differ, the last one that started is in force.
pub async fn declare_upstreams(core: &Core, declared: &Declared) -> Result<usize, ActionError> {
    if are_upstreams_declared(core, declared).await? {
        return Ok(0);
    }
    let tx = core.store.begin().await?;
    tx.lock_configuration().await?;
    let changes = plan(core, declared, &tx.upstreams().await?);
    carry_out(core, &tx, &changes).await?;
    tx.commit().await?;
    Ok(changes.len())
}

/// Whether the database has what the configuration declares. Reads only.
pub async fn are_upstreams_declared(core: &Core, declared: &Declared) -> Result<bool, ActionError> {
    let there = core.store.reader().upstreams().await?;
    Ok(plan(core, declared, &there).is_empty())
}

/// What the next start of a server changes, one line each, for operators. A domain or an address that two would have is the
/// error that the start would end with.
pub async fn planned_changes(core: &Core, declared: &Declared) -> Result<Vec<String>, ActionError> {
    let there = core.store.reader().upstreams().await?;
    let changes = plan(core, declared, &there);
    one_owner(&after(there, &changes))?;
    Ok(changes.iter().map(in_a_line).collect())
}

/// Refuses what the database would refuse: where a domain or an address leads, it leads to one. A domain that is not proven
/// may be claimed by several.
fn one_owner(rows: &[Upstream]) -> Result<(), ActionError> {
    let mut owners = std::collections::HashMap::new();
    for row in rows {
        for led in row.leading() {
            if let Some(other) = owners.insert((row.kind, led.clone()), &row.name) {
                return Err(ActionError::Conflict(format!(
                    "{led} would lead to two {what}s, \"{other}\" and \"{}\"",
                    row.name,
                    what = row.kind.name()
                )));
            }
        }
    }
    Ok(())
}

fn in_a_line(change: &Change) -> String {
    let (what, name) = (change.upstream().kind.name(), &change.upstream().name);
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
                "the {what} \"{name}\" is no longer declared: it is switched off, and the operators' from then on"
            )
        }
    }
}

/// The rows as they will be once the database has what the configuration declares. Reads only.
pub(super) async fn planned(core: &Core, declared: &Declared) -> Result<Vec<Upstream>, ActionError> {
    let there = core.store.reader().upstreams().await?;
    let changes = plan(core, declared, &there);
    Ok(after(there, &changes))
}

fn after(there: Vec<Upstream>, changes: &[Change]) -> Vec<Upstream> {
    let untouched = |row: &Upstream| {
        changes
            .iter()
            .all(|change| change.upstream().method() != row.method())
    };
    let mut rows: Vec<Upstream> = there.into_iter().filter(untouched).collect();
    rows.extend(changes.iter().map(|change| change.upstream().clone()));
    rows
}

async fn carry_out(core: &Core, tx: &Tx, changes: &[Change]) -> Result<(), ActionError> {
    // All let go before anyone takes: a domain may move from one to the other.
    for change in changes {
        tx.release_upstream(change.upstream().id).await?;
    }
    for change in changes {
        let upstream = change.upstream();
        match change {
            Change::Add(_) => tx.insert_upstream(upstream).await,
            Change::Alter(..) | Change::Drop(..) => tx.save_upstream(upstream, core.now()).await,
        }
        .map_err(|error| upstream_change::taken(error, upstream))?;
        let mut event = upstream_change::event(change, Actor::Operator("configuration".into()));
        let was_enabled = change.before().is_some_and(|before| before.enabled);
        if was_enabled && !upstream.enabled {
            let ended = upstream_change::end_what_began_at(tx, upstream, core.now()).await?;
            event = ended.tell(event);
        }
        tx.record(event, core.now()).await?;
    }
    Ok(())
}

fn plan(core: &Core, declared: &Declared, there: &[Upstream]) -> Vec<Change> {
    upstream::plan(there, declared, core.now(), &*core.entropy)
}
