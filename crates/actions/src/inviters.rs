//! People who invite without an operator account: which apps they may invite to, and the link with which they do (threat R19).

use domain::{
    EmailAddress, Id,
    app::App,
    audit::{Action, Actor, AuditEvent},
    inviter::{InviterFacts, InviterLink, LINKS_MAX, may_invite},
    limits::LimitName,
};
use sign_in::Core;
use store::{Db, MailKind, OutboxMail, Reads, StoreError, Tx};

use super::ActionError;

/// What the links to one mailbox count under.
const LINKS: &str = "inviter.links";

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
    let has_left = !db.unanswerable(&[address.key()]).await?.is_empty();
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

/// Mails the link to whoever may invite, and nothing to anybody else. `network`: from where it is asked.
///
/// # Errors
///
/// When the database does not answer.
pub async fn ask_inviter_link(
    core: &Core,
    address: &EmailAddress,
    network: &str,
    language: &str,
) -> Result<LinkAsked, StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    // Charged whoever asks: the limit does not tell who may invite.
    let name = LimitName::MailsPerNetworkHour;
    let taken = tx
        .take(name.name(), network, core.settings.limits[name], now)
        .await?;
    if !taken.is_allowed() {
        let event = AuditEvent::new(Action::LimitReached, Actor::Visitor).reason(name.name());
        tx.record(event, now).await?;
        tx.commit().await?;
        return Ok(LinkAsked::TooMany);
    }
    let has_more = tx.take(LINKS, &address.key(), LINKS_MAX, now).await?.is_allowed();
    let may = !apps_of_inviter(&tx, core, address).await?.is_empty();
    if may && has_more {
        send(core, &tx, address, language).await?;
    }
    tx.commit().await?;
    core.outgoing.wake();
    Ok(LinkAsked::Heard)
}

async fn send(core: &Core, tx: &Tx, address: &EmailAddress, language: &str) -> Result<(), StoreError> {
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
    tx.enqueue(&mail).await?;
    let event = AuditEvent::new(Action::InviterLinkAsked, Actor::Visitor)
        .detail("link", link.id.to_string())
        .detail("inviter", address.as_str());
    tx.record(event, now).await
}

/// Refuses somebody without an operator account who may not invite to the app, as it is within the transaction.
pub(super) async fn may_invite_to<C: Reads>(
    core: &Core,
    db: &Db<C>,
    by: &Actor,
    app: &App,
) -> Result<(), ActionError> {
    let Actor::Sponsor(address) = by else {
        return Ok(());
    };
    let theirs = apps_of_inviter(db, core, address).await?;
    if theirs.iter().any(|theirs| theirs.id == app.id) {
        return Ok(());
    }
    Err(ActionError::Conflict(format!(
        "{} may not invite to the app \"{}\"",
        address.as_str(),
        app.client_id
    )))
}
