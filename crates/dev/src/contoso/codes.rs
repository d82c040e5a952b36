//! Its authorization codes, in memory: each for one question, a minute long, and once.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use domain::{Secret, SecretHash};

const LIVES_FOR: TimeDelta = TimeDelta::minutes(1);

/// What a code stands for.
#[derive(Clone, Debug)]
pub(super) struct ContosoGrant {
    /// Who said yes.
    pub(super) email: String,
    /// The PKCE challenge.
    pub(super) challenge: String,
    pub(super) nonce: Option<String>,
    /// When they did.
    pub(super) at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Codes(Arc<Mutex<HashMap<SecretHash, ContosoGrant>>>);

impl Codes {
    fn all(&self) -> MutexGuard<'_, HashMap<SecretHash, ContosoGrant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep(&self, code: &Secret, grant: ContosoGrant) {
        let mut all = self.all();
        all.retain(|_, other| grant.at - other.at < LIVES_FOR);
        all.insert(code.hash(), grant);
    }

    /// Takes the grant of a code that still lives.
    pub(super) fn take(&self, code: &str, now: DateTime<Utc>) -> Option<ContosoGrant> {
        let grant = self.all().remove(&Secret::presented(code).hash());
        grant.filter(|grant| now - grant.at < LIVES_FOR)
    }
}
