//! Who could no longer sign in, before anything is switched off or changed.

use chrono::TimeDelta;
use domain::{
    guest::Guest,
    method::Method,
    upstream::{Connection, Declaration, Declared, Upstream},
};
use method_resolution::{Decision, Facts, Leads, Refusal, is_shut_out, loses, resolve};
use sign_in::Core;
use store::{GuestFilter, Reader, StoreError};

use super::{ActionError, declare_upstreams::planned};

/// Who could no longer sign in.
#[derive(Clone, Debug, Default)]
pub struct Impact {
    /// They, by address.
    pub guests: Vec<Guest>,
    /// How many of them have signed in within a week.
    pub lately: usize,
}

/// Who could no longer sign in if this one were switched off or removed: the same function that decides at the
/// sign-in, asked with and without it.
pub async fn impact(core: &Core, upstream: &Upstream) -> Result<Impact, ActionError> {
    let reader = core.store.reader();
    let codes_everywhere = core.settings.resolution.all().all(|policy| policy.codes);
    let declaration = upstream.declaration();
    let held = GuestFilter {
        held_to: Some(upstream.method()),
        ..GuestFilter::default()
    };
    let mut filters = vec![held];
    if !codes_everywhere {
        // Nothing is left for those either who have never signed in.
        filters.extend(declaration.domains.iter().map(|domain| GuestFilter {
            domain: Some(domain.clone()),
            ..GuestFilter::default()
        }));
    }
    let mut impact = Impact::default();
    let mut seen = std::collections::HashSet::new();
    for filter in filters {
        pages(&reader, filter, async |mut page| {
            page.retain(|guest| seen.insert(guest.id));
            impact.weigh(core, &reader, upstream, page).await
        })
        .await?;
    }
    if !codes_everywhere {
        for address in &declaration.addresses {
            if let Some(guest) = reader.guest_by_email(address).await?
                && seen.insert(guest.id)
            {
                impact.weigh(core, &reader, upstream, vec![guest]).await?;
            }
        }
    }
    impact.guests.sort_by_key(|guest| guest.email.key());
    Ok(impact)
}

/// Who could no longer sign in if an upstream became what the declaration says: by a change of what names its accounts, whoever has
/// one; by domains that no longer lead there, whoever has nothing else.
pub async fn impact_of_change(
    core: &Core,
    upstream: &Upstream,
    after: &Declaration,
) -> Result<Impact, ActionError> {
    let reader = core.store.reader();
    let mut impact = Impact::default();
    let mut seen = std::collections::HashSet::new();
    let mut concerned = Vec::new();
    let planned = Planned::with(&reader, upstream, after).await?;
    if planned.renames {
        concerned.push(GuestFilter {
            held_to: Some(upstream.method()),
            ..GuestFilter::default()
        });
    }
    let before = upstream.declaration();
    let dropped = before
        .domains
        .iter()
        .filter(|domain| !after.domains.contains(domain));
    concerned.extend(dropped.map(|domain| GuestFilter {
        domain: Some(domain.clone()),
        ..GuestFilter::default()
    }));
    for filter in concerned {
        pages(&reader, filter, async |mut page| {
            page.retain(|guest| seen.insert(guest.id));
            planned.weigh(&mut impact, core, &reader, page).await
        })
        .await?;
    }
    for address in before
        .addresses
        .iter()
        .filter(|address| !after.addresses.contains(address))
    {
        if let Some(guest) = reader.guest_by_email(address).await?
            && seen.insert(guest.id)
        {
            planned.weigh(&mut impact, core, &reader, vec![guest]).await?;
        }
    }
    impact.guests.sort_by_key(|guest| guest.email.key());
    Ok(impact)
}

fn renames_accounts(before: &Declaration, after: &Declaration) -> bool {
    match (&before.connection, &after.connection) {
        (Some(before), Some(after)) => !before.names_accounts_as(after),
        // One that has no connection yet has no accounts.
        _ => false,
    }
}

/// A change of one upstream.
struct Planned {
    /// All of them, as they will be.
    upstreams: Vec<Upstream>,
    method: Method,
    /// Whether its accounts are named otherwise afterwards.
    renames: bool,
}

impl Planned {
    async fn with(reader: &Reader, upstream: &Upstream, after: &Declaration) -> Result<Self, StoreError> {
        let mut all = reader.upstreams().await?;
        for row in all.iter_mut().filter(|row| row.id == upstream.id) {
            row.follow(after);
        }
        Ok(Self {
            upstreams: all,
            method: upstream.method(),
            renames: renames_accounts(&upstream.declaration(), after),
        })
    }

    async fn weigh(
        &self,
        impact: &mut Impact,
        core: &Core,
        reader: &Reader,
        guests: Vec<Guest>,
    ) -> Result<(), StoreError> {
        let policies = &core.settings.resolution;
        for leads in reader.leads_of(guests, policies, core.now()).await? {
            let (now, then) = (leads.facts(), leads.were_these_all(&self.upstreams).facts());
            if (!is_shut_out(&now) && is_shut_out(&then))
                || (self.renames && is_held_by_account(reader, &leads, &now, self.method).await?)
            {
                impact.add(leads);
            }
        }
        Ok(())
    }
}

/// Whether a guest whom nothing else keeps out is held to it and has an account there, also while it is switched off: it
/// may be on again.
async fn is_held_by_account(
    reader: &Reader,
    leads: &Leads,
    facts: &Facts,
    at: Method,
) -> Result<bool, StoreError> {
    let Some(guest) = &leads.guest else {
        return Ok(false);
    };
    let held = [guest.pinned_method, guest.method].contains(&Some(at));
    let out = matches!(
        resolve(facts).decision,
        Decision::Refuse(Refusal::Blocked | Refusal::Expired | Refusal::DomainRefused)
    );
    let Some(upstream) = at.upstream().filter(|_| held && !out) else {
        return Ok(false);
    };
    reader.has_account(guest.id, upstream).await
}

/// The upstreams that name their accounts otherwise once the rows are those.
fn renamed(now: &[Upstream], planned: &[Upstream]) -> Vec<Method> {
    let changed = |row: &&Upstream| {
        let after = planned.iter().find(|other| other.method() == row.method());
        after.is_some_and(|after| renames_accounts(&row.declaration(), &after.declaration()))
    };
    now.iter().filter(changed).map(Upstream::method).collect()
}

impl Impact {
    async fn weigh(
        &mut self,
        core: &Core,
        reader: &Reader,
        upstream: &Upstream,
        guests: Vec<Guest>,
    ) -> Result<(), StoreError> {
        let policies = &core.settings.resolution;
        for leads in reader.leads_of(guests, policies, core.now()).await? {
            if loses(&leads.facts(), upstream.method()) {
                self.add(leads);
            }
        }
        Ok(())
    }

    /// The guest whose leads these are.
    pub(super) fn add(&mut self, leads: Leads) {
        let Leads {
            guest: Some(guest),
            now,
            ..
        } = leads
        else {
            return;
        };
        let recent = guest
            .last_sign_in_at
            .is_some_and(|at| now - at < TimeDelta::days(7));
        self.lately += usize::from(recent);
        self.guests.push(guest);
    }
}

/// Who could not sign in once the configuration of `core` is in force and the database has what it declares, though
/// nothing speaks against them themselves. Reads only.
pub async fn impact_of_configuration(core: &Core, declared: &Declared) -> Result<Impact, ActionError> {
    let reader = core.store.reader();
    let upstreams = planned(core, declared).await?;
    let policies = &core.settings.resolution;
    let renamed_ones = renamed(&reader.upstreams().await?, &upstreams);
    let by_saml = |upstream: &&Upstream| matches!(upstream.connection, Some(Connection::Saml(_)));
    let silent: Vec<Method> = upstreams
        .iter()
        .filter(|_| !core.settings.saml)
        .filter(by_saml)
        .map(Upstream::method)
        .collect();
    let mut impact = Impact::default();
    let mut after = None;
    loop {
        let page = reader.guests_behind(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for leads in reader.leads_of(page, policies, core.now()).await? {
            let leads = leads.were_these_all(&upstreams);
            let facts = leads.facts();
            let mut is_lost = is_shut_out(&facts);
            // SAML that is switched off admits no guest, whether or not they have an account.
            is_lost = is_lost
                || matches!(resolve(&facts).decision, Decision::Use(method) if silent.contains(&method));
            for method in &renamed_ones {
                is_lost = is_lost || is_held_by_account(&reader, &leads, &facts, *method).await?;
            }
            if is_lost {
                impact.add(leads);
            }
        }
    }
    impact.guests.sort_by_key(|guest| guest.email.key());
    Ok(impact)
}

/// How many guests are loaded at once.
const PAGE: u64 = 500;

pub(super) async fn pages(
    reader: &Reader,
    mut filter: GuestFilter,
    mut each: impl AsyncFnMut(Vec<Guest>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    filter.limit = PAGE;
    loop {
        let page = reader.guests(&filter).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        filter.after = Some(last.email.clone());
        each(page).await?;
    }
}
