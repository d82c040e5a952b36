//! What the configuration declares, and what has to change for it to be so.

use chrono::{DateTime, Utc};

use super::{Connection, Provider, Tenant};
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
    /// How they are proven; tenants only.
    pub domain_proof: Proof,
    /// The addresses that lead to it; providers only.
    pub addresses: Vec<EmailAddress>,
    /// How to speak to it.
    pub connection: Option<Connection>,
}

/// What tenants and providers have in common.
pub trait Declarable: Clone + PartialEq {
    /// A new one. It is declared.
    fn begin(declaration: &Declaration, now: DateTime<Utc>, entropy: &dyn Entropy) -> Self;

    /// Its short name.
    fn name(&self) -> &str;

    /// Whether the configuration declares it.
    fn is_declared(&self) -> bool;

    /// The same one as a declaration would have it.
    fn declaration(&self) -> Declaration;

    /// Says whether the configuration declares it.
    fn set_declared(&mut self, declared: bool);

    /// Makes it what the declaration says.
    fn follow(&mut self, declaration: &Declaration);
}

/// One step towards the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// It is new.
    Add(T),
    /// It differs now: what it was, what it shall be, and in which fields, by the names of the settings.
    Alter(T, T, Vec<&'static str>),
    /// It is declared no more: what it was, and what it shall be. Guests may have redeemed by it, so the row stays, switched off,
    /// leading nowhere, and the operators' to enable, change or remove.
    Drop(T, T),
}

impl<T> Change<T> {
    /// What it shall be.
    pub fn upstream(&self) -> &T {
        match self {
            Self::Add(upstream) | Self::Alter(_, upstream, _) | Self::Drop(_, upstream) => upstream,
        }
    }

    /// What it was.
    pub fn before(&self) -> Option<&T> {
        match self {
            Self::Add(_) => None,
            Self::Alter(before, ..) | Self::Drop(before, _) => Some(before),
        }
    }
}

/// What makes the rows `there` agree with the declarations; nothing to do is an empty list. One that an operator added
/// becomes the configuration's when it is declared, and keeps its row: accounts, redirect URI and sessions stay. One that is
/// declared no more is the operators' from then on. All others that the configuration does not declare stay as they are.
pub fn plan<T: Declarable>(
    there: &[T],
    declared: &[Declaration],
    now: DateTime<Utc>,
    entropy: &dyn Entropy,
) -> Vec<Change<T>> {
    let mut changes = Vec::new();
    for declaration in declared {
        let declaration = declaration.clone().in_order();
        match there.iter().find(|row| row.name() == declaration.name) {
            None => changes.push(Change::Add(T::begin(&declaration, now, entropy))),
            Some(row) => {
                let mut fields = row.declaration().in_order().differences(&declaration);
                if !row.is_declared() {
                    fields.insert(0, ADOPTED);
                }
                if !fields.is_empty() {
                    let mut after = row.clone();
                    after.follow(&declaration);
                    after.set_declared(true);
                    changes.push(Change::Alter(row.clone(), after, fields));
                }
            }
        }
    }
    for row in there.iter().filter(|row| row.is_declared()) {
        let nowhere = Declaration {
            enabled: false,
            domains: Vec::new(),
            addresses: Vec::new(),
            ..row.declaration()
        };
        if declared.iter().all(|declaration| declaration.name != row.name()) {
            let mut after = row.clone();
            after.follow(&nowhere);
            after.set_declared(false);
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

impl Declarable for Tenant {
    fn begin(declaration: &Declaration, now: DateTime<Utc>, entropy: &dyn Entropy) -> Self {
        Self {
            id: Id::new(now, entropy),
            name: declaration.name.clone(),
            display_name: declaration.display_name.clone(),
            enabled: declaration.enabled,
            declared: true,
            domains: declaration.domains.clone(),
            domain_proof: declaration.domain_proof,
            // Until somebody has looked.
            unproven: match declaration.domain_proof {
                Proof::Dns => declaration.domains.clone(),
                Proof::Operator => Vec::new(),
            },
            connection: declaration.connection.clone(),
            created_at: now,
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_declared(&self) -> bool {
        self.declared
    }

    fn set_declared(&mut self, declared: bool) {
        self.declared = declared;
    }

    fn declaration(&self) -> Declaration {
        Declaration {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            enabled: self.enabled,
            domains: self.domains.clone(),
            domain_proof: self.domain_proof,
            addresses: Vec::new(),
            connection: self.connection.clone(),
        }
    }

    fn follow(&mut self, declaration: &Declaration) {
        self.display_name.clone_from(&declaration.display_name);
        self.enabled = declaration.enabled;
        match declaration.domain_proof {
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
        self.domain_proof = declaration.domain_proof;
        self.connection.clone_from(&declaration.connection);
    }
}

impl Declarable for Provider {
    fn begin(declaration: &Declaration, now: DateTime<Utc>, entropy: &dyn Entropy) -> Self {
        Self {
            id: Id::new(now, entropy),
            name: declaration.name.clone(),
            display_name: declaration.display_name.clone(),
            enabled: declaration.enabled,
            declared: true,
            domains: declaration.domains.clone(),
            addresses: declaration.addresses.clone(),
            connection: declaration.connection.clone(),
            created_at: now,
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn is_declared(&self) -> bool {
        self.declared
    }

    fn set_declared(&mut self, declared: bool) {
        self.declared = declared;
    }

    fn declaration(&self) -> Declaration {
        Declaration {
            name: self.name.clone(),
            display_name: self.display_name.clone(),
            enabled: self.enabled,
            domains: self.domains.clone(),
            domain_proof: Proof::Operator,
            addresses: self.addresses.clone(),
            connection: self.connection.clone(),
        }
    }

    fn follow(&mut self, declaration: &Declaration) {
        self.display_name.clone_from(&declaration.display_name);
        self.enabled = declaration.enabled;
        self.domains.clone_from(&declaration.domains);
        self.addresses.clone_from(&declaration.addresses);
        self.connection.clone_from(&declaration.connection);
    }
}

#[cfg(test)]
mod tests;
