//! Domains that tenants claim, and how they prove them: a record in the domain's own DNS zone, asked for again
//! every day (threats R02, R03). A lapse suspends routing, never users.

mod answer;
mod declare;
mod observe;

use chrono::{DateTime, Utc};
use data_encoding::HEXLOWER;

use crate::{
    Id,
    entropy::{Entropy, random},
    upstream::Upstream,
};

pub use answer::{Answer, Asked, Unanswered, judge};
pub use declare::declare;
pub use observe::{Award, FAILING_FOR, Holder, Move, Observed, award, lost, observe};

/// A domain that a tenant says is its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DomainClaim {
    /// The tenant that claims it.
    pub tenant: Id<Upstream>,
    /// The domain, lower-case A-labels; exact, never a suffix.
    pub domain: String,
    /// What makes it count.
    pub proof: Proof,
    /// What the record must hold: random, one for each tenant and domain, kept as long as the row is. `None` for one
    /// that never had to be proven by DNS.
    pub token: Option<String>,
    /// Where it stands.
    pub state: ClaimState,
    /// Since when.
    pub since: DateTime<Utc>,
    /// Since when one check after the other has failed.
    pub failed_since: Option<DateTime<Utc>>,
    /// How many checks have failed in a row.
    pub failures: u32,
    /// What the last check found.
    pub answer: Option<Answer>,
    /// When that was.
    pub checked_at: Option<DateTime<Utc>>,
    /// When it is checked next; `None` where nothing is checked.
    pub check_at: Option<DateTime<Utc>>,
    /// The zone's name servers and the primary of its SOA record, as last seen.
    pub authority: Option<String>,
}

/// What makes a domain count as a tenant's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Proof {
    /// The record in the domain's zone.
    #[default]
    Dns,
    /// The operator vouches for it: nothing is checked.
    Operator,
}

impl Proof {
    /// The word that rows, settings and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Operator => "operator",
        }
    }

    /// The proof of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Dns, Self::Operator]
            .into_iter()
            .find(|proof| proof.name() == name)
    }
}

/// Where a claim stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ClaimState {
    /// Never proven: leads nowhere.
    Pending,
    /// Proven: leads to the tenant.
    Proven,
    /// Proven before, and not at the last checks: leads to the tenant still.
    Failing,
    /// Not proven for too long, or proven by another tenant: leads nowhere. Who signs in by the tenant goes on.
    Suspended,
    /// No longer claimed. The row keeps the token, so that the same claim needs no other record.
    Withdrawn,
}

impl ClaimState {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::Proven,
        Self::Failing,
        Self::Suspended,
        Self::Withdrawn,
    ];

    /// The word that rows and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Proven => "proven",
            Self::Failing => "failing",
            Self::Suspended => "suspended",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether new guests of the domain are sent to the tenant.
    pub fn leads(self) -> bool {
        matches!(self, Self::Proven | Self::Failing)
    }
}

/// What stands before the token in the record: other services have records at names of their own, and this says
/// whose this one is to whoever reads the zone.
const KEY: &str = "vestibule-domain=";

impl DomainClaim {
    /// A new claim: pending and due now, or vouched for and proven.
    pub fn new(
        tenant: Id<Upstream>,
        domain: impl Into<String>,
        proof: Proof,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Self {
        let by_dns = proof == Proof::Dns;
        Self {
            tenant,
            domain: domain.into(),
            proof,
            token: by_dns.then(|| new_token(entropy)),
            state: if by_dns {
                ClaimState::Pending
            } else {
                ClaimState::Proven
            },
            since: now,
            failed_since: None,
            failures: 0,
            answer: None,
            checked_at: None,
            check_at: by_dns.then_some(now),
            authority: None,
        }
    }

    /// The claim when its tenant no longer makes it.
    #[must_use]
    pub fn withdrawn(self, now: DateTime<Utc>) -> Self {
        Self {
            state: ClaimState::Withdrawn,
            since: now,
            failed_since: None,
            failures: 0,
            check_at: None,
            ..self
        }
    }

    /// The name at which the record must be. An underscored label of our own (RFC 8552): it is no host's, so a
    /// wildcard for hosts or whoever may make host names does not reach it, and records of other services are not
    /// in the way.
    pub fn record_name(&self) -> String {
        record_name(&self.domain)
    }

    /// The text that must be there; `None` where nothing has to be.
    pub fn record_text(&self) -> Option<String> {
        self.token.as_ref().map(|token| format!("{KEY}{token}"))
    }

    /// The record, as one types it into a zone file.
    pub fn record(&self) -> Option<String> {
        let name = self.record_name();
        self.record_text().map(|text| format!("{name}. TXT \"{text}\""))
    }
}

/// The name at which the record of a domain must be.
pub fn record_name(domain: &str) -> String {
    format!("_vestibule-challenge.{domain}")
}

/// 128 bits: it is not published by accident or guessed before it is given out.
fn new_token(entropy: &dyn Entropy) -> String {
    HEXLOWER.encode(&random::<16>(entropy))
}

#[cfg(test)]
mod tests;
