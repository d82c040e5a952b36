//! `grant_type=refresh_token` (RFC 6749 §6): every use rotates the token. A second use of one repeats its answer for a
//! moment, while the token that follows has not been used; after that it ends the family (RFC 9700 §4.14.2).

use domain::{
    Secret,
    access::Access,
    audit::{Action, Actor, AuditEvent},
    authorization::{Scope, Scopes},
    grant::{Invalid, refresh, repeats_refresh},
};
use serde_json::Value;
use store::GrantFamily;

use super::{
    authorization_code::refusal,
    issue::{IssuedTokens, Successors},
};
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
    let token = form
        .get("refresh_token")
        .ok_or_else(|| OAuthError::invalid_request("refresh_token is missing"))?;
    let token = Secret::presented(token);
    let hash = token.hash();
    let signer = state.keys.signer(core, app.signing_algorithm).await?;
    let now = core.now();

    let tx = core.store.begin().await?;
    by.record(&tx, now).await?;
    let is_fresh = tx.spend_refresh_token(&hash, app.id, now).await?;
    let held = tx.held_refresh(&hash).await?;
    let held = held.ok_or_else(|| refusal(Invalid::Unknown))?;
    if held.family.grant.app != app.id {
        return Err(refusal(Invalid::WrongApp).into());
    }
    // A scope too wide rolls back: the token stays unspent.
    let scopes = narrowed(&held.family.grant.scopes, form.get("scope"))?;
    let spent_before = held.spent_at.filter(|_| !is_fresh);
    let spent = held.token;
    let GrantFamily {
        grant,
        session,
        guest,
        admission,
    } = held.family;
    if let Some(at) = spent_before {
        let next = tx
            .refresh_token(&Successors::of(state, &token, at).refresh.hash())
            .await?;
        let is_unspent = next.is_some_and(|(.., spent)| spent.is_none());
        if !repeats_refresh(at, is_unspent, core.settings.tokens.refresh_repeat, now) {
            tx.revoke_grant(grant.id, now).await?;
            let event = AuditEvent::new(Action::GrantReused, Actor::App(app.id)).app(app.id);
            tx.record(event.detail("grant", grant.id.to_string()), now)
                .await?;
            tx.commit().await?;
            return Err(refusal(Invalid::Reused).into());
        }
    }
    let mut checked = refresh(&spent, &grant, &session, app.id, now);
    if checked.is_ok() && !matches!(admission.access(&guest, now), Access::Allow) {
        checked = Err(Invalid::AccessLost);
    }
    if let Err(invalid) = checked {
        tx.revoke_grant(grant.id, now).await?;
        let event = AuditEvent::new(Action::GrantRefused, Actor::App(app.id))
            .guest(guest.id)
            .app(app.id);
        tx.record(event.reason(invalid.name()), now).await?;
        tx.commit().await?;
        return Err(refusal(invalid).into());
    }
    let tokens = if let Some(at) = spent_before {
        IssuedTokens::repeat(state, &tx, &grant, scopes, (&token, at), now).await?
    } else {
        // The family's end does not move: rotation gives a new token, not a longer life.
        let until = spent.expires_at;
        IssuedTokens::follow(state, &tx, &grant, scopes, (&token, until), now).await?
    };
    let mut event = AuditEvent::new(Action::TokenRefreshed, Actor::App(app.id))
        .guest(guest.id)
        .app(app.id)
        .detail("grant", grant.id.to_string());
    if spent_before.is_some() {
        event = event.reason("repeated");
    }
    tx.record(event, now).await?;
    tokens.commit(state, tx).await?;
    // A refreshed ID token need not repeat the nonce (OpenID Connect Core §12.2).
    let grant = domain::grant::Grant { nonce: None, ..grant };
    tokens.response(state, &signer, app, &grant, &guest)
}

/// Fewer scopes than were granted, never more (RFC 6749 §6).
fn narrowed(granted: &Scopes, asked: Option<&str>) -> Result<Scopes, OAuthError> {
    let Some(asked) = asked else {
        return Ok(granted.clone());
    };
    let known = |word: &str| Scope::ALL.iter().any(|scope| scope.name() == word);
    let words: Vec<&str> = asked.split(' ').filter(|word| !word.is_empty()).collect();
    let scopes = Scopes::parse(asked);
    if words.iter().all(|word| known(word)) && scopes.is_subset(granted) {
        Ok(scopes)
    } else {
        Err(OAuthError::new(
            "invalid_scope",
            "scope must be among what was granted",
        ))
    }
}
