//! Asks whether the domains that tenants claim are proven still. One replica at a time does it, a few domains side by
//! side; when each is due is decided by what was found last (`domain::domain_claim`).

use chrono::TimeDelta;
use domain::{
    audit::Actor,
    domain_claim::{self, Asked, DomainClaim, record_name},
};
use egress::{Dns, NoDnsAnswer};
use sign_in::Core;
use store::StoreError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

const LEASE: &str = "check_domains";
/// Longer than the slowest round of questions takes.
const LEASE_FOR: TimeDelta = TimeDelta::minutes(3);
/// How many domains are asked about at once.
const AT_ONCE: u64 = 8;

/// Checks what is due until nothing is or `end` is cancelled; says how many. `holder` names this process.
pub async fn run(core: &Core, holder: &str, end: &CancellationToken) -> Result<usize, StoreError> {
    let mut checked = 0;
    loop {
        let now = core.now();
        if core.store.reader().claims_to_check(now, 1).await?.is_empty() || end.is_cancelled() {
            return Ok(checked);
        }
        let tx = core.store.begin().await?;
        if !tx.acquire_lease(LEASE, holder, now, LEASE_FOR).await? {
            return Ok(checked);
        }
        tx.commit().await?;
        let due = core.store.reader().claims_to_check(now, AT_ONCE).await?;
        let mut round = JoinSet::new();
        for claim in due {
            let core = core.clone();
            round.spawn(async move { check(&core, Actor::System, &claim).await });
        }
        while let Some(done) = round.join_next().await {
            let done = done.map_err(|error| StoreError::Conflict(error.to_string()))?;
            if let Err(admin::actions::ActionError::Store(error)) = done {
                return Err(error);
            }
            checked += 1;
        }
    }
}

/// Asks about one claim, and keeps what was found. `None` where it was withdrawn meanwhile.
pub(crate) async fn check(
    core: &Core,
    by: Actor,
    claim: &DomainClaim,
) -> Result<Option<DomainClaim>, admin::actions::ActionError> {
    let asked = ask(core, claim).await;
    admin::actions::record_check(core, by, claim, &asked).await
}

async fn ask(core: &Core, claim: &DomainClaim) -> Asked {
    let name = record_name(&claim.domain);
    let unanswered = |why: NoDnsAnswer| Asked {
        record: Err(in_our_words(why)),
        is_alias: false,
        elsewhere: Vec::new(),
        authority: None,
    };
    let dns = match Dns::new(&core.settings.name_servers) {
        Ok(dns) => dns,
        Err(why) => return unanswered(why),
    };
    let texts = match dns.texts(&name).await {
        Ok(texts) => texts,
        Err(why) => return unanswered(why),
    };
    let is_alias = match dns.is_alias(&name).await {
        Ok(is_alias) => is_alias,
        Err(why) => return unanswered(why),
    };
    let is_there = claim.record_text().is_some_and(|text| texts.contains(&text));
    let mut elsewhere = Vec::new();
    if !is_there {
        for place in [claim.domain.clone(), format!("{name}.{}", claim.domain)] {
            elsewhere.extend(dns.texts(&place).await.unwrap_or_default());
        }
    }
    Asked {
        record: Ok(texts),
        is_alias,
        elsewhere,
        authority: dns.authority(&claim.domain).await.unwrap_or_default(),
    }
}

fn in_our_words(why: NoDnsAnswer) -> domain_claim::Unanswered {
    match why {
        NoDnsAnswer::ServerFailure => domain_claim::Unanswered::ServerFailure,
        NoDnsAnswer::Refused => domain_claim::Unanswered::Refused,
        NoDnsAnswer::Timeout => domain_claim::Unanswered::Timeout,
        NoDnsAnswer::Unreachable => domain_claim::Unanswered::Unreachable,
        NoDnsAnswer::Garbage => domain_claim::Unanswered::Garbage,
    }
}

#[cfg(test)]
mod tests;
