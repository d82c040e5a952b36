//! What can still be done with an invitation: send its mail again, give it more time, take it back.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    app::App,
    audit::{Action, Actor, AuditEvent},
    guest::{Guest, GuestStatus},
    invitation::{Invitation, Standing},
    time::rfc3339,
};
use sign_in::Core;
use store::Tx;

use super::{
    ActionError, By,
    check::{self, DOMAIN_REFUSED, Faults},
    invite_guest::{enqueue, wants_invitations},
    inviter_quota::take_quota,
    shown_invitation::is_as_seen,
};

/// Sends the mail of an invitation again, with the same link. It counts as one more invitation of its inviter.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such invitation; one that leads nowhere (redeemed, revoked, expired, an app or a guest that is off, a link that ended with a
/// restore), or whose mail is on its way still; an inviter who has invited enough for a day.
pub async fn resend_invitation(
    core: &Core,
    by: impl Into<By>,
    id: Id<Invitation>,
) -> Result<Invitation, ActionError> {
    let now = core.now();
    let by = by.into();
    let tx = core.store.begin().await?;
    let invitation = leading_somewhere(core, &tx, &by, id, now).await?;
    let by = by.actor;
    match invitation.standing(now) {
        Standing::Pending => {}
        Standing::Expired => {
            let text = format!(
                "the invitation expired on {}: extend it first",
                day(invitation.expires_at)
            );
            return Err(ActionError::Conflict(text));
        }
        Standing::Redeemed | Standing::Revoked | Standing::Declined => return Err(over(&invitation, now)),
    }
    if tx.is_invitation_mail_waiting(id).await? {
        let text = "its mail waits to be sent still: nothing is sent twice";
        return Err(ActionError::Conflict(text.into()));
    }
    if let Some(guest) = tx.guest(invitation.guest).await? {
        wants_invitations(&tx, &guest).await?;
    }
    let tx = take_quota(core, tx, &by, &invitation.terms.invited_by, now).await?;
    enqueue(core, &tx, &invitation, now).await?;
    tx.record(event(Action::InvitationResent, by, &invitation), now)
        .await?;
    tx.commit().await?;
    core.outgoing.wake();
    Ok(invitation)
}

/// Gives an invitation time until `until`, or else for as long as a new one has; its link works on, also where its time was
/// over. It sends no mail.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such invitation; one that leads nowhere; a moment that is no later than what it has.
pub async fn extend_invitation(
    core: &Core,
    by: impl Into<By>,
    id: Id<Invitation>,
    until: Option<DateTime<Utc>>,
) -> Result<Invitation, ActionError> {
    let now = core.now();
    let by = by.into();
    let tx = core.store.begin().await?;
    let mut invitation = leading_somewhere(core, &tx, &by, id, now).await?;
    let by = by.actor;
    let until = until.unwrap_or(now + core.settings.invitation_lifetime);
    let mut faults = Faults::default();
    if until <= now {
        faults.add("expires_at", "lies in the past");
    } else if until <= invitation.expires_at {
        let has = rfc3339(invitation.expires_at);
        faults.add(
            "expires_at",
            format!("is no later than it expires already ({has})"),
        );
    }
    faults.finish()?;
    if !tx.extend_invitation(id, until).await? {
        return Err(over(&invitation, now));
    }
    let event = event(Action::InvitationExtended, by, &invitation).detail(
        "expires_at",
        format!("{} → {}", rfc3339(invitation.expires_at), rfc3339(until)),
    );
    tx.record(event, now).await?;
    tx.commit().await?;
    invitation.expires_at = until;
    Ok(invitation)
}

/// Takes an invitation back that the guest has not redeemed: its link says so, and admits no guest. Whether anything changed.
///
/// # Errors
///
/// [`ActionError::Changed`]; no such invitation; a redeemed one.
pub async fn revoke_invitation(
    core: &Core,
    by: impl Into<By>,
    id: Id<Invitation>,
    reason: Option<&str>,
) -> Result<bool, ActionError> {
    let reason = check::reason(reason)?;
    let now = core.now();
    let tx = core.store.begin().await?;
    // Locked, so that whoever answers for it does not change meanwhile.
    let invitation = tx.lock_invitation(id).await?.ok_or_else(|| not_found(id))?;
    let by = by.into();
    is_as_seen(&tx, &by, &invitation, now).await?;
    let by = by.actor;
    if !is_theirs(&by, &invitation) {
        return Err(not_found(id));
    }
    if !tx.revoke_invitation(id, now).await? {
        // Asked again within the transaction: it may have been redeemed since.
        let invitation = tx.invitation(id).await?.ok_or_else(|| not_found(id))?;
        return match invitation.standing(now) {
            Standing::Revoked => Ok(false),
            _ => Err(over(&invitation, now)),
        };
    }
    let mut event = event(Action::InvitationRevoked, by, &invitation);
    if let Some(reason) = reason {
        event = event.reason(reason);
    }
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(true)
}

/// Whether it is somebody's to take back: an operator's is each, and who has no account sees only those that they answer for.
fn is_theirs(by: &Actor, invitation: &Invitation) -> bool {
    match by {
        Actor::Sponsor(address) => address.is_named_by(invitation.terms.sponsor()),
        _ => true,
    }
}

/// An invitation whose link would let its guest in, if its time is not over. Locked until the transaction ends.
async fn leading_somewhere(
    core: &Core,
    tx: &Tx,
    by: &By,
    id: Id<Invitation>,
    now: DateTime<Utc>,
) -> Result<Invitation, ActionError> {
    let invitation = tx.lock_invitation(id).await?.ok_or_else(|| not_found(id))?;
    is_as_seen(tx, by, &invitation, now).await?;
    if !matches!(invitation.standing(now), Standing::Pending | Standing::Expired) {
        return Err(over(&invitation, now));
    }
    let guest = tx.guest(invitation.guest).await?.ok_or_else(|| not_found(id))?;
    let app = tx.app(invitation.app).await?.ok_or_else(|| not_found(id))?;
    if let Some(why) = leads_nowhere(&guest, &app, now) {
        return Err(ActionError::Conflict(why));
    }
    if core.settings.resolution.refuses(&guest.email) {
        return Err(ActionError::Conflict(DOMAIN_REFUSED.into()));
    }
    if tx.token_of_invitation(id).await?.is_none() {
        let text = "its link has ended, with a restore of the database or with the master key: invite the guest anew";
        return Err(ActionError::Conflict(text.into()));
    }
    let newest = tx.newest_invitation(guest.id, app.id).await?;
    if let Some(newest) = newest.filter(|newest| newest.id != id) {
        return Err(ActionError::Conflict(format!(
            "{} was invited to the app once more since, and the newest invitation counts: {}",
            guest.email.as_str(),
            newest.id
        )));
    }
    Ok(invitation)
}

fn leads_nowhere(guest: &Guest, app: &App, now: DateTime<Utc>) -> Option<String> {
    if guest.status == GuestStatus::Blocked {
        Some("the guest is blocked; unblock them first".into())
    } else if !guest.status.is_in() {
        let status = guest.status.name();
        Some(format!("the guest is {status}; restore them first"))
    } else if guest.is_expired(now) {
        Some("the guest's access has ended by date".into())
    } else if app.disabled_at.is_some() {
        Some(format!("the app \"{}\" is switched off", app.client_id))
    } else {
        None
    }
}

fn over(invitation: &Invitation, now: DateTime<Utc>) -> ActionError {
    ActionError::Conflict(match invitation.standing(now) {
        Standing::Redeemed => {
            "the guest has redeemed the invitation; to shut them out, end their access to the app".into()
        }
        Standing::Revoked => "the invitation was revoked; invite the guest anew".into(),
        Standing::Declined => {
            "the guest has declined the invitation; invite them anew if they have changed their mind".into()
        }
        standing => format!("the invitation is {}", standing.name()),
    })
}

fn event(action: Action, by: Actor, invitation: &Invitation) -> AuditEvent {
    AuditEvent::new(action, by)
        .guest(invitation.guest)
        .app(invitation.app)
        .detail("invitation", invitation.id.to_string())
}

fn not_found(id: Id<Invitation>) -> ActionError {
    ActionError::NotFound {
        what: "invitation",
        name: id.to_string(),
    }
}

fn day(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d").to_string()
}
