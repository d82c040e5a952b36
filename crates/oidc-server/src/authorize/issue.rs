//! The authorization code: minted once the last step is done, in one transaction with everything that follows
//! from it.

use chrono::{DateTime, Utc};
use domain::{
    Id, Secret,
    access::Access,
    app::App,
    audit::{Action, Actor, AuditEvent},
    grant::{AuthorizationCode, CODE_LIFETIME, Grant},
    guest::Guest,
    invitation::{Assignment, Invitation},
    session::Session,
    sign_in::SignIn,
};
use store::{CodeState, Tx};
use web::{Core, Failure};

/// How an issue ended.
pub(super) enum Issued {
    /// With a code.
    Code(Secret),
    /// The app has redeemed a code of this sign-in already: there is nothing left to answer.
    Already,
    /// The invitation that admitted the guest was redeemed or revoked meanwhile: decide again.
    Changed,
}

/// Mints a code for a request. `saved`: the sign-in has a row, because pages were shown.
pub(super) async fn issue(
    core: &Core,
    app: &App,
    sign_in: &SignIn,
    saved: bool,
    (session, guest): &(Session, Guest),
    access: Access,
    now: DateTime<Utc>,
) -> Result<Issued, Failure> {
    let tx = core.store.begin().await?;
    if saved {
        let Some(mut current) = tx.lock_sign_in(sign_in.id).await? else {
            return Ok(Issued::Already);
        };
        match tx.code_state_of_sign_in(sign_in.id).await? {
            CodeState::Redeemed => return Ok(Issued::Already),
            // The answer that carried it was lost: the guest reloads, and gets another.
            CodeState::Unredeemed => {
                tx.revoke_unredeemed_codes(sign_in.id, now).await?;
            }
            CodeState::None => {}
        }
        current.answered_at = Some(now);
        current.session = Some(session.id);
        tx.save_sign_in(&current).await?;
    }
    if let Access::AllowByInvitation(invitation) = access
        && !redeem(&tx, invitation, app, guest, sign_in, now).await?
    {
        return Ok(Issued::Changed);
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
    let ends_at = now + core.settings.tokens.refresh_token;
    tx.insert_grant(
        &grant,
        saved.then_some(sign_in.id),
        ends_at.max(session.expires_at),
    )
    .await?;
    let code = Secret::generate(core.entropy.as_ref());
    let row = AuthorizationCode {
        hash: code.hash(),
        grant: grant.id,
        redirect_uri: sign_in.request.redirect_uri.as_str().to_owned(),
        challenge: sign_in.request.challenge.clone(),
        expires_at: now + CODE_LIFETIME,
    };
    tx.insert_code(&row).await?;
    let event = AuditEvent::new(Action::CodeIssued, Actor::Guest(guest.id))
        .guest(guest.id)
        .app(app.id)
        .sign_in(sign_in.id)
        .detail("scope", grant.scopes.to_string());
    tx.record(event, now).await?;
    tx.commit().await?;
    Ok(Issued::Code(code))
}

/// Redeems the invitation that admits the guest, and assigns them to the app.
async fn redeem(
    tx: &Tx,
    invitation: Id<Invitation>,
    app: &App,
    guest: &Guest,
    sign_in: &SignIn,
    now: DateTime<Utc>,
) -> Result<bool, Failure> {
    let Some(offer) = tx.invitation(invitation).await? else {
        return Ok(false);
    };
    if !tx.redeem_invitation(invitation, now).await? {
        return Ok(false);
    }
    let assignment = Assignment {
        guest: guest.id,
        app: app.id,
        starts_at: now,
        ends_at: offer.access_until,
        reason: Some(format!("invitation {invitation}")),
        sponsor: Some(offer.invited_by),
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
