//! WebFinger, where the policy wants it: before the method of an address is looked up, the host of its domain is asked
//! who its people's OpenID provider is. Only a provider that is set up here counts. What was said is kept in the
//! database, so that every later page, and every explanation, finds the same.

use chrono::TimeDelta;
use domain::{
    EmailAddress, Id,
    rate::Limit,
    upstream::{Connection, Upstream, UpstreamKind},
};
use federation::Upstreams;
use store::StoreError;

use crate::visit::PageVisit;

/// How long a provider that was named counts, how long that none was, and how long a host that did not answer is left
/// alone.
const NAMED_FOR: TimeDelta = TimeDelta::hours(24);
const NONE_FOR: TimeDelta = TimeDelta::hours(1);
const SILENT_FOR: TimeDelta = TimeDelta::minutes(1);

/// How many hosts one network may have asked, and all networks together: beyond that no host is asked.
const BY_NETWORK: Limit = Limit::per_hour(60);
const EVERYWHERE: Limit = Limit::per_hour(2000);

/// Asks, unless it is known, or says nothing here. No transaction is open meanwhile. Known and unknown people of a
/// domain are asked about alike.
pub(crate) async fn ask(
    visit: &PageVisit,
    upstreams: &Upstreams,
    email: &EmailAddress,
) -> Result<(), StoreError> {
    let policy = visit.core.settings.resolution.of(email);
    if !policy.webfinger || !policy.order.contains(&UpstreamKind::Provider) || policy.refuses(email) {
        return Ok(());
    }
    let reader = visit.core.store.reader();
    let known = reader
        .method_facts(email, None, &visit.core.settings.resolution, visit.now)
        .await?;
    if known.tenant.is_some() || known.unproven.is_some() || known.personal.is_some() {
        return Ok(());
    }
    if reader.has_webfinger(email, visit.now).await? {
        return Ok(());
    }
    let upstreams_here = reader.upstreams_of(UpstreamKind::Provider).await?;
    let providers: Vec<(&Upstream, &str)> = upstreams_here.iter().filter_map(with_issuer).collect();
    if providers.is_empty() {
        return Ok(());
    }
    if !may_ask(visit).await? {
        return Ok(());
    }
    let (provider, counts_for): (Option<Id<Upstream>>, _) = match upstreams.issuer_of(email).await {
        Ok(Some(named)) => match providers.iter().find(|(_, issuer)| *issuer == named) {
            Some((provider, _)) => (Some(provider.id), NAMED_FOR),
            None => (None, NONE_FOR),
        },
        Ok(None) => (None, NONE_FOR),
        Err(_) => (None, SILENT_FOR),
    };
    let until = visit.now + counts_for;
    let tx = visit.core.store.begin().await?;
    tx.keep_webfinger(email, provider, until).await?;
    tx.commit().await
}

/// A network that is over its own limit does not count against the global limit.
async fn may_ask(visit: &PageVisit) -> Result<bool, StoreError> {
    let tx = visit.core.store.begin().await?;
    let by_network = tx
        .take("webfinger", &visit.browser.network, BY_NETWORK, visit.now)
        .await?;
    let allowed = by_network.is_allowed()
        && tx
            .take("webfinger", "everywhere", EVERYWHERE, visit.now)
            .await?
            .is_allowed();
    tx.commit().await?;
    Ok(allowed)
}

/// A provider to which people are sent, with its issuer.
fn with_issuer(upstream: &Upstream) -> Option<(&Upstream, &str)> {
    let is_open = upstream.kind == UpstreamKind::Provider && upstream.enabled;
    match &upstream.connection {
        Some(Connection::Oidc(oidc)) if is_open => Some((upstream, &oidc.issuer)),
        _ => None,
    }
}
