//! The ways of signing in.

use uuid::Uuid;

use crate::{
    Id,
    upstream::{Provider, Tenant},
};

/// How an address proves itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// At the guest's own organisation.
    Federation(Id<Tenant>),
    /// At a personal-account provider.
    PersonalAccount(Id<Provider>),
    /// By a sign-in code that is emailed.
    Passcode,
}

impl Method {
    /// The row of its upstream; a code has none.
    pub fn upstream(self) -> Option<Uuid> {
        match self {
            Method::Federation(id) => Some(id.uuid()),
            Method::PersonalAccount(id) => Some(id.uuid()),
            Method::Passcode => None,
        }
    }

    /// The word that rows, the command line and the audit log use.
    pub fn kind(self) -> &'static str {
        match self {
            Method::Federation(_) => "federation",
            Method::PersonalAccount(_) => "personal_account",
            Method::Passcode => "passcode",
        }
    }
}
