//! Domains that tenants claim: what a check of their proof found, and who would miss one.

use domain::{
    audit::{Action, Actor, AuditEvent},
    domain_claim::{Asked, DomainClaim, Move, lost, observe},
    upstream::Upstream,
};
use method_resolution::loses_domain;
use sign_in::Core;
use store::{GuestFilter, StoreError, Tx};

use super::{ActionError, Impact, LookedAt, alike::Alike, impact::pages};

/// Keeps what the name servers said of a claim, and moves the claim on. `None` where it was withdrawn or made anew
/// since they were asked. A domain that another tenant has just proven leads there, and only there, at once.
pub async fn record_check(
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
    pages(&reader, filter, async |page| {
        looked_at(page.len());
        let lost = losing
            .those(page, |leads| loses_domain(&leads.facts(), tenant.id))
            .await?;
        impact.add_all(lost, known.now());
        Ok(())
    })
    .await?;
    Ok(impact)
}
