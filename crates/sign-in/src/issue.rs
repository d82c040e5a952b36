//! The authorization code: minted once the last step is done, in one transaction with everything that follows
//! from it.

use chrono::{DateTime, Utc};
use domain::{
    Id, Secret,
    access::Access,
    app::App,
    audit::{Action, Actor, AuditEvent},
    grant::{AuthorizationCode, CODE_LIFETIME, Grant},
    guest::{Guest, GuestStatus},
    invitation::{Assignment, Invitation},
    session::Session,
    sign_in::SignIn,
};
use method_resolution::resolve;
use store::{CodeState, StoreError, Tx};

use crate::{core::Core, settings::TokenLifetimes};

/// How an issue ended.
pub enum Issued {
    /// With a code.
    Code(Secret),
    /// The app has redeemed a code of this sign-in already: there is nothing left to answer.
    Already,
    /// What was decided upon changed meanwhile: the invitation that admits the guest, or their own word.
    Changed,
}

/// Mints a code for a request. `saved`: the sign-in has a row, because pages were shown.
///
/// # Errors
///
/// When the database does not answer.
pub async fn issue(
    core: &Core,
    app: &App,
    sign_in: &SignIn,
    saved: bool,
    (session, guest): &(Session, Guest),
    access: Access,
    now: DateTime<Utc>,
) -> Result<Issued, StoreError> {
    let tx = core.store.begin().await?;
    if saved {
        let Some(mut current) = tx.lock_sign_in(sign_in.id).await? else {
            return Ok(Issued::Already);
        };
        // A code that was issued has answered the sign-in.
        if current.progress.is_answered() {
            match tx.code_state_of_sign_in(sign_in.id).await? {
                CodeState::Redeemed => return Ok(Issued::Already),
                // The answer that carried it was lost: the guest reloads, and gets another.
                CodeState::Unredeemed => {
                    if tx.revoke_unredeemed_codes(sign_in.id, now).await? == 0 {
                        // The app was faster.
                        return Ok(Issued::Already);
                    }
                }
                CodeState::None => {}
            }
        }
        if current.agreed != sign_in.agreed {
            return Ok(Issued::Changed);
        }
        let Some(said) = current.progress.go_on_with(session.id) else {
            return Ok(Issued::Changed);
        };
        said.answered_at = Some(now);
        tx.save_sign_in(&current).await?;
    }
    if let Access::AllowByInvitation(invitation) = access
        && !redeem(&tx, invitation, app, guest, sign_in, now).await?
    {
        return Ok(Issued::Changed);
    }
    if guest.status == GuestStatus::Invited {
        first_entry(core, &tx, session, guest, now).await?;
    }
    let grant = Grant {
        id: Id::new(now, core.entropy.as_ref()),
        guest: guest.id,
        app: app.id,
        session: session.id,
        scopes: app.granted(&sign_in.request.scopes),
        authentication: session.authentication.clone(),
        nonce: sign_in.request.nonce.clone(),
        created_at: now,
        revoked_at: None,
    };
    let ends_at = last_use(&grant, session, &core.settings.tokens);
    let code = Secret::generate(core.entropy.as_ref());
    let kept = AuthorizationCode {
        hash: code.hash(),
        redirect_uri: sign_in.request.redirect_uri.as_str().to_owned(),
        challenge: sign_in.request.challenge.clone(),
        expires_at: now + CODE_LIFETIME,
    };
    tx.insert_grant(&grant, &kept, saved.then_some(sign_in.id), ends_at)
        .await?;
    let event = AuditEvent::new(Action::CodeIssued, Actor::Guest(guest.id))
        .guest(guest.id)
        .app(app.id)
        .sign_in(sign_in.id)
        .detail("scope", grant.scopes.to_string());
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(Issued::Code(code))
}

/// When nothing that comes of a grant can live any more: the code is redeemed at the last moment, and so on.
fn last_use(grant: &Grant, session: &Session, lifetimes: &TokenLifetimes) -> DateTime<Utc> {
    let redeemed_by = grant.created_at + CODE_LIFETIME;
    if grant.is_offline() {
        redeemed_by + lifetimes.refresh_token + lifetimes.access_token
    } else {
        session.expires_at.max(redeemed_by) + lifetimes.access_token
    }
}

/// A guest whom another app turned away, and who enters with that session: this is their redemption, and fixes
/// their method. A code that stood in for a tenant's sign-in fixes none.
async fn first_entry(
    core: &Core,
    tx: &Tx,
    session: &Session,
    guest: &Guest,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let Some(mut guest) = tx.lock_guest(guest.id).await? else {
        return Ok(());
    };
    if guest.status == GuestStatus::Invited {
        let policies = &core.settings.resolution;
        let facts = tx.method_facts(&guest.email, Some(&guest), policies, now).await?;
        let proven = session.authentication.method();
        guest.enter(proven, resolve(&facts).fixes(proven), now);
        tx.save_guest(&guest).await?;
    }
    Ok(())
}

/// Redeems the invitation that admits the guest, and assigns them to the app.
async fn redeem(
    tx: &Tx,
    invitation: Id<Invitation>,
    app: &App,
    guest: &Guest,
    sign_in: &SignIn,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some(offer) = tx.redeem_invitation(invitation, now).await? else {
        return Ok(false);
    };
    let assignment = Assignment {
        guest: guest.id,
        app: app.id,
        starts_at: now,
        ends_at: offer.terms.access_until,
        reason: Some(format!("invitation {invitation}")),
        sponsor: Some(offer.terms.invited_by),
    };
    tx.put_assignment(&assignment).await?;
    for (action, name) in [
        (Action::InvitationRedeemed, "invitation"),
        (Action::AssignmentAdded, "by"),
    ] {
        let event = AuditEvent::new(action, Actor::Guest(guest.id))
            .guest(guest.id)
            .app(app.id)
            .sign_in(sign_in.id)
            .detail(name, invitation.to_string());
        tx.record(event, now).await?;
    }
    Ok(true)
}
