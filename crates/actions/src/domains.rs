//! Domains that tenants claim: what a check of their proof found, and who would miss one.

use domain::{
    audit::{Action, Actor, AuditEvent},
    domain_claim::{Asked, DomainClaim, Move, Unanswered, lost, observe, record_name},
    upstream::Upstream,
};
use egress::{Dns, NoDnsAnswer};
use method_resolution::loses_domain;
use sign_in::Core;
use store::{GuestFilter, StoreError, Tx};

use super::{ActionError, Impact, LookedAt, alike::Alike, impact::GuestPages};

/// Asks about one claim, and keeps what was found. `None` where it was withdrawn meanwhile.
pub async fn check_domain(
    core: &Core,
    by: Actor,
    claim: &DomainClaim,
) -> Result<Option<DomainClaim>, ActionError> {
    let asked = ask(core, claim).await;
    record_check(core, by, claim, &asked).await
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

fn in_our_words(why: NoDnsAnswer) -> Unanswered {
    match why {
        NoDnsAnswer::ServerFailure => Unanswered::ServerFailure,
        NoDnsAnswer::Refused => Unanswered::Refused,
        NoDnsAnswer::Timeout => Unanswered::Timeout,
        NoDnsAnswer::Unreachable => Unanswered::Unreachable,
        NoDnsAnswer::Garbage => Unanswered::Garbage,
    }
}

/// Keeps what the name servers said of a claim, and moves the claim on. `None` where it was withdrawn or made anew
/// since they were asked. A domain that another tenant has just proven leads there, and only there, at once.
async fn record_check(
    core: &Core,
    by: Actor,
    checked: &DomainClaim,
    asked: &Asked,
) -> Result<Option<DomainClaim>, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    // Two who look at one domain at the same time do so one after the other.
    tx.lock_configuration().await?;
    let mut others = tx.claims_of_domain(&checked.domain).await?;
    let place = others
        .iter()
        .position(|claim| claim.tenant == checked.tenant && claim.token == checked.token);
    let Some(place) = place else {
        return Ok(None);
    };
    let claim = others.swap_remove(place);
    let observed = observe(&claim, &others, asked, now, &*core.entropy);
    let after = observed.claim;
    if after.state.leads() {
        for holder in others.iter().filter(|other| other.state.leads()) {
            tx.save_claim(&lost(holder, now, &*core.entropy)).await?;
            let event = event(&tx, Action::DomainSuspended, by.clone(), holder).await?;
            tx.record(event.reason("proven_by_another_tenant"), now).await?;
        }
    }
    tx.save_claim(&after).await?;
    if let Some(moved) = observed.moved {
        let action = match moved {
            Move::Proven => Action::DomainProven,
            Move::Failing => Action::DomainFailing,
            Move::Suspended => Action::DomainSuspended,
            Move::Restored => Action::DomainRestored,
        };
        let mut event = event(&tx, action, by.clone(), &after).await?;
        if let Some(answer) = after.answer {
            event = event.reason(answer.name());
        }
        tx.record(event, now).await?;
    }
    if let (Some(was), Some(now_is)) = (observed.authority_was, &after.authority) {
        let event = event(&tx, Action::DomainAuthorityChanged, by, &after).await?;
        let event = event.detail("was", was).detail("is", now_is.as_str());
        tx.record(event, now).await?;
    }
    tx.commit().await?;
    Ok(Some(after))
}

async fn event(tx: &Tx, action: Action, by: Actor, claim: &DomainClaim) -> Result<AuditEvent, StoreError> {
    let event = AuditEvent::new(action, by).detail("domain", claim.domain.as_str());
    Ok(match tx.upstream(claim.tenant).await? {
        Some(tenant) => event.detail("tenant", tenant.name),
        None => event,
    })
}

/// Who could no longer sign in if a domain no longer led to its tenant: whoever has never signed in there, where nothing
/// else is left. Whose account is there goes on.
pub async fn impact_of_domain(
    core: &Core,
    tenant: &Upstream,
    domain: &str,
    looked_at: LookedAt<'_>,
) -> Result<Impact, ActionError> {
    let reader = core.store.reader();
    let policies = &core.settings.resolution;
    let known = reader.known_leads(core.now()).await?;
    let filter = GuestFilter {
        domain: Some(domain.to_owned()),
        ..GuestFilter::default()
    };
    let mut losing = Alike::new(&reader, policies, &known, &[]);
    let mut impact = Impact::default();
    let mut pages = GuestPages::of(&reader, filter);
    while let Some(page) = pages.next().await? {
        looked_at(page.len());
        let lost = losing
            .those(page, |leads| loses_domain(&leads.facts(), tenant.id))
            .await?;
        impact.add_all(lost, known.now());
    }
    Ok(impact)
}
