//! `domain_hint` and `idp_hint`: the app names the upstream, the guest types no address, and the account that comes back
//! says which one the sign-in is for.

use domain::{
    email::canonical_domain,
    upstream::{Upstream, UpstreamKind},
};
use store::{Reader, StoreError};

use super::leave::WayOut;
use crate::visit::PageVisit;

/// The upstream that the app of a sign-in without an address names: one that is switched on, connected, up, and of a
/// kind that the policy uses.
pub(super) async fn way_out(visit: &PageVisit) -> Result<Option<WayOut>, StoreError> {
    let request = &visit.sign_in.request;
    if !request.names_upstream() {
        return Ok(None);
    }
    let reader = visit.core.store.reader();
    let named = match (&request.idp_hint, &request.domain_hint) {
        (Some(name), _) => reader.upstream_called(name).await?,
        (None, Some(domain)) => by_domain(&reader, domain).await?,
        (None, None) => None,
    };
    let Some(upstream) = named.filter(|upstream| upstream.enabled && is_used(visit, upstream.kind)) else {
        return Ok(None);
    };
    // Rather than wait for nothing, the guest types an address: there may be another way in.
    if reader.is_down(upstream.id, visit.now).await? {
        return Ok(None);
    }
    let connection = upstream.connection.clone();
    Ok(connection.map(|connection| WayOut {
        upstream,
        connection,
        down: false,
    }))
}

async fn by_domain(reader: &Reader, domain: &str) -> Result<Option<Upstream>, StoreError> {
    let Ok(domain) = canonical_domain(domain) else {
        return Ok(None);
    };
    reader.tenant_of_domain(&domain).await
}

/// Whether anybody at all goes this way. Whether the address that comes back does is decided when it is known.
fn is_used(visit: &PageVisit, kind: UpstreamKind) -> bool {
    let mut policies = visit.core.settings.resolution.all();
    policies.any(|policy| policy.order.contains(&kind))
}
