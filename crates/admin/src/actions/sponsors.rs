//! Sponsors: who has left, and who answers in their place.

use domain::{
    EmailAddress,
    audit::{Action, Actor, AuditEvent},
    sponsor::Sponsor,
};
use sign_in::{Core, access_request::hand_on_all};
use store::{Db, Reads, Tx};

use super::{ActionError, check::Faults};

/// Notes that somebody is a sponsor no more: nobody asks them, their links answer nothing any more, and the rule `sponsor-gone` is about
/// the guests for whom they alone answer. With `to`, somebody else answers in their place.
///
/// # Errors
///
/// An address that is none; a successor who cannot be one.
pub async fn remove_sponsor(
    core: &Core,
    by: Actor,
    address: &str,
    to: Option<&str>,
) -> Result<Sponsor, ActionError> {
    let now = core.now();
    let mut faults = Faults::default();
    let address = faults.or("address", EmailAddress::parse(address));
    let to = faults.maybe_email("to", to);
    let address = faults.finish_with(address)?;
    let tx = core.store.begin().await?;
    if let Some(to) = &to {
        move_all(&tx, by.clone(), core, (&address, to)).await?;
    }
    if tx.remove_sponsor(&address, now).await? {
        let event = AuditEvent::new(Action::SponsorRemoved, by).detail("address", address.as_str());
        tx.record(event, now).await?;
    }
    let sponsor = tx.sponsor(&address, now).await?;
    tx.commit().await?;
    // What is left of it after a crash, the job hands on.
    hand_on_all(core, || false).await?;
    Ok(sponsor)
}

/// Has somebody else answer for all that a sponsor answered for: assignments, apps, and invitations that answers are sent about. What
/// becomes of the one who answered before is what there is of them then.
///
/// # Errors
///
/// An address that is none; a successor who cannot be one.
pub async fn hand_over(core: &Core, by: Actor, from: &str, to: &str) -> Result<Sponsor, ActionError> {
    let mut faults = Faults::default();
    let from = faults.or("from", EmailAddress::parse(from));
    let to = faults.or("to", EmailAddress::parse(to));
    let (from, to) = faults.finish_with(from.zip(to))?;
    let tx = core.store.begin().await?;
    move_all(&tx, by, core, (&from, &to)).await?;
    let sponsor = tx.sponsor(&to, core.now()).await?;
    tx.commit().await?;
    Ok(sponsor)
}

/// Lets somebody who was removed be a sponsor again. Whether they had been.
///
/// # Errors
///
/// An address that is none.
pub async fn restore_sponsor(core: &Core, by: Actor, address: &str) -> Result<Sponsor, ActionError> {
    let now = core.now();
    let mut faults = Faults::default();
    let address = faults.or("address", EmailAddress::parse(address));
    let address = faults.finish_with(address)?;
    let tx = core.store.begin().await?;
    if tx.restore_sponsor(&address).await? {
        let event = AuditEvent::new(Action::SponsorRestored, by).detail("address", address.as_str());
        tx.record(event, now).await?;
    }
    let sponsor = tx.sponsor(&address, now).await?;
    tx.commit().await?;
    Ok(sponsor)
}

async fn move_all(
    tx: &Tx,
    by: Actor,
    core: &Core,
    (from, to): (&EmailAddress, &EmailAddress),
) -> Result<(), ActionError> {
    if from.key() == to.key() {
        let mut faults = Faults::default();
        faults.add("to", "is the same person");
        return faults.finish();
    }
    may_be_sponsor(tx, "to", Some(to.as_str())).await?;
    let mut changed = tx.hand_over(from, to).await?;
    for mut app in tx.apps().await? {
        if app.owner.as_ref().is_some_and(|owner| owner.key() == from.key()) {
            app.owner = Some(to.clone());
            tx.update_app(&app).await?;
            changed += 1;
        }
    }
    let event = AuditEvent::new(Action::SponsorHandedOver, by)
        .detail("from", from.as_str())
        .detail("to", to.as_str())
        .detail("changed", changed.to_string());
    tx.record(event, core.now()).await?;
    Ok(())
}

/// Refuses somebody who was removed as a sponsor: asked of what names one.
pub(super) async fn may_be_sponsor<C: Reads>(
    db: &Db<C>,
    field: &'static str,
    named: Option<&str>,
) -> Result<(), ActionError> {
    let Some(address) = named.and_then(|named| EmailAddress::parse(named).ok()) else {
        return Ok(());
    };
    if db.unanswerable(&[address.key()]).await?.is_empty() {
        return Ok(());
    }
    let mut faults = Faults::default();
    let message = format!(
        "names {}, who was removed as a sponsor, or is a guest who is blocked or removed",
        address.as_str()
    );
    faults.add(field, message);
    faults.finish()
}
