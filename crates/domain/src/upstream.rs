//! The identity providers of others: those of tenants, and those of personal accounts.

mod arrival;
mod audited;
mod breaker;
mod claimable;
mod connection;
pub mod consumer;
mod declared;
mod issuer;
mod oauth2;
mod saml;
mod test_sign_in;

use chrono::{DateTime, Utc};

use crate::{EmailAddress, Id, domain_claim::Proof, method::Method};

pub use arrival::{Account, Arrival, Link, Linked, Mismatch, Unconfirmed, link};
pub use audited::UpstreamActions;
pub use breaker::{UpstreamHealth, failed};
pub(crate) use claimable::mailbox_domains;
pub use claimable::{NotClaimable, claimable, registrable};
pub use connection::{
    AssertionAudience, ClaimNames, ClientAuthentication, ClientKey, Connection, OidcConnection,
    usual_mfa_contexts,
};
pub use declared::{ADOPTED, Change, Declaration, Declared, plan};
pub use issuer::{NotAnIssuer, check_issuer, is_loopback, metadata_address};
pub use oauth2::{Oauth2Connection, Oauth2Endpoints, Oauth2Kind};
pub use saml::{SamlConnection, SamlMetadata, ServiceKey, is_reassigned};
pub use test_sign_in::{TEST_FOR, TestSignIn, TestVerdict};

/// The identity provider of somebody else, by which guests sign in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Upstream {
    /// Its row.
    pub id: Id<Upstream>,
    /// Whose it is.
    pub kind: UpstreamKind,
    /// A short name, unique among its kind: `contoso`.
    pub name: String,
    /// What pages call it: `Contoso`.
    pub display_name: String,
    /// Whether guests are sent there.
    pub enabled: bool,
    /// Whether the configuration declares it: then nothing else changes it.
    pub declared: bool,
    /// The domains that are its own, lower-case A-labels, matched exactly (never by suffix): those that a tenant claims,
    /// or a provider's consumer mail domains, such as `outlook.com`.
    pub domains: Vec<String>,
    /// How a tenant proves that they are its own. A provider's operator vouches for them.
    pub domain_proof: Proof,
    /// Those of `domains` whose proof is not there yet, or has lapsed: they lead nowhere.
    pub unproven: Vec<String>,
    /// Addresses that lead to a provider whatever their domain, by their keys. A tenant has none.
    pub addresses: Vec<EmailAddress>,
    /// How to speak to it; `None` while that is not known.
    pub connection: Option<Connection>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// Whose identity provider an upstream is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UpstreamKind {
    /// The guest's own organisation's.
    Tenant,
    /// One of personal accounts, such as Microsoft's consumer accounts.
    Provider,
}

impl UpstreamKind {
    /// Both, in the order in which a name is looked for.
    pub const ALL: [Self; 2] = [Self::Tenant, Self::Provider];

    /// The word that rows, commands, settings and the audit log use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tenant => "tenant",
            Self::Provider => "provider",
        }
    }

    /// The kind of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == word)
    }
}

impl Upstream {
    /// How guests sign in by it.
    pub fn method(&self) -> Method {
        Method::Upstream(self.kind, self.id)
    }

    /// Whether a domain is its own, and proven: it leads here, and addresses of it may be asserted.
    pub fn speaks_for(&self, domain: &str) -> bool {
        let among = |domains: &[String]| domains.iter().any(|its| its == domain);
        among(&self.domains) && !among(&self.unproven)
    }

    /// The domains and the keys of the addresses that lead to it.
    pub fn leading(&self) -> Vec<String> {
        let domains = self.domains.iter().filter(|domain| self.speaks_for(domain));
        let addresses = self.addresses.iter().map(EmailAddress::key);
        domains.cloned().chain(addresses).collect()
    }
}

/// Whether a short name is well formed: 1 to 40 lower-case letters, digits and inner hyphens.
pub fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let bytes = name.as_bytes();
    matches!(bytes.len(), 1..=40)
        && bytes.iter().all(|byte| plain(*byte) || *byte == b'-')
        && bytes.first().is_some_and(|byte| plain(*byte))
        && bytes.last().is_some_and(|byte| plain(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_go_into_paths() {
        for good in ["contoso", "a", "7", "contoso-de", &"x".repeat(40)] {
            assert!(is_name(good), "{good}");
        }
        for bad in [
            "",
            "-a",
            "a-",
            "Contoso",
            "a b",
            "a/b",
            "größe",
            "a_b",
            &"x".repeat(41),
        ] {
            assert!(!is_name(bad), "{bad}");
        }
    }
}
