//! The life of signing keys: `pending` (published, so that apps learn it) → `active` (signs) → `retiring`
//! (published, for the tokens it signed) → `retired` (verifies an `id_token_hint`, no longer published) → gone.

use chrono::{DateTime, TimeDelta, Utc};

use crate::app::SigningAlgorithm;

/// What the plan needs to know about one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SigningKey {
    /// The `kid`: the key's RFC 7638 thumbprint.
    pub kid: String,
    /// Fixed for life (RFC 8725 §3.1).
    pub algorithm: SigningAlgorithm,
    /// Where it is in its life.
    pub state: KeyState,
    /// When it got there.
    pub since: DateTime<Utc>,
}

/// Where a key is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyState {
    /// Published, not yet signing.
    Pending,
    /// New tokens are signed with it.
    Active,
    /// Published, no longer signing.
    Retiring,
    /// Verifies hints only.
    Retired,
}

impl KeyState {
    /// The word that rows and the command line use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retiring => "retiring",
            Self::Retired => "retired",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Pending, Self::Active, Self::Retiring, Self::Retired]
            .into_iter()
            .find(|state| state.name() == name)
    }

    /// Whether the JWK Set shows it.
    pub fn is_published(self) -> bool {
        self != Self::Retired
    }
}

/// How long each part of a key's life lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RotationPolicy {
    /// Published before it signs: longer than any app caches the JWK Set.
    pub pending_for: TimeDelta,
    /// Signs for so long.
    pub active_for: TimeDelta,
    /// Published after it signed: longer than any token lives.
    pub retiring_for: TimeDelta,
    /// Kept for hints.
    pub retired_for: TimeDelta,
}

impl Default for RotationPolicy {
    fn default() -> Self {
        Self {
            pending_for: TimeDelta::hours(24),
            active_for: TimeDelta::days(30),
            retiring_for: TimeDelta::hours(25),
            retired_for: TimeDelta::days(30),
        }
    }
}

/// One change to make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyOp {
    /// Make a key in this state.
    Create(SigningAlgorithm, KeyState),
    /// Move a key on.
    Move(String, KeyState),
    /// Destroy it.
    Remove(String),
}

/// What to do now, for each algorithm on its own:
///
/// 1. no active key: the oldest pending one is activated; without one, a key is made active at once (first start);
/// 2. the active key's time is nearly over: a pending key is made, early enough to be published long enough;
/// 3. the active key's time is over and a pending key was published long enough: they change places;
/// 4. retiring keys retire, retired keys go.
///
/// There is always exactly one active key per algorithm afterwards (see the property test).
pub fn plan(
    keys: &[SigningKey],
    algorithms: &[SigningAlgorithm],
    policy: &RotationPolicy,
    now: DateTime<Utc>,
) -> Vec<KeyOp> {
    let mut ops = Vec::new();
    for algorithm in algorithms {
        let of_state = |state| {
            let mut found: Vec<&SigningKey> = keys
                .iter()
                .filter(|key| key.algorithm == *algorithm && key.state == state)
                .collect();
            found.sort_by_key(|key| (key.since, key.kid.clone()));
            found
        };
        let (pending, active) = (of_state(KeyState::Pending), of_state(KeyState::Active));
        let Some(current) = active.last() else {
            ops.push(match pending.first() {
                Some(next) => KeyOp::Move(next.kid.clone(), KeyState::Active),
                None => KeyOp::Create(*algorithm, KeyState::Active),
            });
            continue;
        };
        let age = now - current.since;
        match pending.first() {
            None if age >= policy.active_for - policy.pending_for => {
                ops.push(KeyOp::Create(*algorithm, KeyState::Pending));
            }
            Some(next) if age >= policy.active_for && now - next.since >= policy.pending_for => {
                ops.push(KeyOp::Move(current.kid.clone(), KeyState::Retiring));
                ops.push(KeyOp::Move(next.kid.clone(), KeyState::Active));
            }
            _ => {}
        }
        // Two replicas on their first start may have made one each.
        ops.extend(
            active
                .iter()
                .rev()
                .skip(1)
                .map(|extra| KeyOp::Move(extra.kid.clone(), KeyState::Retiring)),
        );
    }
    for key in keys {
        let age = now - key.since;
        match key.state {
            KeyState::Retiring if age >= policy.retiring_for => {
                ops.push(KeyOp::Move(key.kid.clone(), KeyState::Retired));
            }
            KeyState::Retired if age >= policy.retired_for => ops.push(KeyOp::Remove(key.kid.clone())),
            _ => {}
        }
    }
    ops
}

#[cfg(test)]
mod tests;
