//! Tenants that speak SAML 2.0.

use std::fmt;

use crate::Secret;

/// A connection by SAML 2.0: Vestibule is the service provider.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SamlConnection {
    /// The entity ID of the identity provider, exactly as its metadata and its answers write it.
    pub entity_id: String,
    /// Where its metadata is.
    pub metadata: SamlMetadata,
    /// The attribute that names the account for ever; `None` is its persistent `NameID`.
    pub subject: Option<String>,
    /// The attribute that holds the address; `None` is the first of the usual ones.
    pub email: Option<String>,
    /// The attribute that holds the person's name; `None` is the first of the usual ones.
    pub name: Option<String>,
    /// Whether the identity provider is believed when it says that it asked for a second factor.
    pub trusts_mfa: bool,
    /// The values of `AuthnContextClassRef` that stand for a second factor.
    pub mfa_contexts: Vec<String>,
    /// Whether our metadata has a key that assertions may be encrypted for.
    pub encryption: bool,
}

/// Where the metadata of an identity provider is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum SamlMetadata {
    /// At an address: it is fetched when it is needed, and new keys are found.
    Url(String),
    /// Here, as a partner handed it over: new keys must be handed over as well.
    Document(String),
}

/// The names of attributes that hold addresses. An address is given to somebody else one day, so it names no account
/// (threat S12).
const ADDRESSES: [&str; 8] = [
    "urn:oid:0.9.2342.19200300.100.1.3",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn",
    "mail",
    "email",
    "emailaddress",
];

/// Whether an attribute is known to hold addresses, or names that are given again: then it names no account.
pub fn is_reassigned(attribute: &str) -> bool {
    ADDRESSES
        .iter()
        .any(|known| known.eq_ignore_ascii_case(attribute))
}

/// The key of Vestibule as a service provider: it signs requests, and opens assertions that were encrypted for it.
#[derive(Clone, PartialEq, Eq)]
pub struct ServiceKey {
    /// The private key: PKCS#8 in PEM.
    pub pem: Secret,
    /// Its certificate: X.509 in DER, of its own making.
    pub certificate: Vec<u8>,
}

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceKey").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_no_account() {
        for address in ["mail", "Email", "urn:oid:0.9.2342.19200300.100.1.3"] {
            assert!(is_reassigned(address), "{address}");
        }
        for stable in [
            "urn:oasis:names:tc:SAML:attribute:subject-id",
            "http://schemas.microsoft.com/identity/claims/objectidentifier",
            "employeeNumber",
        ] {
            assert!(!is_reassigned(stable), "{stable}");
        }
    }
}
