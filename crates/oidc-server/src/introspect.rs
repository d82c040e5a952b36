//! Introspection (RFC 7662): whether a token of the asking app is good.

use axum::{
    Json,
    body::Bytes,
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{Secret, access::Access, authorization::Scopes, grant::Grant, guest::Guest};
use http::HeaderMap;
use serde_json::{Value, json};
use store::{Admission, GrantFamily, HeldAccess};

use crate::{
    client_auth::{self, Authenticated},
    error::{OAuthError, TokenRefused, no_store},
    state::State,
    token::endpoint::form,
};

/// `POST /introspect`. A public app has nothing to prove itself with, and is refused.
pub(crate) async fn post(Extract(state): Extract<State>, headers: HeaderMap, body: Bytes) -> Response {
    match introspect(&state, &headers, &body).await {
        Ok(answer) => {
            let mut response = Json(answer).into_response();
            no_store(&mut response);
            response
        }
        Err(refused) => refused.into_response(),
    }
}

async fn introspect(state: &State, headers: &HeaderMap, body: &[u8]) -> Result<Value, TokenRefused> {
    let core = &state.core;
    let form = form(headers, body)?;
    let by = client_auth::authenticate(core, headers, &form).await?;
    if by.app.authentication.is_public() {
        return Err(
            OAuthError::invalid_client("Introspection needs an app that can prove itself", false).into(),
        );
    }
    let now = core.now();
    if by.must_record() {
        let tx = core.store.begin().await?;
        by.record(&tx, now).await?;
        tx.commit().await?;
    }
    let token = form
        .get("token")
        .ok_or_else(|| OAuthError::invalid_request("token is missing"))?;
    let found = look_up(state, &by, &Secret::presented(token), now).await?;
    // Unknown, expired, revoked and foreign tokens look the same (§2.2).
    Ok(found.unwrap_or_else(|| json!({ "active": false })))
}

async fn look_up(
    state: &State,
    by: &Authenticated,
    token: &Secret,
    now: DateTime<Utc>,
) -> Result<Option<Value>, TokenRefused> {
    let reader = state.core.store.reader();
    let hash = token.hash();
    if let Some(held) = reader.held_access(&hash).await? {
        let HeldAccess {
            token,
            grant,
            guest,
            admission,
        } = &held;
        let good = token.expires_at > now;
        let answer = describe(state, by, grant, (guest, admission), &token.scopes, now).filter(|_| good);
        return Ok(answer.map(|mut answer| {
            answer["token_type"] = json!("Bearer");
            answer["exp"] = json!(token.expires_at.timestamp());
            answer["iat"] = json!(token.issued_at.timestamp());
            answer
        }));
    }
    let Some(held) = reader.held_refresh(&hash).await? else {
        return Ok(None);
    };
    let GrantFamily {
        grant,
        session,
        guest,
        admission,
    } = &held.family;
    let alive = domain::grant::refresh(&held.token, grant, session, by.app.id, now).is_ok();
    let answer = describe(state, by, grant, (guest, admission), &grant.scopes, now)
        .filter(|_| alive && held.spent_at.is_none());
    Ok(answer.map(|mut answer| {
        answer["exp"] = json!(held.token.expires_at.timestamp());
        answer["iat"] = json!(grant.created_at.timestamp());
        answer
    }))
}

/// What an app may know of its own token, when the grant behind it still counts.
fn describe(
    state: &State,
    by: &Authenticated,
    grant: &Grant,
    (guest, admission): (&Guest, &Admission),
    scopes: &Scopes,
    now: DateTime<Utc>,
) -> Option<Value> {
    if grant.app != by.app.id || grant.revoked_at.is_some() {
        return None;
    }
    if !matches!(admission.access(guest, now), Access::Allow) {
        return None;
    }
    Some(json!({
        "active": true,
        "iss": state.core.settings.issuer.as_str(),
        "client_id": by.app.client_id,
        "aud": by.app.client_id,
        "sub": guest.subject.as_str(),
        "scope": scopes.to_string(),
        "acr": grant.authentication.acr().name(),
        "amr": grant.authentication.amr(),
        "auth_time": grant.authentication.at.timestamp(),
    }))
}
