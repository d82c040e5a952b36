//! Other tabs of the same browser that wait for a code of the same mailbox.

use domain::{
    Id,
    passcode::{ChallengeState, Passcode, PasscodeChallenge, Verdict},
    sign_in::SignIn,
};
use store::{StoreError, Tx};

use super::{Trouble, tries};
use crate::visit::PageVisit;

/// How many other tabs a typed code is compared with. Each of them makes a guess worth more.
const COMPARED: usize = 2;

/// The other tabs, newest first. Those of another mailbox are left out: a guess at them would count for this one.
pub(super) async fn of(visit: &PageVisit) -> Result<Vec<Id<SignIn>>, StoreError> {
    let Some(email) = &visit.sign_in.email else {
        return Ok(Vec::new());
    };
    let siblings = visit
        .core
        .store
        .reader()
        .siblings(&visit.browser.secret.hash(), visit.sign_in.id, visit.now)
        .await?;
    let same_mailbox = siblings.into_iter().filter(|sibling| {
        let theirs = sibling.email.as_ref();
        theirs.is_some_and(|theirs| theirs.key() == email.key())
    });
    Ok(same_mailbox.take(COMPARED).map(|sibling| sibling.id).collect())
}

/// Locks the sign-in and its rivals, in the order of their ids, so that two tabs never wait for each other. `None`
/// when the sign-in is gone.
pub(super) async fn lock(
    visit: &PageVisit,
    tx: &Tx,
    rivals: &[Id<SignIn>],
) -> Result<Option<(SignIn, Vec<SignIn>)>, StoreError> {
    let own = visit.sign_in.id;
    let mut ids: Vec<Id<SignIn>> = rivals.iter().copied().chain([own]).collect();
    ids.sort_unstable();
    let mut locked = Vec::with_capacity(ids.len());
    for id in ids {
        locked.extend(tx.lock_sign_in(id).await?);
    }
    let Some(place) = locked.iter().position(|sign_in| sign_in.id == own) else {
        return Ok(None);
    };
    let sign_in = locked.remove(place);
    locked.sort_unstable_by_key(|rival| std::cmp::Reverse(rival.started_at));
    Ok(Some((sign_in, locked)))
}

/// Whether a code that is not the sign-in's own is that of another tab. The other sign-in is charged for the
/// comparison like its own: no challenge is ever compared more often than its tries (E01).
pub(super) async fn find(
    visit: &PageVisit,
    tx: &Tx,
    rivals: Vec<SignIn>,
    own: &PasscodeChallenge,
    typed: &Passcode,
) -> Result<Option<Trouble>, StoreError> {
    let max = visit.core.settings.passcode.tries;
    for mut rival in rivals {
        let Some(challenge) = comparable(visit, tx, &rival, own).await? else {
            continue;
        };
        let Some(tries) = tx.charge_try(rival.id, max).await? else {
            continue;
        };
        if matches!(tries::judge(visit, &challenge, typed)?, Verdict::Correct { .. }) {
            tx.refund_try(rival.id).await?;
            return Ok(Some(if challenge.state == ChallengeState::Open {
                Trouble::OtherTab {
                    sign_in: rival.id,
                    started_at: rival.started_at,
                }
            } else {
                Trouble::Used
            }));
        }
        if tries == max {
            tries::lock(visit, tx, &mut rival).await?;
        }
    }
    Ok(None)
}

/// The challenge of another tab, when it is for the same mailbox and may be tried.
async fn comparable(
    visit: &PageVisit,
    tx: &Tx,
    rival: &SignIn,
    own: &PasscodeChallenge,
) -> Result<Option<PasscodeChallenge>, StoreError> {
    if rival.locked_until.is_some_and(|until| visit.now < until) {
        return Ok(None);
    }
    let challenge = match rival.challenge {
        Some(id) => tx.challenge(id).await?,
        None => None,
    };
    Ok(challenge.filter(|challenge| {
        challenge.email.key() == own.email.key() && challenge.state != ChallengeState::Dead
    }))
}
