//! `grant_type=authorization_code` (RFC 6749 §4.1.3, OpenID Connect Core §3.1.3).

use domain::{
    Secret,
    access::Access,
    audit::{Action, Actor, AuditEvent},
    grant::{Invalid, Presented, redeem},
};
use serde_json::Value;
use store::{GrantFamily, Redeemed};

use super::issue::IssuedTokens;
use crate::{
    client_auth::Authenticated,
    error::{OAuthError, TokenRefused},
    parameters::Parameters,
    state::State,
};

pub(super) async fn grant(
    state: &State,
    by: &Authenticated,
    form: &Parameters,
) -> Result<Value, TokenRefused> {
    let core = &state.core;
    let app = &by.app;
    let code = form
        .get("code")
        .ok_or_else(|| OAuthError::invalid_request("code is missing"))?;
    let redirect_uri = form
        .get("redirect_uri")
        .ok_or_else(|| OAuthError::invalid_request("redirect_uri is missing"))?;
    let verifier = form.get("code_verifier");
    if verifier.is_none() && app.needs_challenge(true) {
        return Err(OAuthError::invalid_grant("code_verifier is missing").into());
    }
    // Made before the transaction opens: a first key of an algorithm takes its time.
    let signer = state.keys.signer(core, app.signing_algorithm).await?;
    let now = core.now();

    let tx = core.store.begin().await?;
    by.record(&tx, now).await?;
    let redeemed = tx
        .redeem_code(&Secret::presented(code).hash(), app.id, now)
        .await?;
    let (code, family) = match redeemed {
        Redeemed::Fresh(found) => *found,
        Redeemed::Reused(grant) => {
            // The first use may have been a thief's (RFC 6749 §4.1.2).
            tx.revoke_grant(grant, now).await?;
            let event = AuditEvent::new(Action::GrantReused, Actor::App(app.id)).app(app.id);
            tx.record(event.detail("grant", grant.to_string()), now).await?;
            tx.commit().await?;
            return Err(refusal(Invalid::Reused).into());
        }
        Redeemed::WrongApp => {
            // An app must not be able to end another app's grant, with a code from a log or a browser's history.
            let event = AuditEvent::new(Action::GrantRefused, Actor::App(app.id)).app(app.id);
            tx.record(event.reason(Invalid::WrongApp.name()), now).await?;
            tx.commit().await?;
            return Err(refusal(Invalid::WrongApp).into());
        }
        Redeemed::Unknown => return Err(refusal(Invalid::Unknown).into()),
    };
    let GrantFamily {
        grant,
        session,
        guest,
        admission,
    } = family;
    let presented = Presented {
        app: app.id,
        redirect_uri,
        verifier,
    };
    let mut checked = redeem(&code, &grant, &session, &presented, now);
    if checked.is_ok() && !matches!(admission.access(&guest, now), Access::Allow) {
        checked = Err(Invalid::AccessLost);
    }
    if let Err(invalid) = checked {
        // The code is used up all the same: no second attempt with other parameters.
        tx.revoke_grant(grant.id, now).await?;
        let event = AuditEvent::new(Action::GrantRefused, Actor::App(app.id))
            .guest(guest.id)
            .app(app.id);
        tx.record(event.reason(invalid.name()), now).await?;
        tx.commit().await?;
        return Err(refusal(invalid).into());
    }
    let refresh_until = grant
        .is_offline()
        .then(|| now + core.settings.tokens.refresh_token);
    let tokens = IssuedTokens::store(state, &tx, &grant, grant.scopes.clone(), refresh_until, now).await?;
    let event = AuditEvent::new(Action::TokenIssued, Actor::App(app.id))
        .guest(guest.id)
        .app(app.id);
    tx.record(event.detail("grant", grant.id.to_string()), now)
        .await?;
    tokens.commit(state, tx).await?;
    tokens.response(state, &signer, app, &grant, &guest)
}

/// All of them look the same to the app; the log tells them apart.
pub(super) fn refusal(invalid: Invalid) -> OAuthError {
    OAuthError::invalid_grant("The code or token is invalid, expired, revoked, or another app's")
        .cause(invalid.name())
}
