//! Revocation (RFC 7009): an app gives a token back.

use axum::{
    body::Bytes,
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use domain::{
    Secret,
    audit::{Action, Actor, AuditEvent},
};
use http::{HeaderMap, StatusCode};

use crate::{
    State, client_auth,
    error::{OAuthError, Refused, no_store},
    token::endpoint::form,
};

/// `POST /revoke`. 200 also for tokens that nobody knows, and for another app's, which stay as they are (§2.2).
pub(crate) async fn post(Extract(state): Extract<State>, headers: HeaderMap, body: Bytes) -> Response {
    match revoke(&state, &headers, &body).await {
        Ok(()) => {
            let mut response = StatusCode::OK.into_response();
            no_store(&mut response);
            response
        }
        Err(refused) => refused.into_response(),
    }
}

async fn revoke(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<(), Refused> {
    let core = &state.core;
    let form = form(headers, body)?;
    let by = client_auth::authenticate(core, headers, &form).await?;
    let token = form
        .get("token")
        .ok_or_else(|| OAuthError::invalid_request("token is missing"))?;
    let hash = Secret::presented(token).hash();
    let now = core.now();

    let tx = core.store.begin().await?;
    by.record(&tx, now).await?;
    let own = |grant: &domain::grant::Grant| grant.app == by.app.id;
    // The hint only says where to look first (§2.1); there are two places, and both are looked at.
    if let Some((_, grant, _)) = tx.refresh_token(&hash).await?.filter(|(_, grant, _)| own(grant)) {
        if tx.revoke_grant(grant.id, now).await? {
            let event = AuditEvent::new(Action::GrantRevoked, Actor::App(by.app.id))
                .guest(grant.guest)
                .app(grant.app);
            tx.record(event.detail("grant", grant.id.to_string()), now)
                .await?;
        }
    } else if tx
        .access_token(&hash)
        .await?
        .is_some_and(|(_, grant)| own(&grant))
    {
        tx.revoke_access_token(&hash).await?;
    }
    tx.commit().await?;
    Ok(())
}
