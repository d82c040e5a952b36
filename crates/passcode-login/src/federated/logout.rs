//! What upstreams say of those who signed out there (OpenID Connect Back-Channel Logout 1.0 §2.5 to §2.8): their
//! sessions here end, with what came of them.

use axum::{
    Extension, Json,
    body::Bytes,
    extract::{FromRequestParts, Path, Request, State},
    response::{IntoResponse, Response},
};
use domain::{
    Secret,
    audit::{Action, Actor, AuditEvent},
    rate::Limit,
    upstream::{Upstream, UpstreamKind},
};
use federation::{LoggedOut, UpstreamError, Upstreams};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use sign_in::Core;
use store::{StoreError, UpstreamSessions};
use web::{ClientIp, Failure};

use super::arrive::{CallbackOf, named};

/// The longest form that is read, in bytes.
const LENGTH_MAX: usize = 64 * 1024;

/// How many tokens one network may bring.
const TOKENS: Limit = Limit::per_hour(6000);

/// `POST /federation/{name}/backchannel-logout`.
pub(crate) async fn by_tenant(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    signed_out(
        &core,
        &upstreams,
        &CallbackOf(UpstreamKind::Tenant, name),
        request,
    )
    .await
}

/// `POST /personal-account/{name}/backchannel-logout`.
pub(crate) async fn by_provider(
    State(core): State<Core>,
    Extension(upstreams): Extension<Upstreams>,
    Path(name): Path<String>,
    request: Request,
) -> Result<Response, Failure> {
    signed_out(
        &core,
        &upstreams,
        &CallbackOf(UpstreamKind::Provider, name),
        request,
    )
    .await
}

async fn signed_out(
    core: &Core,
    upstreams: &Upstreams,
    callback: &CallbackOf,
    request: Request,
) -> Result<Response, Failure> {
    let (mut parts, body) = request.into_parts();
    let network = match ClientIp::from_request_parts(&mut parts, core).await {
        Ok(ip) => ip.network(),
        Err(never) => match never {},
    };
    let Ok(body) = axum::body::to_bytes(body, LENGTH_MAX).await else {
        return Ok(refused(StatusCode::BAD_REQUEST, "the form cannot be read"));
    };
    let Some(token) = logout_token(&body) else {
        return Ok(refused(
            StatusCode::BAD_REQUEST,
            "exactly one logout_token is needed",
        ));
    };
    // One that is switched off may still end what it began.
    let upstream = named(&core.store.reader(), callback).await?;
    let Some((upstream, connection)) = upstream.and_then(|mut upstream| {
        upstream
            .connection
            .take()
            .map(|connection| (upstream, connection))
    }) else {
        return Ok(refused(StatusCode::NOT_FOUND, "there is no such upstream"));
    };
    if !may_ask(core, &network).await? {
        return Ok(refused(StatusCode::TOO_MANY_REQUESTS, "too many logout tokens"));
    }
    let logged_out = match upstreams.logged_out(&connection, &token, core.now()).await {
        Ok(logged_out) => logged_out,
        Err(error) => {
            tracing::warn!(upstream = upstream.name, %error, "a logout token was refused");
            return Ok(match error {
                UpstreamError::Unreachable(_) | UpstreamError::Busy(_) => {
                    refused(StatusCode::SERVICE_UNAVAILABLE, "your keys could not be fetched")
                }
                error => refused(StatusCode::BAD_REQUEST, &error.to_string()),
            });
        }
    };
    end(core, &upstream, &logged_out).await?;
    Ok(answered(StatusCode::OK.into_response()))
}

pub(super) async fn may_ask(core: &Core, network: &str) -> Result<bool, StoreError> {
    let tx = core.store.begin().await?;
    let taken = tx.take("federation.logouts", network, TOKENS, core.now()).await?;
    tx.commit().await?;
    Ok(taken.is_allowed())
}

/// Ends the sessions that the token names, once: a token that is sent again does not end a later session.
pub(super) async fn end(core: &Core, upstream: &Upstream, logged_out: &LoggedOut) -> Result<(), StoreError> {
    let now = core.now();
    let tx = core.store.begin().await?;
    let once = Secret::presented(format!("logout token\n{}\n{}", upstream.id, logged_out.token)).hash();
    if !tx.spend(&once, logged_out.until).await? {
        return Ok(());
    }
    // A session that is named is meant alone (§2.4).
    let ended = match (&logged_out.session, &logged_out.account) {
        (Some(sid), _) => {
            tx.end_upstream_sessions(upstream.id, UpstreamSessions::Called(sid), now)
                .await?
        }
        (None, Some(account)) => match tx.owner_of_account(upstream.id, account).await? {
            Some(guest) => {
                tx.end_upstream_sessions(upstream.id, UpstreamSessions::Of(guest), now)
                    .await?
            }
            None => Vec::new(),
        },
        (None, None) => Vec::new(),
    };
    for (session, guest) in ended {
        let revoked = tx.revoke_grants_of_session(session, now, true).await?;
        let event = AuditEvent::new(Action::SessionEnded, Actor::System)
            .guest(guest)
            .reason("signed_out_upstream")
            .detail(upstream.kind.name(), upstream.name.as_str())
            .detail("session", session.to_string())
            .detail("grants", revoked.len().to_string());
        tx.record(event, now).await?;
    }
    tx.commit().await
}

fn logout_token(body: &Bytes) -> Option<String> {
    let mut tokens = form_urlencoded::parse(body).filter(|(name, _)| name == "logout_token");
    let token = tokens.next()?.1.into_owned();
    tokens.next().is_none().then_some(token)
}

/// §2.8.
fn refused(status: StatusCode, what: &str) -> Response {
    let body = json!({ "error": "invalid_request", "error_description": what });
    answered((status, Json(body)).into_response())
}

fn answered(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
