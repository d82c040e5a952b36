//! What the configuration declares, and what has to change for it to be so.

use chrono::{DateTime, Utc};

use super::{Connection, Upstream, UpstreamKind};
use crate::{EmailAddress, Id, domain_claim::Proof, entropy::Entropy};

/// All upstreams that the configuration declares.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// The tenants.
    pub tenants: Vec<Declaration>,
    /// The providers of personal accounts.
    pub providers: Vec<Declaration>,
}

/// One upstream as the configuration declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// Its short name, see [`super::is_name`].
    pub name: String,
    /// What pages call it.
    pub display_name: String,
    /// Whether guests are sent there.
    pub enabled: bool,
    /// The domains that lead to it.
    pub domains: Vec<String>,
    /// How a tenant's are proven. A provider's operator vouches for its own.
    pub domain_proof: Proof,
    /// The addresses that lead to a provider whatever their domain. A tenant has none.
    pub addresses: Vec<EmailAddress>,
    /// How to speak to it.
    pub connection: Option<Connection>,
}

/// One step towards the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Add(Upstream),
    /// It differs now: what it was, what it shall be, and in which fields, by the names of the settings.
    Alter(Upstream, Upstream, Vec<&'static str>),
    /// It is no longer declared: what it was, and what it shall be. Guests may have redeemed by it, so the row stays, switched off,
    /// leading nowhere, and the operators' to enable, change or remove.
    Drop(Upstream, Upstream),
}

impl Change {
    /// What it shall be.
    pub fn upstream(&self) -> &Upstream {
        match self {
            Self::Add(upstream) | Self::Alter(_, upstream, _) | Self::Drop(_, upstream) => upstream,
        }
    }

    /// What it was.
    pub fn before(&self) -> Option<&Upstream> {
        match self {
            Self::Add(_) => None,
            Self::Alter(before, ..) | Self::Drop(before, _) => Some(before),
        }
    }
}

/// What makes the rows `there` agree with the declarations; nothing to do is an empty list. One that an operator added
/// becomes the configuration's when it is declared, and keeps its row: accounts, redirect URI and sessions stay. One that is
/// no longer declared is the operators' from then on. All others that the configuration does not declare stay as they are.
pub fn plan(
    there: &[Upstream],
    declared: &Declared,
    now: DateTime<Utc>,
    entropy: &dyn Entropy,
) -> Vec<Change> {
    let of_kind = |kind| {
        let there: Vec<&Upstream> = there.iter().filter(|row| row.kind == kind).collect();
        plan_kind(kind, &there, declared.of(kind), now, entropy)
    };
    UpstreamKind::ALL.into_iter().flat_map(of_kind).collect()
}

fn plan_kind(
    kind: UpstreamKind,
    there: &[&Upstream],
    declared: &[Declaration],
    now: DateTime<Utc>,
    entropy: &dyn Entropy,
) -> Vec<Change> {
    let mut changes = Vec::new();
    for declaration in declared {
        let declaration = declaration.clone().in_order();
        match there.iter().find(|row| row.name == declaration.name) {
            None => {
                let mut new = Upstream::new(kind, &declaration, now, entropy);
                new.declared = true;
                changes.push(Change::Add(new));
            }
            Some(&row) => {
                let mut fields = row.declaration().in_order().differences(&declaration);
                if !row.declared {
                    fields.insert(0, ADOPTED);
                }
                if !fields.is_empty() {
                    let mut after = row.clone();
                    after.follow(&declaration);
                    after.declared = true;
                    changes.push(Change::Alter(row.clone(), after, fields));
                }
            }
        }
    }
    for &row in there.iter().filter(|row| row.declared) {
        let nowhere = Declaration {
            enabled: false,
            domains: Vec::new(),
            addresses: Vec::new(),
            ..row.declaration()
        };
        if declared.iter().all(|declaration| declaration.name != row.name) {
            let mut after = row.clone();
            after.follow(&nowhere);
            after.declared = false;
            changes.push(Change::Drop(row.clone(), after));
        }
    }
    changes
}

/// The field that differs when the configuration takes over what an operator added.
pub const ADOPTED: &str = "declared";

impl Declaration {
    /// Lists sorted, so that their order in the file does not matter.
    fn in_order(mut self) -> Self {
        self.domains.sort();
        self.domains.dedup();
        self.addresses.sort_by_key(EmailAddress::key);
        self.addresses.dedup_by_key(|address| address.key());
        self
    }

    /// In which fields it differs from another one, by the names of the settings.
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let keys = |declaration: &Self| -> Vec<String> {
            declaration.addresses.iter().map(EmailAddress::key).collect()
        };
        [
            ("display_name", self.display_name != other.display_name),
            ("enabled", self.enabled != other.enabled),
            ("domains", self.domains != other.domains),
            ("domain_proof", self.domain_proof != other.domain_proof),
            ("addresses", keys(self) != keys(other)),
            ("connection", self.connection != other.connection),
        ]
        .into_iter()
        .filter_map(|(field, differs)| differs.then_some(field))
        .collect()
    }
}

impl Declared {
    /// Those of one kind.
    pub fn of(&self, kind: UpstreamKind) -> &[Declaration] {
        match kind {
            UpstreamKind::Tenant => &self.tenants,
            UpstreamKind::Provider => &self.providers,
        }
    }
}

impl Upstream {
    /// A new one, which the configuration does not declare.
    pub fn new(
        kind: UpstreamKind,
        declaration: &Declaration,
        now: DateTime<Utc>,
        entropy: &dyn Entropy,
    ) -> Self {
        let mut new = Self {
            id: Id::new(now, entropy),
            kind,
            name: declaration.name.clone(),
            display_name: String::new(),
            enabled: false,
            declared: false,
            domains: Vec::new(),
            domain_proof: declaration.domain_proof,
            unproven: Vec::new(),
            addresses: Vec::new(),
            connection: None,
            created_at: now,
        };
        new.follow(declaration);
        new
    }

    /// The same one as a declaration would have it.
    pub fn declaration(&self) -> Declaration {
        Declaration {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            enabled: self.enabled,
            domains: self.domains.clone(),
            domain_proof: self.domain_proof,
            addresses: self.addresses.clone(),
            connection: self.connection.clone(),
        }
    }

    /// Makes it what the declaration says. A domain that is new and must be proven is unproven until somebody has looked.
    pub fn follow(&mut self, declaration: &Declaration) {
        self.display_name.clone_from(&declaration.display_name);
        self.enabled = declaration.enabled;
        // What only the other kind has is nothing here.
        let (proof, addresses) = match self.kind {
            UpstreamKind::Tenant => (declaration.domain_proof, &[][..]),
            UpstreamKind::Provider => (Proof::Operator, &*declaration.addresses),
        };
        match proof {
            Proof::Dns => {
                let new = declaration
                    .domains
                    .iter()
                    .filter(|domain| !self.domains.contains(domain));
                self.unproven.extend(new.cloned());
                self.unproven
                    .retain(|domain| declaration.domains.contains(domain));
            }
            Proof::Operator => self.unproven.clear(),
        }
        self.domains.clone_from(&declaration.domains);
        self.domain_proof = proof;
        self.addresses = addresses.to_vec();
        self.connection.clone_from(&declaration.connection);
    }
}

#[cfg(test)]
mod tests;
