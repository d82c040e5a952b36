//! A tenant or a provider as programs see it: with where the claims of its domains stand.

use domain::{
    domain_claim::{ClaimState, DomainClaim},
    upstream::Upstream,
};
use store::{Db, Reads, StoreError};

use super::{ActionError, By, Version};

/// A tenant or a provider, and what is shown beside it.
#[derive(Clone, Debug)]
pub struct ShownUpstream {
    /// The tenant or the provider.
    pub upstream: Upstream,
    /// What it claims.
    pub claims: Vec<DomainClaim>,
}

impl ShownUpstream {
    /// Reads what belongs to it.
    ///
    /// # Errors
    ///
    /// When the database does not answer.
    pub async fn of<C: Reads>(db: &Db<C>, upstream: Upstream) -> Result<Self, StoreError> {
        let claims = db.claims_of_tenant(upstream.id).await?.into_iter();
        let claims = claims.filter(|claim| claim.state != ClaimState::Withdrawn);
        Ok(Self {
            claims: claims.collect(),
            upstream,
        })
    }

    /// What it is: of everything that is shown, and of its secret, by a key of that database alone, for partners choose short ones.
    pub fn version<C: Reads>(&self, db: &Db<C>) -> Version {
        let connection = self.upstream.connection.as_ref();
        let secret = connection.and_then(|connection| connection.secret());
        let key = db.master_keys().current();
        let secret = secret.map(|secret| {
            key.secret("versions of upstreams", secret.expose().as_bytes())
                .hash()
        });
        Version::of(&(&self.upstream, &self.claims, secret))
    }
}

/// Refuses a tenant or a provider that is not as they have seen it who say so. What changes one asks this of the row that it has locked.
///
/// # Errors
///
/// [`ActionError::Changed`]; when the database does not answer.
pub async fn is_upstream_as_seen<C: Reads>(
    db: &Db<C>,
    by: &By,
    upstream: &Upstream,
) -> Result<(), ActionError> {
    if !by.has_seen() {
        return Ok(());
    }
    let shown = ShownUpstream::of(db, upstream.clone()).await?;
    by.check_version(&shown.version(db))
}
