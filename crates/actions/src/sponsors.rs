//! Sponsors: who has left, and who answers in their place.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress,
    app::App,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    sponsor::Sponsor,
};
use sign_in::{Core, access_request::hand_on_found};
use store::{AccessRequestFilter, Db, Reads, Tx};

use super::{ActionError, check::Faults};

/// Notes that somebody is a sponsor no more: nobody asks them, their links answer nothing any more, and the rule `sponsor-gone` is about
/// the guests who have no other sponsor. With `to`, somebody else answers in their place.
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
    let mut faults = Faults::default();
    let address = faults.or("address", EmailAddress::parse(address));
    let to = faults.maybe_email("to", to);
    let address = faults.finish_with(address)?;
    let sponsor = settle(core, &by, &address, to.as_ref(), true).await?;
    hand_on_from(core, &address).await;
    Ok(sponsor)
}

/// Has somebody else answer for all that a sponsor answered for: assignments, apps, and invitations whose replies go to them. Gives the
/// one who answers now.
///
/// # Errors
///
/// An address that is none; a successor who cannot be one.
pub async fn hand_over(core: &Core, by: Actor, from: &str, to: &str) -> Result<Sponsor, ActionError> {
    let mut faults = Faults::default();
    let from = faults.or("from", EmailAddress::parse(from));
    let to = faults.or("to", EmailAddress::parse(to));
    let (from, to) = faults.finish_with(from.zip(to))?;
    settle(core, &by, &from, Some(&to), false).await?;
    hand_on_from(core, &from).await;
    Ok(core.store.reader().sponsor(&to, core.now()).await?)
}

/// Lets somebody who was removed be a sponsor again. Gives what there is of them.
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

/// Hands on what waits for somebody.
async fn hand_on_from(core: &Core, asked_of: &EmailAddress) {
    let filter = AccessRequestFilter {
        asked_of: Some(asked_of.clone()),
        ..AccessRequestFilter::default()
    };
    hand_on_found(core, filter).await;
}

/// How often it is tried where a sign-in or an operator crosses it: it changes rows of many guests.
const TRIES: usize = 3;

/// Moves what somebody answers for to somebody else, and removes them as a sponsor, or one of the two.
async fn settle(
    core: &Core,
    by: &Actor,
    address: &EmailAddress,
    to: Option<&EmailAddress>,
    removes: bool,
) -> Result<Sponsor, ActionError> {
    for _ in 1..TRIES {
        match try_settle(core, by, address, to, removes).await {
            Err(ActionError::Store(error)) if error.is_crossed() => {}
            done => return done,
        }
    }
    try_settle(core, by, address, to, removes).await
}

async fn try_settle(
    core: &Core,
    by: &Actor,
    address: &EmailAddress,
    to: Option<&EmailAddress>,
    removes: bool,
) -> Result<Sponsor, ActionError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    if let Some(to) = to {
        move_all(&tx, by.clone(), core, (address, to)).await?;
    }
    if removes && tx.remove_sponsor(address, now).await? {
        let event = AuditEvent::new(Action::SponsorRemoved, by.clone()).detail("address", address.as_str());
        tx.record(event, now).await?;
        // Also where they are let back in on the same day.
        tx.remove_inviter_links(address).await?;
    }
    let sponsor = tx.sponsor(address, now).await?;
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
    let now = core.now();
    may_be_sponsor(tx, "to", Some(to.as_str()), now).await?;
    let mut apps = 0;
    for app in tx.apps().await? {
        let owned = |app: &App| app.owner.as_ref().is_some_and(|owner| owner.key() == from.key());
        // As it is by now: what another has just changed of it is not lost.
        let Some(mut app) = (if owned(&app) {
            tx.lock_app(app.id).await?
        } else {
            None
        }) else {
            continue;
        };
        if !owned(&app) {
            continue;
        }
        app.owner = Some(to.clone());
        tx.update_app(&app).await?;
        let owner = format!("{} → {}", from.as_str(), to.as_str());
        let event = AuditEvent::new(Action::AppChanged, by.clone())
            .app(app.id)
            .detail("owner", owner);
        tx.record(event, now).await?;
        apps += 1;
    }
    let changed = tx.hand_over(from, to).await?;
    let event = AuditEvent::new(Action::SponsorHandedOver, by)
        .detail("from", from.as_str())
        .detail("to", to.as_str())
        .detail("apps", apps.to_string())
        .detail("assignments_and_invitations", changed.to_string());
    tx.record(event, now).await?;
    Ok(())
}

/// Refuses somebody who was removed as a sponsor: asked of what names one.
pub(super) async fn may_be_sponsor<C: Reads>(
    db: &Db<C>,
    field: &'static str,
    named: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), ActionError> {
    let Some(address) = named.and_then(|named| EmailAddress::parse(named).ok()) else {
        return Ok(());
    };
    if db.unanswerable(&[address.key()], now).await?.is_empty() {
        return Ok(());
    }
    let mut faults = Faults::default();
    let message = format!(
        "names {}, who was removed as a sponsor, or is a guest who is blocked, removed or expired",
        address.as_str()
    );
    faults.add(field, message);
    faults.finish()
}

/// The same of who is named as the sponsor of a guest, and that nobody answers for themselves.
pub(super) async fn may_answer_for<C: Reads>(
    db: &Db<C>,
    guest: &Guest,
    named: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), ActionError> {
    if named.is_some_and(|named| guest.email.is_same_person(named)) {
        let mut faults = Faults::default();
        faults.add("sponsor", "is the guest: nobody answers for themselves");
        return faults.finish();
    }
    may_be_sponsor(db, "sponsor", named, now).await
}
