//! The one function that every method ends in: the mailbox or the account is proven, a session begins.

use chrono::{DateTime, Utc};
use domain::{
    EmailAddress, Id, Secret,
    access::{Access, admits_uninvited},
    audit::{Action, Actor, AuditEvent},
    guest::Guest,
    passkey::CeremonyPurpose,
    session::{Authentication, Means, Session},
    sign_in::SignIn,
};
use store::{StoreError, Tx};

use crate::visit::Visit;

/// What was proven.
pub struct Proven<'a> {
    /// How the address was proven.
    pub means: Means,
    /// The address that was proven.
    pub email: &'a EmailAddress,
    /// The guest of that address, where the caller has locked them already.
    pub guest: Option<Guest>,
    /// What the browser will hold.
    pub secret: &'a Secret,
    /// When: now, or when an upstream says.
    pub at: DateTime<Utc>,
    /// Whether the browser forgets it when it is closed.
    pub ends_with_browser: bool,
    /// Whether a first sign-in by it fixes the guest's method ([`method_resolution::Resolution::fixes`]); a passkey's does not.
    pub fixes: bool,
}

/// What came of a proof.
pub struct Completed {
    /// The session.
    pub session: Session,
    /// Its guest, as they are now.
    pub guest: Guest,
    /// Whether the guest may enter the app.
    pub access: Access,
    /// The secret that the browser's sign-ins belong to from now on.
    pub browser: Secret,
}

impl Completed {
    /// Whether the guest may enter the app.
    pub fn is_admitted(&self) -> bool {
        !matches!(self.access, Access::Refuse(_))
    }
}

/// What the browser is given.
pub struct SignedIn {
    /// The session.
    pub session: Session,
    /// Its secret.
    pub secret: Secret,
    /// What stands for the browser from now on; `None` where it has that already.
    pub browser: Option<Secret>,
    /// The device's, unless the computer is shared, or no code was typed on it.
    pub device: Option<Secret>,
}

/// Ends a sign-in's proof, in the transaction that consumed what was proven and that has locked the sign-in and the others of
/// its browser: the guest is found, or enters the
/// directory where the app admits anyone; the session begins; the sign-in names it, and [`crate::issue::go_on`] saves it. `None`
/// when there is no guest to sign in: they were removed in the meantime, or the upstream was switched off.
///
/// A guest who may not enter gets a session as well, since the next page tells them so; but that is no redemption.
///
/// # Errors
///
/// When the database does not answer.
pub async fn complete(
    visit: &Visit,
    tx: &Tx,
    sign_in: &mut SignIn,
    others: &[SignIn],
    proof: &Proven<'_>,
) -> Result<Option<Completed>, StoreError> {
    let now = visit.now;
    let app = &visit.app;
    if !tx.hold_upstream(proof.means.method()).await? {
        return Ok(None);
    }
    let known = match &proof.guest {
        Some(guest) => Some(guest.clone()),
        None => find_or_admit(visit, tx, sign_in, proof.email).await?,
    };
    let Some(mut guest) = known else {
        return Ok(None);
    };
    let access = tx.access_of(app.id, &guest, now).await?;
    // A passkey says nothing of the mailbox.
    if proof.means == Means::Code {
        guest.email_proven_at = Some(now);
    }
    match access {
        // What is theirs is looked at, and no app is entered: whoever was invited is still invited.
        Access::Allow if app.is_my_access() => guest.last_sign_in_at = Some(now),
        Access::Allow | Access::AllowByInvitation(_) => guest.enter(proof.means.method(), proof.fixes, now),
        Access::Refuse(refusal) => {
            let event = event(Action::AccessRefused, &guest, sign_in).reason(refusal.name());
            tx.record(event, now).await?;
        }
    }
    tx.save_guest(&guest).await?;

    let session = Session {
        id: Id::new(now, visit.core.entropy.as_ref()),
        guest: guest.id,
        authentication: Authentication {
            means: proof.means,
            at: proof.at,
        },
        expires_at: now + visit.core.settings.session.lifetime,
        ends_with_browser: proof.ends_with_browser,
        ended_at: None,
    };
    tx.insert_session(&session, &proof.secret.hash(), &visit.browser.seen_as())
        .await?;
    tx.record(event(Action::SessionStarted, &guest, sign_in), now)
        .await?;
    replace_former(visit, tx, &session).await?;
    // A passkey that was wished for in an earlier session may have been somebody else's wish.
    if sign_in.progress.session().is_some() {
        tx.take_ceremony(sign_in.id, CeremonyPurpose::Make).await?;
    }
    sign_in.progress.go_on_with(session.id);
    let browser = visit.renewed_browser(guest.id);
    let (presented, renewed) = (visit.browser.secret.hash(), browser.hash());
    sign_in.renew_browser(presented, renewed, now);
    for other in others {
        let mut other = other.clone();
        other.renew_browser(presented, renewed, now);
        tx.save_sign_in(&other).await?;
    }
    Ok(Some(Completed {
        session,
        guest,
        access,
        browser,
    }))
}

async fn find_or_admit(
    visit: &Visit,
    tx: &Tx,
    sign_in: &SignIn,
    email: &EmailAddress,
) -> Result<Option<Guest>, StoreError> {
    if let Some(guest) = tx.lock_guest_by_email(email).await? {
        return Ok(Some(guest));
    }
    // Not from memory: the rule may have been narrowed a moment ago.
    let app = tx.app(visit.app.id).await?;
    if !app.is_some_and(|app| admits_uninvited(&app.access, email)) {
        return Ok(None);
    }
    let guest = Guest::invited(email.clone(), None, visit.now, visit.core.entropy.as_ref());
    tx.insert_guest(&guest).await?;
    let added = event(Action::GuestAdded, &guest, sign_in).reason(visit.app.access.name());
    tx.record(added, visit.now).await?;
    Ok(Some(guest))
}

/// A browser has one session at a time: the one that it brought ends (O07), so that no copy of its cookie outlives
/// the next signing out. What apps hold of it goes on for the same guest, and ends with somebody else's.
async fn replace_former(visit: &Visit, tx: &Tx, session: &Session) -> Result<(), StoreError> {
    let Some(secret) = &visit.browser.session else {
        return Ok(());
    };
    let Some((before, guest)) = tx.session_by_token(&secret.hash()).await? else {
        return Ok(());
    };
    // The same request again finds the session that it began itself.
    if before.id == session.id || !tx.end_session(before.id, visit.now).await? {
        return Ok(());
    }
    if guest.id == session.guest {
        tx.move_grants(before.id, session.id).await?;
    } else {
        tx.revoke_grants_of_session(before.id, visit.now, true).await?;
    }
    let event = AuditEvent::new(Action::SessionEnded, Actor::Guest(guest.id))
        .guest(guest.id)
        .reason("replaced");
    tx.record(event, visit.now).await
}

fn event(action: Action, guest: &Guest, sign_in: &SignIn) -> AuditEvent {
    AuditEvent::new(action, Actor::Guest(guest.id))
        .guest(guest.id)
        .app(sign_in.app)
        .sign_in(sign_in.id)
}
