//! Key rotation: applies the plan of `domain::key_rotation`, one replica at a time, each step audited.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{
    app::SigningAlgorithm,
    audit::{Action, Actor, AuditEvent},
    key_rotation::{KeyOp, KeyState, SigningKey, plan},
};
use sign_in::Core;
use store::{StoreError, Tx};
use web::Failure;

use super::jose::{self, KeyPair};

/// One step that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Which key.
    pub kid: String,
    /// Of which algorithm.
    pub algorithm: SigningAlgorithm,
    /// Where it is now; `None`: it is gone.
    pub state: Option<KeyState>,
}

/// Does what the plan says is due, for every algorithm that is in use. Empty: nothing was due.
pub async fn rotate(core: &Core, by: Actor) -> Result<Vec<Rotated>, Failure> {
    let keys = core.store.reader().signing_keys().await?;
    let mut algorithms: Vec<SigningAlgorithm> = keys.iter().map(|stored| stored.key.algorithm).collect();
    algorithms.push(SigningAlgorithm::Rs256);
    algorithms.sort_unstable();
    algorithms.dedup();
    let now = core.now();
    let keys: Vec<SigningKey> = keys.into_iter().map(|stored| stored.key).collect();
    // Deciding costs nothing; most runs end here, without a write.
    if plan(&keys, &algorithms, &core.settings.keys, now).is_empty() {
        return Ok(Vec::new());
    }
    apply(core, &algorithms, by, now, |keys| {
        plan(keys, &algorithms, &core.settings.keys, now)
    })
    .await
}

/// Makes sure that each of `algorithms` has an active key.
pub(crate) async fn ensure(core: &Core, algorithms: &[SigningAlgorithm]) -> Result<(), Failure> {
    let keys = core.store.reader().signing_keys().await?;
    let has = |algorithm| {
        keys.iter()
            .any(|stored| stored.key.algorithm == algorithm && stored.key.state == KeyState::Active)
    };
    let missing: Vec<SigningAlgorithm> = algorithms
        .iter()
        .copied()
        .filter(|algorithm| !has(*algorithm))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let now = core.now();
    let settings = &core.settings.keys;
    apply(core, &missing, Actor::System, now, |keys| {
        plan(keys, &missing, settings, now)
    })
    .await?;
    Ok(())
}

/// What an operator asks for. Without `force` a pending key is made, and moves on when its time has come. With
/// it the pending key signs at once: apps that cached the JWK Set must fetch it again.
pub async fn rotate_now(core: &Core, force: bool, by: Actor) -> Result<Vec<Rotated>, Failure> {
    let now = core.now();
    let published_for = core.settings.keys.pending_for;
    let decide = |keys: &[SigningKey]| {
        let mut ops = Vec::new();
        for active in keys.iter().filter(|key| key.state == KeyState::Active) {
            let pending = keys
                .iter()
                .find(|key| key.algorithm == active.algorithm && key.state == KeyState::Pending);
            match pending {
                Some(next) if force || now - next.since >= published_for => {
                    ops.push(KeyOp::Move(active.kid.clone(), KeyState::Retiring));
                    ops.push(KeyOp::Move(next.kid.clone(), KeyState::Active));
                }
                Some(_) => {}
                None if force => {
                    ops.push(KeyOp::Move(active.kid.clone(), KeyState::Retiring));
                    ops.push(KeyOp::Create(active.algorithm, KeyState::Active));
                }
                None => ops.push(KeyOp::Create(active.algorithm, KeyState::Pending)),
            }
        }
        ops
    };
    apply(core, &SigningAlgorithm::ALL, by, now, decide).await
}

/// Withdraws a key that may be known to others: it is no longer published, and nothing that it signed counts as a hint. Where it
/// was signing, its successor signs at once. Empty: there is no such key.
///
/// # Errors
///
/// The database does not answer, or no key can be made.
pub async fn revoke(core: &Core, kid: &str, by: Actor) -> Result<Vec<Rotated>, Failure> {
    let decide = |keys: &[SigningKey]| {
        let Some(known) = keys.iter().find(|key| key.kid == kid) else {
            return Vec::new();
        };
        let mut ops = Vec::new();
        let others = |state| {
            keys.iter()
                .find(|key| key.algorithm == known.algorithm && key.state == state && key.kid != kid)
        };
        if known.state == KeyState::Active && others(KeyState::Active).is_none() {
            ops.push(match others(KeyState::Pending) {
                Some(next) => KeyOp::Move(next.kid.clone(), KeyState::Active),
                None => KeyOp::Create(known.algorithm, KeyState::Active),
            });
        }
        ops.push(KeyOp::Remove(kid.to_owned()));
        ops
    };
    let told = |step: &Rotated| {
        let revoked = step.state.is_none() && step.kid == kid;
        if revoked { Action::KeyRevoked } else { action(step) }
    };
    apply_as(core, &SigningAlgorithm::ALL, by, core.now(), decide, told).await
}

/// Decides and applies in one transaction, under a lease, so that two replicas never do it twice. Key pairs are
/// made before the transaction opens: RSA takes its time.
async fn apply(
    core: &Core,
    algorithms: &[SigningAlgorithm],
    by: Actor,
    now: DateTime<Utc>,
    decide: impl Fn(&[SigningKey]) -> Vec<KeyOp>,
) -> Result<Vec<Rotated>, Failure> {
    apply_as(core, algorithms, by, now, decide, action).await
}

/// The same, with what the audit log calls each step.
async fn apply_as(
    core: &Core,
    algorithms: &[SigningAlgorithm],
    by: Actor,
    now: DateTime<Utc>,
    decide: impl Fn(&[SigningKey]) -> Vec<KeyOp>,
    told: impl Fn(&Rotated) -> Action,
) -> Result<Vec<Rotated>, Failure> {
    let before = keys_of(&core.store.reader().signing_keys().await?, algorithms);
    let mut made = Vec::new();
    for op in decide(&before) {
        if let KeyOp::Create(algorithm, _) = op {
            let pair = tokio::task::spawn_blocking(move || jose::generate(algorithm)).await;
            made.push((
                algorithm,
                pair.map_err(Failure::internal)?.map_err(Failure::internal)?,
            ));
        }
    }
    let holder = format!(
        "{:032x}",
        u128::from_be_bytes(domain::entropy::random(core.entropy.as_ref()))
    );
    for _ in 0..50 {
        let tx = core.store.begin().await?;
        if !tx
            .acquire_lease("key rotation", &holder, now, chrono::TimeDelta::seconds(30))
            .await?
        {
            drop(tx);
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        }
        let keys = keys_of(&tx.signing_keys().await?, algorithms);
        let mut rotated = Vec::new();
        for op in decide(&keys) {
            // Another replica may have been faster; what it did, the decision has taken into account.
            if let Some(step) = carry_out(&tx, op, &keys, &mut made, now).await? {
                let event = AuditEvent::new(told(&step), by.clone())
                    .detail("kid", &step.kid)
                    .detail("alg", step.algorithm.name());
                tx.record(event, now).await?;
                rotated.push(step);
            }
        }
        tx.release_lease("key rotation", &holder).await?;
        tx.commit().await?;
        return Ok(rotated);
    }
    Err(Failure::unavailable(
        "another replica holds the lease of key rotation",
    ))
}

fn keys_of(stored: &[store::StoredKey], algorithms: &[SigningAlgorithm]) -> Vec<SigningKey> {
    stored
        .iter()
        .map(|stored| stored.key.clone())
        .filter(|key| algorithms.contains(&key.algorithm))
        .collect()
}

async fn carry_out(
    tx: &Tx,
    op: KeyOp,
    keys: &[SigningKey],
    made: &mut Vec<(SigningAlgorithm, KeyPair)>,
    now: DateTime<Utc>,
) -> Result<Option<Rotated>, StoreError> {
    let known = |kid: &str| keys.iter().find(|key| key.kid == kid);
    match op {
        KeyOp::Create(algorithm, state) => {
            let Some(i) = made.iter().position(|(of, _)| *of == algorithm) else {
                return Ok(None);
            };
            let (_, pair) = made.swap_remove(i);
            let key = SigningKey {
                kid: pair.kid.clone(),
                algorithm,
                state,
                since: now,
            };
            tx.insert_signing_key(&key, &pair.public_jwk, &pair.private_jwk)
                .await?;
            Ok(Some(Rotated {
                kid: pair.kid,
                algorithm,
                state: Some(state),
            }))
        }
        KeyOp::Move(kid, to) => {
            let Some(key) = known(&kid) else { return Ok(None) };
            let moved = tx.move_signing_key(&kid, key.state, to, now).await?;
            Ok(moved.then_some(Rotated {
                kid,
                algorithm: key.algorithm,
                state: Some(to),
            }))
        }
        KeyOp::Remove(kid) => {
            let Some(key) = known(&kid) else { return Ok(None) };
            tx.remove_signing_key(&kid).await?;
            Ok(Some(Rotated {
                kid,
                algorithm: key.algorithm,
                state: None,
            }))
        }
    }
}

/// What a step is called in the audit log.
fn action(step: &Rotated) -> Action {
    match step.state {
        Some(KeyState::Pending) => Action::KeyCreated,
        Some(KeyState::Active) => Action::KeyActivated,
        Some(KeyState::Retiring) => Action::KeyRetiring,
        Some(KeyState::Retired) | None => Action::KeyRetired,
    }
}
