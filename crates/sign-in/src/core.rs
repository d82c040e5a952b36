//! What every handler needs: built once at the start, cloned per request.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{entropy::Entropy, time::Clock};
use store::Store;

use crate::{outgoing::Outgoing, settings::Settings};

/// The store, the clock, entropy and the settings.
#[derive(Clone)]
pub struct Core {
    /// The database.
    pub store: Store,
    /// Where time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub entropy: Arc<dyn Entropy>,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// The way to the job that sends mail.
    pub outgoing: Outgoing,
}

impl Core {
    /// The present moment. A handler reads it once.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
