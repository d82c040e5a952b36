//! The identity providers of others: federated tenants and personal-account providers.

mod arrival;
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
pub use breaker::{Health, failed};
pub(crate) use claimable::mailbox_domains;
pub use claimable::{NotClaimable, claimable, registrable};
pub use connection::{
    AssertionAudience, ClaimNames, ClientAuthentication, ClientKey, Connection, OidcConnection,
    usual_mfa_contexts,
};
pub use declared::{ADOPTED, Change, Declarable, Declaration, Declared, plan};
pub use issuer::{NotAnIssuer, check_issuer, is_loopback};
pub use oauth2::{Oauth2Connection, Oauth2Endpoints, Oauth2Kind};
pub use saml::{SamlConnection, SamlMetadata, ServiceKey, is_reassigned};
pub use test_sign_in::{TEST_FOR, TestSignIn, TestVerdict};

/// A guest's home organisation that runs its own identity provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its row.
    pub id: Id<Tenant>,
    /// A short name, unique among tenants: `contoso`.
    pub name: String,
    /// What pages call it: `Contoso`.
    pub display_name: String,
    /// Whether guests are sent there.
    pub enabled: bool,
    /// Whether the configuration declares it: then nothing else changes it.
    pub declared: bool,
    /// The domains that it claims, lower-case A-labels, matched exactly (never by suffix).
    pub domains: Vec<String>,
    /// How it proves that they are its own.
    pub domain_proof: Proof,
    /// Those of `domains` whose proof is not there yet, or has lapsed: they lead nowhere.
    pub unproven: Vec<String>,
    /// How to speak to it; `None` while that is not known.
    pub connection: Option<Connection>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

impl Tenant {
    /// Whether a domain is its own, and proven: it leads here, and addresses of it may be asserted.
    pub fn speaks_for(&self, domain: &str) -> bool {
        let among = |domains: &[String]| domains.iter().any(|its| its == domain);
        among(&self.domains) && !among(&self.unproven)
    }
}

/// A provider of personal accounts, such as Microsoft's consumer accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its row.
    pub id: Id<Provider>,
    /// A short name, unique among providers: `microsoft`.
    pub name: String,
    /// What pages call it: `Microsoft`.
    pub display_name: String,
    /// Whether guests are sent there.
    pub enabled: bool,
    /// Whether the configuration declares it: then nothing else changes it.
    pub declared: bool,
    /// The consumer mail domains that are its own: `outlook.com`.
    pub domains: Vec<String>,
    /// Addresses that lead to it whatever their domain, by their keys.
    pub addresses: Vec<EmailAddress>,
    /// How to speak to it; `None` while that is not known.
    pub connection: Option<Connection>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}

/// A tenant or a provider of personal accounts, as somebody who signs in meets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// Which, and of which kind.
    pub method: Method,
    /// Its short name, unique among its kind.
    pub name: String,
    /// What pages call it.
    pub display_name: String,
    /// Whether guests are sent there.
    pub enabled: bool,
    /// The domains whose addresses it may assert.
    pub domains: Vec<String>,
    /// How to speak to it; `None` while that is not known.
    pub connection: Option<Connection>,
}

impl Upstream {
    /// What it is called where its kind is named: in the audit log's details.
    pub fn what(&self) -> &'static str {
        match self.method {
            Method::PersonalAccount(_) => "provider",
            Method::Federation(_) | Method::Passcode => "tenant",
        }
    }
}

impl From<Tenant> for Upstream {
    fn from(tenant: Tenant) -> Self {
        let proven = tenant.domains.iter().filter(|domain| tenant.speaks_for(domain));
        Self {
            domains: proven.cloned().collect(),
            method: Method::Federation(tenant.id),
            name: tenant.name,
            display_name: tenant.display_name,
            enabled: tenant.enabled,
            connection: tenant.connection,
        }
    }
}

impl From<Provider> for Upstream {
    fn from(provider: Provider) -> Self {
        Self {
            method: Method::PersonalAccount(provider.id),
            name: provider.name,
            display_name: provider.display_name,
            enabled: provider.enabled,
            domains: provider.domains,
            connection: provider.connection,
        }
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
