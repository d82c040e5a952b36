//! People who invite without an operator account: which apps they may invite to, and the link with which they do (threat R19).

use domain::{
    EmailAddress, Id,
    app::App,
    assignment::Assignment,
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    invitable::may_invite_guest,
    inviter::{InviterFacts, InviterLink, LINKS_MAX, may_invite, tries},
    limits::LimitName,
    rate::Taken,
};
use sign_in::Core;
use store::{Db, MailKind, OutboxMail, Reads, StoreError, Tx};

use super::ActionError;

/// What the links to one mailbox count under.
const LINKS: &str = "inviter.links";
/// What the invitations count under that one person tries.
const TRIES: &str = "inviter.tries";

/// What became of the wish for a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkAsked {
    /// Whoever may invite gets a mail. Nobody is told whether there is one.
    Heard,
    /// Too many mails are asked for from this network.
    TooMany,
}

/// The apps to which the owner of this address may invite, by name.
///
/// # Errors
///
/// When the database does not answer.
pub async fn apps_of_inviter<C: Reads>(
    db: &Db<C>,
    core: &Core,
    address: &EmailAddress,
) -> Result<Vec<App>, StoreError> {
    let sponsored = db.sponsored_apps(address, core.now()).await?;
    let has_left = !db.unanswerable(&[address.key()], core.now()).await?.is_empty();
    let mut apps = db.apps_with_inviters().await?;
    apps.retain(|app| {
        let facts = InviterFacts {
            address,
            is_sponsor: sponsored.contains(&app.id),
            has_left,
        };
        may_invite(app, facts)
    });
    Ok(apps)
}

/// Where somebody asks for a link from.
#[derive(Clone, Copy, Debug)]
pub struct AskedFrom<'a> {
    /// The network that limits count under.
    pub network: &'a str,
    /// The site around it, where there is one.
    pub site: Option<&'a str>,
}

/// Mails the link to whoever may invite, and nothing to anybody else. The same is written for everybody, so that time does not tell who may.
///
/// # Errors
///
/// When the database does not answer.
pub async fn ask_inviter_link(
    core: &Core,
    address: &EmailAddress,
    from: AskedFrom<'_>,
    language: &str,
) -> Result<LinkAsked, StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    // Charged whoever asks, beside what sign-ins from there count.
    let site = from.site.map(|site| (LimitName::MailsPerSiteHour, site));
    for (name, subject) in site
        .into_iter()
        .chain([(LimitName::MailsPerNetworkHour, from.network)])
    {
        let subject = format!("{LINKS} {subject}");
        let taken = tx
            .take(name.name(), &subject, core.settings.limits[name], now)
            .await?;
        if !taken.is_allowed() {
            let event = AuditEvent::new(Action::LimitReached, Actor::Visitor).reason(name.name());
            tx.record(event, now).await?;
            tx.commit().await?;
            return Ok(LinkAsked::TooMany);
        }
    }
    let has_more = tx.take(LINKS, &address.key(), LINKS_MAX, now).await?.is_allowed();
    let may = !apps_of_inviter(&tx, core, address).await?.is_empty();
    let refused = match (may, has_more) {
        (true, true) => None,
        (true, false) => Some("too_many"),
        (false, _) => Some("may_not_invite"),
    };
    send(core, &tx, address, language, refused).await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(LinkAsked::Heard)
}

/// Nobody reads the mail that is `refused`, nor gets the token of its link.
async fn send(
    core: &Core,
    tx: &Tx,
    address: &EmailAddress,
    language: &str,
    refused: Option<&str>,
) -> Result<(), StoreError> {
    let now = core.now();
    let link = InviterLink::new(Id::new(now, &*core.entropy), address.clone(), now);
    tx.insert_inviter_link(&link).await?;
    let mail = OutboxMail {
        recipient: Some(address.clone()),
        ..OutboxMail::new(
            Id::new(now, &*core.entropy),
            MailKind::InviterLink { link: link.id },
            Some(language.to_owned()),
            now,
            link.expires_at,
        )
    };
    let event = AuditEvent::new(Action::InviterLinkAsked, Actor::Visitor)
        .mailbox(address)
        .detail("link", link.id.to_string());
    let event = match refused {
        None => {
            tx.enqueue(&mail).await?;
            event.detail("inviter", address.as_str())
        }
        Some(why) => {
            tx.enqueue_suppressed(&mail).await?;
            event.reason(why)
        }
    };
    tx.record(event, now).await
}

/// Ends every link of somebody who invites: the one that they have open as well.
///
/// # Errors
///
/// When the database does not answer.
pub async fn end_inviter_links(core: &Core, inviter: &EmailAddress) -> Result<(), StoreError> {
    let tx = core.store.begin().await?;
    let ended = tx.remove_inviter_links(inviter).await?;
    let event = AuditEvent::new(Action::InviterLinksEnded, Actor::Sponsor(inviter.clone()))
        .detail("links", ended.to_string());
    tx.record(event, core.now()).await?;
    tx.commit().await
}

/// Counts one more try of somebody who invites, whatever comes of it.
pub(super) async fn take_try(core: &Core, inviter: &EmailAddress) -> Result<(), ActionError> {
    let now = core.now();
    let limit = tries(core.settings.limits[LimitName::InvitationsPerInviterDay]);
    let tx = core.store.begin().await?;
    let taken = tx.take(TRIES, &inviter.key(), limit, now).await?;
    if let Taken::Refused { until } = taken {
        let event = AuditEvent::new(Action::LimitReached, Actor::Sponsor(inviter.clone())).reason(TRIES);
        tx.record(event, now).await?;
        tx.commit().await?;
        let what = format!("{} has tried {} invitations today", inviter.as_str(), limit.max);
        return Err(ActionError::TooMany { what, until });
    }
    tx.commit().await?;
    Ok(())
}

/// Refuses somebody without an operator account who may not invite to the app, as it is within the transaction: the app is locked, so that
/// it does not get another owner in the same moment.
pub(super) async fn may_invite_to(core: &Core, tx: &Tx, by: &Actor, app: &App) -> Result<(), ActionError> {
    let Actor::Sponsor(address) = by else {
        return Ok(());
    };
    tx.lock_app(app.id).await?;
    let theirs = apps_of_inviter(tx, core, address).await?;
    if theirs.iter().any(|theirs| theirs.id == app.id) {
        return Ok(());
    }
    Err(ActionError::Conflict(format!(
        "{} may not invite to the app \"{}\"",
        address.as_str(),
        app.client_id
    )))
}

/// Refuses such a person a guest to whom somebody else has given or offered the app. The guest is locked.
pub(super) async fn is_theirs_to_invite(
    core: &Core,
    tx: &Tx,
    by: &Actor,
    guest: &Guest,
    app: &App,
) -> Result<(), ActionError> {
    let Actor::Sponsor(address) = by else {
        return Ok(());
    };
    let now = core.now();
    let held = tx.assignments_of(guest.id).await?;
    let held = Assignment::deciding_at(&held, app.id, now);
    let newest = tx.newest_invitation(guest.id, app.id).await?;
    if may_invite_guest(address, held, newest.as_ref(), now) {
        return Ok(());
    }
    Err(ActionError::Conflict(format!(
        "somebody else answers for {} at the app \"{}\", or has sent them away",
        guest.email.as_str(),
        app.client_id
    )))
}
