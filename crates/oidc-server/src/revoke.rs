//! Revocation (RFC 7009): an app gives a token back.

use axum::{
    body::Bytes,
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use domain::{
    Id, Secret, SecretHash,
    app::App,
    audit::{Action, Actor, AuditEvent},
    grant::Grant,
};
use http::{HeaderMap, StatusCode};
use store::{Reader, StoreError};

use crate::{
    client_auth,
    error::{OAuthError, TokenRefused, no_store},
    state::State,
    token::endpoint::form,
};

/// `POST /revoke`. 200 also for unknown tokens, and for another app's, which stay as they are (§2.2).
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

async fn revoke(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<(), TokenRefused> {
    let core = &state.core;
    let form = form(headers, body)?;
    let by = client_auth::authenticate(core, headers, &form).await?;
    let token = form
        .get("token")
        .ok_or_else(|| OAuthError::invalid_request("token is missing"))?;
    let hash = Secret::presented(token).hash();
    let now = core.now();

    let found = find(&core.store.reader(), by.app.id, &hash).await?;
    // An unknown token needs no write, so that random tokens cannot keep the writer busy.
    if found.is_none() && !by.must_record() {
        return Ok(());
    }
    let tx = core.store.begin().await?;
    by.record(&tx, now).await?;
    if let Some((grant, what)) = found {
        let ended = match what {
            What::Grant => tx.revoke_grant(grant.id, now).await?,
            What::AccessToken => tx.revoke_access_token(&hash).await?,
        };
        if ended {
            let event = AuditEvent::new(Action::GrantRevoked, Actor::App(by.app.id))
                .guest(grant.guest)
                .app(grant.app)
                .reason(what.name());
            tx.record(event.detail("grant", grant.id.to_string()), now)
                .await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// What ends.
#[derive(Clone, Copy)]
enum What {
    /// With a refresh token its whole family (§2.1).
    Grant,
    /// The access token alone.
    AccessToken,
}

impl What {
    fn name(self) -> &'static str {
        match self {
            Self::Grant => "refresh_token_given_back",
            Self::AccessToken => "access_token_given_back",
        }
    }
}

/// The app's own token of that hash. The hint only says where to look first (§2.1); there are two places, and both
/// are looked at.
async fn find(reader: &Reader, app: Id<App>, hash: &SecretHash) -> Result<Option<(Grant, What)>, StoreError> {
    if let Some((_, grant, _)) = reader.refresh_token(hash).await? {
        return Ok(Some((grant, What::Grant)).filter(|(grant, _)| grant.app == app));
    }
    let found = reader.access_token(hash).await?;
    Ok(found
        .map(|(_, grant)| (grant, What::AccessToken))
        .filter(|(grant, _)| grant.app == app))
}
