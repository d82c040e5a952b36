//! Comparing a code, and what happens when tries are over.

use chrono::{DateTime, Utc};
use domain::{
    audit::{Action, Actor, AuditEvent},
    passcode::{Passcode, PasscodeChallenge, Verdict},
    sign_in::SignIn,
};
use store::{StoreError, Tx};

use crate::visit::Visit;

/// What a typed code is to a challenge. The caller holds the sign-in's row, and has charged the address.
pub(crate) fn judge(
    visit: &Visit,
    challenge: &PasscodeChallenge,
    typed: &Passcode,
) -> Result<Verdict, StoreError> {
    let keys = visit.core.store.master_keys();
    let Some(key) = keys.get(&challenge.key_id) else {
        return Err(StoreError::WrongMasterKey {
            expected: challenge.key_id.clone(),
            given: keys.current().id().to_owned(),
        });
    };
    Ok(challenge.judge(&key.code_key(), typed, visit.now))
}

/// Tries are over: the codes of this sign-in die, and for a while there are no new ones.
pub(crate) async fn lock(visit: &Visit, tx: &Tx, sign_in: &mut SignIn) -> Result<DateTime<Utc>, StoreError> {
    let until = visit.now + visit.core.settings.passcode.lock;
    sign_in.locked_until = Some(until);
    tx.save_sign_in(sign_in).await?;
    if let Some(challenge) = sign_in.challenge {
        tx.kill_challenge(challenge, visit.now).await?;
    }
    let event = event(Action::CodeLocked, sign_in).detail("until", until.to_rfc3339());
    tx.record(event, visit.now).await?;
    Ok(until)
}

/// An event of somebody who has not proven to be the guest.
pub(crate) fn event(action: Action, sign_in: &SignIn) -> AuditEvent {
    AuditEvent::new(action, Actor::Visitor)
        .app(sign_in.app)
        .sign_in(sign_in.id)
}
