//! Who could no longer sign in, before anything is switched off or changed.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    guest::Guest,
    method::Method,
    upstream::{Connection, Declaration, Declared, Upstream},
};
use method_resolution::{Decision, Facts, Leads, Refusal, is_shut_out, loses, resolve};
use sign_in::Core;
use store::{GuestFilter, KnownLeads, Reader, StoreError};

use super::{ActionError, alike::Alike, declare_upstreams::planned};

/// Is told, page by page, how many more guests a preview has looked at: a million take a while.
pub type LookedAt<'a> = &'a (dyn Fn(usize) + Sync);

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
pub async fn impact(
    core: &Core,
    upstream: &Upstream,
    looked_at: LookedAt<'_>,
) -> Result<Impact, ActionError> {
    let reader = core.store.reader();
    let known = reader.known_leads(core.now()).await?;
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
    let mut losing = Alike::new(&reader, &core.settings.resolution, &known, &[]);
    let loses = |leads: &Leads| loses(&leads.facts(), upstream.method());
    let mut impact = Impact::default();
    let mut seen = HashSet::new();
    for filter in filters {
        let mut pages = GuestPages::of(&reader, filter);
        while let Some(mut page) = pages.next().await? {
            page.retain(|guest| seen.insert(guest.id));
            looked_at(page.len());
            impact.add_all(losing.those(page, loses).await?, known.now());
        }
    }
    if !codes_everywhere {
        for address in &declaration.addresses {
            if let Some(guest) = reader.guest_by_email(address).await?
                && seen.insert(guest.id)
            {
                impact.add_all(losing.those(vec![guest], loses).await?, known.now());
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
    looked_at: LookedAt<'_>,
) -> Result<Impact, ActionError> {
    let reader = core.store.reader();
    let known = reader.known_leads(core.now()).await?;
    let mut impact = Impact::default();
    let mut seen = HashSet::new();
    let mut concerned = Vec::new();
    let planned = Planned::with(&reader, upstream, after).await?;
    let mut asked = Questions::new(&reader, core, &known, &planned.upstreams);
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
        let mut pages = GuestPages::of(&reader, filter);
        while let Some(mut page) = pages.next().await? {
            page.retain(|guest| seen.insert(guest.id));
            looked_at(page.len());
            planned.weigh(&mut impact, &mut asked, page).await?;
        }
    }
    for address in before
        .addresses
        .iter()
        .filter(|address| !after.addresses.contains(address))
    {
        if let Some(guest) = reader.guest_by_email(address).await?
            && seen.insert(guest.id)
        {
            planned.weigh(&mut impact, &mut asked, vec![guest]).await?;
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
        asked: &mut Questions<'_>,
        guests: Vec<Guest>,
    ) -> Result<(), StoreError> {
        let renamed = [self.method];
        let renamed = if self.renames { &renamed[..] } else { &[] };
        let held = asked
            .held_by_account(&guests, renamed, |leads| !is_kept_out(&leads.facts()))
            .await?;
        let is_lost = |leads: &Leads| {
            let then = leads.were_these_all(&self.upstreams).facts();
            !is_shut_out(&leads.facts()) && is_shut_out(&then)
        };
        let lost = asked.losing.those(guests, is_lost).await?;
        impact.add_all(either(lost, held), asked.now);
        Ok(())
    }
}

/// What a planned change is asked about many guests.
struct Questions<'a> {
    reader: &'a Reader,
    now: DateTime<Utc>,
    /// Whether they lose their way in.
    losing: Alike<'a>,
    /// Whether nothing else keeps them out.
    open: Alike<'a>,
}

impl<'a> Questions<'a> {
    fn new(reader: &'a Reader, core: &'a Core, known: &'a KnownLeads, planned: &[Upstream]) -> Self {
        let asked = || Alike::new(reader, &core.settings.resolution, known, planned);
        Self {
            reader,
            now: known.now(),
            losing: asked(),
            open: asked(),
        }
    }

    /// Those whom nothing else keeps out, who are held to one of these methods and have an account there, also while it is
    /// switched off: it may be on again.
    async fn held_by_account(
        &mut self,
        guests: &[Guest],
        methods: &[Method],
        is_open: impl Fn(&Leads) -> bool,
    ) -> Result<Vec<Guest>, StoreError> {
        let mut found = Vec::new();
        for method in methods {
            let Some(upstream) = method.upstream() else {
                continue;
            };
            let is_held = |guest: &&Guest| [guest.pinned_method, guest.method].contains(&Some(*method));
            let held = guests.iter().filter(is_held).cloned().collect();
            for guest in self.open.those(held, &is_open).await? {
                if self.reader.has_account(guest.id, upstream).await? {
                    found.push(guest);
                }
            }
        }
        Ok(found)
    }
}

/// Whether the guest or the domain may not come in by any way.
fn is_kept_out(facts: &Facts) -> bool {
    match resolve(facts).decision {
        Decision::Refuse(refusal) => refusal.is_of_the_guest() || refusal == Refusal::DomainRefused,
        Decision::Use(_) | Decision::Ask(_) => false,
    }
}

/// Both, each guest once.
fn either(mut some: Vec<Guest>, others: Vec<Guest>) -> Vec<Guest> {
    let mut ids: HashSet<_> = some.iter().map(|guest| guest.id).collect();
    some.extend(others.into_iter().filter(|guest| ids.insert(guest.id)));
    some
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
    pub(super) fn add_all(&mut self, guests: Vec<Guest>, now: DateTime<Utc>) {
        for guest in guests {
            self.add(guest, now);
        }
    }

    fn add(&mut self, guest: Guest, now: DateTime<Utc>) {
        let recent = guest
            .last_sign_in_at
            .is_some_and(|at| now - at < TimeDelta::days(7));
        self.lately += usize::from(recent);
        self.guests.push(guest);
    }
}

/// Who could not sign in once the configuration of `core` is in force and the database has what it declares, though
/// nothing speaks against them themselves. Reads only.
pub async fn impact_of_configuration(
    core: &Core,
    declared: &Declared,
    looked_at: LookedAt<'_>,
) -> Result<Impact, ActionError> {
    let reader = core.store.reader();
    let known = reader.known_leads(core.now()).await?;
    let upstreams = planned(core, declared).await?;
    let renamed_ones = renamed(&reader.upstreams().await?, &upstreams);
    let by_saml = |upstream: &&Upstream| matches!(upstream.connection, Some(Connection::Saml(_)));
    let silent: Vec<Method> = upstreams
        .iter()
        .filter(|_| !core.settings.saml)
        .filter(by_saml)
        .map(Upstream::method)
        .collect();
    let mut asked = Questions::new(&reader, core, &known, &upstreams);
    let mut impact = Impact::default();
    let mut after = None;
    loop {
        let page = reader.guests_behind(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        looked_at(page.len());
        let held = asked
            .held_by_account(&page, &renamed_ones, |leads| {
                !is_kept_out(&leads.were_these_all(&upstreams).facts())
            })
            .await?;
        let is_lost = |leads: &Leads| {
            let facts = leads.were_these_all(&upstreams).facts();
            // SAML that is switched off admits no guest, whether or not they have an account.
            is_shut_out(&facts)
                || matches!(resolve(&facts).decision, Decision::Use(method) if silent.contains(&method))
        };
        let lost = asked.losing.those(page, is_lost).await?;
        impact.add_all(either(lost, held), asked.now);
    }
    impact.guests.sort_by_key(|guest| guest.email.key());
    Ok(impact)
}

/// How many guests are loaded at once.
const PAGE: u64 = 500;

/// The guests of a list, some at a time.
pub(super) struct GuestPages<'a> {
    reader: &'a Reader,
    filter: GuestFilter,
}

impl<'a> GuestPages<'a> {
    pub(super) fn of(reader: &'a Reader, filter: GuestFilter) -> Self {
        Self {
            reader,
            filter: GuestFilter {
                limit: PAGE,
                ..filter
            },
        }
    }

    /// The next of them; `None` after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Guest>>, StoreError> {
        let page = self.reader.guests(&self.filter).await?;
        self.filter.after = page.last().map(|last| last.email.clone());
        Ok(Some(page).filter(|page| !page.is_empty()))
    }
}
