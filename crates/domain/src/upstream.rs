//! The identity providers of others: federated tenants and personal-account providers.

use chrono::{DateTime, Utc};

use crate::Id;

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
    /// The domains whose ownership it proved, lower-case A-labels, matched exactly (never by suffix).
    pub domains: Vec<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
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
    /// The consumer mail domains that are its own: `outlook.com`.
    pub domains: Vec<String>,
    /// When it was added.
    pub created_at: DateTime<Utc>,
}
