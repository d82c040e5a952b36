//! What is wrong with a passkey.

use chrono::{DateTime, Utc};
use domain::passkey::PasskeyRefused;
use serde::{Deserialize, Serialize};

use crate::in_text::moment;

/// What is wrong, as the guest is told: one thing for every reason why a passkey is refused.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PasskeyTrouble {
    /// It was refused.
    Refused,
    /// The page had waited too long.
    Late,
    /// The guest has as many as one may have.
    TooMany,
    /// Too many tries.
    Limited {
        /// Until when.
        #[serde(with = "moment")]
        until: DateTime<Utc>,
    },
}

impl From<PasskeyRefused> for PasskeyTrouble {
    fn from(refused: PasskeyRefused) -> Self {
        match refused {
            PasskeyRefused::NoChallenge | PasskeyRefused::Late => Self::Late,
            PasskeyRefused::TooMany => Self::TooMany,
            _ => Self::Refused,
        }
    }
}
