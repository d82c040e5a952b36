//! The domains that the configuration claims for a tenant, and those that it claimed before.

use chrono::{DateTime, Utc};

use super::{ClaimState, DomainClaim, Proof, new_token};
use crate::{Id, entropy::Entropy, upstream::Upstream};

/// The claims of `tenant` that must be saved so that it claims exactly `domains`, proven by `proof`. Tokens are kept,
/// and so is the state of what stays claimed. What the operator vouched for and must be proven from now on leads to
/// the tenant as long as one that fails: there is time to set the record.
pub fn declare(
    tenant: Id<Upstream>,
    there: &[DomainClaim],
    domains: &[String],
    proof: Proof,
    now: DateTime<Utc>,
    entropy: &dyn Entropy,
) -> Vec<DomainClaim> {
    let mut changed: Vec<DomainClaim> = Vec::new();
    for domain in domains {
        match there.iter().find(|claim| claim.domain == *domain) {
            None => changed.push(DomainClaim::new(tenant, domain, proof, now, entropy)),
            Some(claim) if claim.state == ClaimState::Withdrawn => {
                let mut again = DomainClaim::new(tenant, domain, proof, now, entropy);
                if claim.token.is_some() {
                    again.token.clone_from(&claim.token);
                }
                changed.push(again);
            }
            Some(claim) if claim.proof != proof => changed.push(proven_by(claim, proof, now, entropy)),
            Some(_) => {}
        }
    }
    let gone = there
        .iter()
        .filter(|claim| claim.state != ClaimState::Withdrawn && !domains.contains(&claim.domain));
    changed.extend(gone.map(|claim| claim.clone().withdrawn(now)));
    changed
}

fn proven_by(claim: &DomainClaim, proof: Proof, now: DateTime<Utc>, entropy: &dyn Entropy) -> DomainClaim {
    let by_dns = proof == Proof::Dns;
    DomainClaim {
        proof,
        token: claim.token.clone().or_else(|| by_dns.then(|| new_token(entropy))),
        state: if by_dns {
            ClaimState::Failing
        } else {
            ClaimState::Proven
        },
        since: now,
        failed_since: by_dns.then_some(now),
        failures: 0,
        answer: None,
        check_at: by_dns.then_some(now),
        ..claim.clone()
    }
}
