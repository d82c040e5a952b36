//! `domain_hint` and `idp_hint`: the app names the upstream, nobody types an address, and the account that comes back
//! says which one the sign-in is for.

use domain::{
    EmailAddress,
    email::canonical_domain,
    method::Method,
    upstream::{Arrival, Connection, Mismatch, Upstream},
};
use method_resolution::Primary;
use store::{Reader, StoreError};

use super::leave::Door;
use crate::visit::PageVisit;

/// The upstream that the app of a sign-in without an address names: one that is switched on, connected, up, and of a
/// kind that the policy uses.
pub(super) async fn door(visit: &PageVisit) -> Result<Option<Door>, StoreError> {
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
    let Some(upstream) = named.filter(|upstream| upstream.enabled && is_used(visit, upstream.method)) else {
        return Ok(None);
    };
    // Whoever would wait in vain types an address: there may be another way in.
    if reader.is_down(upstream.method, visit.now).await? {
        return Ok(None);
    }
    let connection = upstream.connection.clone();
    Ok(connection.map(|connection| Door {
        upstream,
        connection,
        down: false,
    }))
}

async fn by_domain(reader: &Reader, domain: &str) -> Result<Option<Upstream>, StoreError> {
    let Ok(domain) = canonical_domain(domain) else {
        return Ok(None);
    };
    match reader.tenant_named_by_domain(&domain).await? {
        Some(id) => reader.upstream(Method::Federation(id)).await,
        None => Ok(None),
    }
}

/// Whether anybody at all goes this way. Whether the address that comes back does is decided when it is known.
fn is_used(visit: &PageVisit, method: Method) -> bool {
    let way = match method {
        Method::Federation(_) => Primary::Federation,
        Method::PersonalAccount(_) => Primary::PersonalAccount,
        Method::Passcode => return false,
    };
    let mut policies = visit.core.settings.resolution.all();
    policies.any(|policy| policy.order.contains(&way))
}

/// Gives the sign-in the address of the account that came back: the guest's whose account it is, or the one that the
/// upstream asserts and may assert. From here on it is as if the app had sent that address.
pub(super) async fn adopt(
    visit: &PageVisit,
    upstream: &Upstream,
    connection: &Connection,
    arrival: &Arrival,
) -> Result<Result<EmailAddress, Mismatch>, StoreError> {
    let tx = visit.core.store.begin().await?;
    let Some(mut sign_in) = tx.lock_sign_in(visit.sign_in.id).await? else {
        return Ok(Err(Mismatch::SomebodyElse));
    };
    let owner = match tx.owner_of_account(upstream.method, &arrival.account).await? {
        Some(owner) => tx.guest(owner).await?,
        None => None,
    };
    let email = match owner {
        Some(guest) => guest.email,
        None => match asserted(upstream, connection, arrival) {
            Ok(email) => email,
            Err(mismatch) => return Ok(Err(mismatch)),
        },
    };
    // Another tab may have been given an address meanwhile: that one stands, and this answer is not to its question.
    if sign_in.email.is_none() {
        sign_in.email = Some(email.clone());
        tx.save_sign_in(&sign_in).await?;
        tx.commit().await?;
    }
    Ok(Ok(email))
}

fn asserted(
    upstream: &Upstream,
    connection: &Connection,
    arrival: &Arrival,
) -> Result<EmailAddress, Mismatch> {
    let email = arrival.email.clone().ok_or(Mismatch::NoAddress)?;
    if !upstream.domains.iter().any(|domain| domain == email.domain()) {
        return Err(Mismatch::ForeignDomain);
    }
    if !arrival.email_counts(connection.trusts_email()) {
        return Err(Mismatch::Unverified);
    }
    Ok(email)
}
