//! Who could no longer sign in, before anything is switched off.

use chrono::{DateTime, TimeDelta, Utc};
use domain::{guest::Guest, upstream::Declared};
use method_resolution::{is_shut_out, loses};
use store::{GuestFilter, Reader, StoreError};
use web::Core;

use super::{ActionError, declare_upstreams::planned, stored::Stored};

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
pub async fn impact<T: Stored>(core: &Core, upstream: &T) -> Result<Impact, ActionError> {
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
        pages(&reader, filter, async |guest: Guest| {
            if seen.insert(guest.id) {
                impact.weigh(core, &reader, upstream, guest).await?;
            }
            Ok(())
        })
        .await?;
    }
    if !codes_everywhere {
        for address in &declaration.addresses {
            if let Some(guest) = reader.guest_by_email(address).await?
                && seen.insert(guest.id)
            {
                impact.weigh(core, &reader, upstream, guest).await?;
            }
        }
    }
    impact.guests.sort_by_key(|guest| guest.email.key());
    Ok(impact)
}

impl Impact {
    async fn weigh<T: Stored>(
        &mut self,
        core: &Core,
        reader: &Reader,
        upstream: &T,
        guest: Guest,
    ) -> Result<(), StoreError> {
        let policies = &core.settings.resolution;
        let facts = reader
            .method_facts(&guest.email, Some(&guest), policies, core.now())
            .await?;
        if loses(&facts, upstream.method()) {
            self.add(guest, facts.now);
        }
        Ok(())
    }

    pub(super) fn add(&mut self, guest: Guest, now: DateTime<Utc>) {
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
    let (tenants, providers) = planned(core, declared).await?;
    let policies = &core.settings.resolution;
    let mut impact = Impact::default();
    pages(&reader, GuestFilter::default(), async |guest: Guest| {
        let mut facts = reader
            .method_facts(&guest.email, Some(&guest), policies, core.now())
            .await?;
        facts.upstreams_are(&tenants, &providers);
        if is_shut_out(&facts) {
            impact.add(guest, facts.now);
        }
        Ok(())
    })
    .await?;
    Ok(impact)
}

/// How many guests are loaded at once.
const PAGE: u64 = 500;

pub(super) async fn pages(
    reader: &Reader,
    mut filter: GuestFilter,
    mut each: impl AsyncFnMut(Guest) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    filter.limit = PAGE;
    loop {
        let page = reader.guests(&filter).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        filter.after = Some(last.email.clone());
        for guest in page {
            each(guest).await?;
        }
    }
}
