//! From one check to the next: pending → proven → failing → suspended, and back.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    Answer, Asked, ClaimState, DomainClaim, Proof,
    answer::{judge, tokens},
};
use crate::entropy::{Entropy, random};

/// How long a domain that was proven may fail before it is suspended.
pub const FAILING_FOR: TimeDelta = TimeDelta::hours(72);
/// A domain is not suspended on fewer checks than these, however long none was made.
const FAILURES_MIN: u32 = 3;
/// For so long an answer that does not come changes nothing: an outage of a name server, or of our own network, says
/// nothing about a domain.
const PATIENCE: TimeDelta = TimeDelta::hours(6);
const DAILY: TimeDelta = TimeDelta::hours(24);
const WHILE_FAILING: TimeDelta = TimeDelta::hours(1);
const WHILE_SUSPENDED: TimeDelta = TimeDelta::hours(6);
/// A pending domain's first wait, which doubles until it is a day.
const FIRST_WAIT: TimeDelta = TimeDelta::minutes(1);

/// A change of state that is worth an audit event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Proven for the first time.
    Proven,
    /// Not proven any more; it leads to the tenant still.
    Failing,
    /// Leads nowhere from now on.
    Suspended,
    /// Proven again.
    Restored,
}

/// What a check makes of a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// The claim now.
    pub claim: DomainClaim,
    /// What changed.
    pub moved: Option<Move>,
    /// Who answered for the zone before, when that changed.
    pub authority_was: Option<String>,
}

/// Who has a domain that another tenant has just proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// What makes it count.
    pub proof: Proof,
    /// Whether the same answer held its token as well.
    pub is_proven_too: bool,
}

/// Who has the domain from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Award {
    /// Who has just proven it; a holder before loses it.
    Claimant,
    /// Who had it.
    Holder,
}

/// Whose a domain is when a tenant has just proven it: that tenant's, unless the operator vouches for
/// the holder, or the holder's proof stands beside the new one. An unproven claim blocks no one.
pub fn award(holder: Option<Holder>) -> Award {
    match holder {
        Some(holder) if holder.proof == Proof::Operator || holder.is_proven_too => Award::Holder,
        _ => Award::Claimant,
    }
}

/// What a check makes of `claim`. `others` are the other tenants' claims of the domain, withdrawn ones left out.
/// Claims that are not proven by DNS, or withdrawn, stay as they are.
pub fn observe(
    claim: &DomainClaim,
    others: &[DomainClaim],
    asked: &Asked,
    now: DateTime<Utc>,
    entropy: &dyn Entropy,
) -> Observed {
    let (Proof::Dns, Some(token), false) = (claim.proof, &claim.token, claim.state == ClaimState::Withdrawn)
    else {
        return Observed {
            claim: claim.clone(),
            moved: None,
            authority_was: None,
        };
    };
    let foreign: Vec<&str> = others.iter().filter_map(|other| other.token.as_deref()).collect();
    let mut answer = judge(asked, token, &foreign);
    if answer == Answer::Found && award(holder(others, asked)) == Award::Holder {
        answer = Answer::Held;
    }
    let mut after = DomainClaim {
        answer: Some(answer),
        checked_at: Some(now),
        ..claim.clone()
    };
    let moved = if answer == Answer::Found {
        succeed(&mut after, now)
    } else {
        fail(&mut after, answer, now)
    };
    after.check_at = Some(now + jittered(wait(&after), entropy));
    let authority_was = match (&claim.authority, &asked.authority) {
        (Some(before), Some(said)) if before != said => Some(before.clone()),
        _ => None,
    };
    if asked.authority.is_some() {
        after.authority.clone_from(&asked.authority);
    }
    Observed {
        claim: after,
        moved,
        authority_was,
    }
}

/// A claim whose domain another tenant has just proven.
pub fn lost(claim: &DomainClaim, now: DateTime<Utc>, entropy: &dyn Entropy) -> DomainClaim {
    DomainClaim {
        state: ClaimState::Suspended,
        since: now,
        failed_since: Some(claim.failed_since.unwrap_or(now)),
        answer: Some(Answer::OtherTenant),
        check_at: Some(now + jittered(WHILE_SUSPENDED, entropy)),
        ..claim.clone()
    }
}

fn holder(others: &[DomainClaim], asked: &Asked) -> Option<Holder> {
    let there = asked.record.as_deref().map(tokens).unwrap_or_default();
    let holder = others.iter().find(|other| other.state.leads())?;
    Some(Holder {
        proof: holder.proof,
        is_proven_too: holder
            .token
            .as_deref()
            .is_some_and(|token| there.contains(&token)),
    })
}

fn succeed(claim: &mut DomainClaim, now: DateTime<Utc>) -> Option<Move> {
    claim.failed_since = None;
    claim.failures = 0;
    let moved = match claim.state {
        ClaimState::Proven | ClaimState::Withdrawn => return None,
        ClaimState::Pending => Move::Proven,
        ClaimState::Failing | ClaimState::Suspended => Move::Restored,
    };
    become_(claim, ClaimState::Proven, now);
    Some(moved)
}

fn fail(claim: &mut DomainClaim, answer: Answer, now: DateTime<Utc>) -> Option<Move> {
    claim.failures = claim.failures.saturating_add(1);
    let failing_for = now - *claim.failed_since.get_or_insert(now);
    let is_over = failing_for >= FAILING_FOR && claim.failures >= FAILURES_MIN;
    let is_news = !matches!(answer, Answer::Unanswered(_)) || failing_for >= PATIENCE;
    match claim.state {
        ClaimState::Proven | ClaimState::Failing if is_over => {
            become_(claim, ClaimState::Suspended, now);
            Some(Move::Suspended)
        }
        ClaimState::Proven if is_news => {
            become_(claim, ClaimState::Failing, now);
            Some(Move::Failing)
        }
        _ => None,
    }
}

fn become_(claim: &mut DomainClaim, state: ClaimState, now: DateTime<Utc>) {
    claim.state = state;
    claim.since = now;
}

/// How long until the next check.
fn wait(claim: &DomainClaim) -> TimeDelta {
    match claim.state {
        ClaimState::Pending => {
            // A minute, two, four …: eleven doublings are more than a day.
            let doubled = FIRST_WAIT * (1 << claim.failures.saturating_sub(1).min(11));
            doubled.min(DAILY)
        }
        ClaimState::Proven if claim.failures == 0 => DAILY,
        ClaimState::Proven | ClaimState::Failing => WHILE_FAILING,
        ClaimState::Suspended | ClaimState::Withdrawn => WHILE_SUSPENDED,
    }
}

/// A wait, up to a tenth shorter, so that domains that were claimed together are not asked together for ever.
/// Never longer: a day is a day.
fn jittered(wait: TimeDelta, entropy: &dyn Entropy) -> TimeDelta {
    let [byte] = random::<1>(entropy);
    wait - wait / 10 * i32::from(byte) / 255
}
