//! Signing out, here and at the provider (OpenID Connect RP-Initiated Logout 1.0).

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{AppendHeaders, IntoResponse, Response},
};
use http::HeaderMap;
use openidconnect::{ClientId, CsrfToken, LogoutRequest, PostLogoutRedirectUrl};
use serde::Deserialize;

use crate::{
    app::App,
    cookies,
    front::see_other,
    pages::{Page, SignedOutPage},
    problem::Problem,
    session::random_id,
};

/// How long the provider may take to ask the guest whether they mean it.
const LIFETIME: Duration = Duration::from_mins(15);

/// `POST /signout`. The session here ends first: whatever the provider does, the guest is out of this app.
pub(crate) async fn sign_out(State(app): State<Arc<App>>, headers: HeaderMap) -> Result<Response, Problem> {
    let remove = cookies::remove(&app.config, cookies::SESSION);
    let id = cookies::read(&headers, cookies::SESSION);
    let Some(session) = id.and_then(|id| app.sessions.take(&id, Instant::now())) else {
        return Ok((AppendHeaders([remove]), see_other("/signed-out")).into_response());
    };
    let connection = app.provider.connection().await.map_err(Problem::provider)?;
    let Some(end_session) = connection.end_session.clone() else {
        return Ok((AppendHeaders([remove]), see_other("/signed-out")).into_response());
    };
    let state = random_id();
    let url = LogoutRequest::from(end_session)
        .set_id_token_hint(&session.id_token)
        .set_client_id(ClientId::new(app.config.client_id.clone()))
        .set_post_logout_redirect_uri(PostLogoutRedirectUrl::from_url(app.config.at("/signed-out")))
        .set_state(CsrfToken::new(state.clone()))
        .http_get_url();
    let remember = cookies::set(&app.config, cookies::SIGN_OUT, &state, Some(LIFETIME));
    Ok((AppendHeaders([remove, remember]), see_other(url.as_str())).into_response())
}

/// What the provider sends the guest back with.
#[derive(Deserialize)]
pub(crate) struct Back {
    state: Option<String>,
}

/// `GET /signed-out`. Says that the provider's session is over only when the provider has really answered.
pub(crate) async fn signed_out(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    back: Result<Query<Back>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(back) = back?;
    let asked = cookies::read(&headers, cookies::SIGN_OUT);
    let everywhere = asked.is_some() && asked == back.state;
    let session = cookies::read(&headers, cookies::SESSION);
    let still_in = session.is_some_and(|id| app.sessions.get(&id, Instant::now()).is_some());
    let forget = cookies::remove(&app.config, cookies::SIGN_OUT);
    Ok((
        AppendHeaders([forget]),
        Page(SignedOutPage { everywhere, still_in }),
    )
        .into_response())
}
