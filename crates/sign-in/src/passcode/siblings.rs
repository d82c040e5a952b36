//! Other tabs of the same browser that wait for a code of the same mailbox.

use domain::{
    passcode::{ChallengeState, Passcode, PasscodeChallenge, Verdict},
    sign_in::SignIn,
};
use store::{StoreError, Tx};

use super::{tries, trouble::CodeTrouble};
use crate::visit::Visit;

/// How many other tabs a typed code is compared with. Each of them makes a guess worth more.
const COMPARED: usize = 2;

/// Those of the browser's other sign-ins that a code is compared with, newest first. Those of another mailbox are left out: a guess
/// at them would count for this one.
fn compared<'a>(others: &'a [SignIn], own: &'a PasscodeChallenge) -> impl Iterator<Item = &'a SignIn> {
    let same_mailbox = |other: &&SignIn| {
        let theirs = other.email.as_ref();
        !other.progress.is_answered()
            && other.challenge.is_some()
            && theirs.is_some_and(|theirs| theirs.key() == own.email.key())
    };
    others.iter().filter(same_mailbox).take(COMPARED)
}

/// Whether a code that is not the sign-in's own is that of another tab. The other sign-in is charged for the
/// comparison like its own: no challenge is ever compared more often than its tries (E01).
pub(crate) async fn find(
    visit: &Visit,
    tx: &Tx,
    others: &[SignIn],
    own: &PasscodeChallenge,
    typed: &Passcode,
) -> Result<Option<CodeTrouble>, StoreError> {
    let max = visit.core.settings.passcode.tries;
    for rival in compared(others, own) {
        let Some(challenge) = comparable(visit, tx, rival, own).await? else {
            continue;
        };
        let Some(tries) = tx.charge_try(rival.id, max).await? else {
            continue;
        };
        if matches!(tries::judge(visit, &challenge, typed)?, Verdict::Correct { .. }) {
            tx.refund_try(rival.id).await?;
            return Ok(Some(if challenge.state == ChallengeState::Open {
                CodeTrouble::OtherTab {
                    sign_in: rival.id,
                    started_at: rival.started_at,
                }
            } else {
                CodeTrouble::Used
            }));
        }
        if tries == max {
            tries::lock(visit, tx, &mut rival.clone()).await?;
        }
    }
    Ok(None)
}

/// The challenge of another tab, when it is for the same mailbox and may be tried.
async fn comparable(
    visit: &Visit,
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
