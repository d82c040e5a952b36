//! The ways of signing in.

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
    /// The word that rows, the command line and the audit log use.
    pub fn kind(self) -> &'static str {
        match self {
            Method::Federation(_) => "federation",
            Method::PersonalAccount(_) => "personal_account",
            Method::Passcode => "passcode",
        }
    }
}
