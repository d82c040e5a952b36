//! Signing in: the authorization code flow with PKCE (OpenID Connect Core §3.1), from the link to the session.

use std::{sync::Arc, time::Instant};

use anyhow::Context;
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::{AppendHeaders, IntoResponse, Response},
};
use http::HeaderMap;
use openidconnect::{
    AuthorizationCode, CsrfToken, LoginHint, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    Scope, UserInfoError,
    core::{CoreAuthenticationFlow, CoreTokenResponse},
};
use serde::Deserialize;

use crate::{
    app::App,
    cookies,
    front::see_other,
    problem::Problem,
    provider::Connection,
    session::{Session, StartedSignIn, random_id},
    verify::{self, Check, Claims, Expected, Proof, UserInfo},
};

/// What a link to the sign-in may ask for.
#[derive(Default, Deserialize)]
pub(crate) struct Wish {
    /// The guest's address, so that it need not be typed.
    login_hint: Option<String>,
    /// `none`, `login`, …, for experiments: passed on as it is.
    prompt: Option<String>,
    /// For experiments as well: how long ago the guest may have signed in, in seconds.
    max_age: Option<u32>,
    /// Who sends the guest, when it is a provider (Core §4, third-party initiated login).
    iss: Option<String>,
}

/// `GET /start`, the app's home for guests, and `GET /login`, its button.
pub(crate) async fn start(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    wish: Result<Query<Wish>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(wish) = wish?;
    if wish.iss.as_deref().is_some_and(|iss| iss != app.config.issuer()) {
        return Err(Problem::bad_request(
            "Acme Notes does not know the sign-in service that sent you.",
        ));
    }
    begin(&app, &headers, wish).await
}

/// Sends the guest to the provider, and remembers what must be compared afterwards.
pub(crate) async fn begin(app: &App, headers: &HeaderMap, wish: Wish) -> Result<Response, Problem> {
    let connection = app.provider.connection().await.map_err(Problem::provider)?;
    let (pkce_challenge, pkce_verifier) = PkceCodeChallenge::new_random_sha256();
    let mut request = connection
        .client
        // The scope `openid` is added by the library.
        .authorize_url(
            CoreAuthenticationFlow::AuthorizationCode,
            CsrfToken::new_random,
            Nonce::new_random,
        )
        .add_scopes([Scope::new("email".to_owned()), Scope::new("profile".to_owned())])
        .set_pkce_challenge(pkce_challenge);
    if let Some(address) = wish.login_hint.filter(|address| !address.is_empty()) {
        request = request.set_login_hint(LoginHint::new(address));
    }
    if let Some(prompt) = wish.prompt {
        request = request.add_extra_param("prompt", prompt);
    }
    if let Some(max_age) = wish.max_age {
        request = request.add_extra_param("max_age", max_age.to_string());
    }
    let (url, state, nonce) = request.url();

    // One name for the browser, however many tabs sign in at the same time.
    let browser = cookies::read(headers, cookies::BROWSER).unwrap_or_else(random_id);
    let cookie = cookies::set(
        &app.config,
        cookies::BROWSER,
        &browser,
        Some(app.started.lifetime()),
    );
    let started = StartedSignIn {
        pkce_verifier,
        expected: Expected {
            client_id: connection.client.client_id().clone(),
            nonce,
            max_age: wish.max_age,
        },
    };
    app.started
        .put((browser, state.into_secret()), started, Instant::now());
    Ok((AppendHeaders([cookie]), see_other(url.as_str())).into_response())
}

/// What the provider sends the guest back with: a code, or an error.
#[derive(Deserialize)]
pub(crate) struct Answer {
    state: Option<String>,
    iss: Option<String>,
    code: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// `GET /callback`: the guest comes back.
pub(crate) async fn finish(
    State(app): State<Arc<App>>,
    headers: HeaderMap,
    answer: Result<Query<Answer>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(answer) = answer?;
    let old_session = cookies::read(&headers, cookies::SESSION);

    // 1. Did this browser ask? Taking it off the shelf makes every answer count once.
    let Some(StartedSignIn {
        pkce_verifier,
        expected,
    }) = asked(&app, &headers, answer.state)
    else {
        return match &old_session {
            // The guest has reloaded the page, or pressed the button twice.
            Some(id) if app.sessions.get(id, Instant::now()).is_some() => Ok(see_other("/notes")),
            _ => Err(Problem::unknown_state()),
        };
    };
    let mut checks = vec![Check::passed(
        "state",
        "the answer is to a question of this browser, and to no other",
    )];

    // 2. Did the provider that we asked answer? Before anything else in the answer is believed, errors included.
    let connection = app.provider.connection().await.map_err(Problem::provider)?;
    let issuer = verify::response_issuer(
        answer.iss.as_deref(),
        app.config.issuer(),
        connection.promises_iss,
    );
    checks.extend(issuer.map_err(Problem::not_verified)?);

    // 3. Did it say yes?
    if let Some(error) = answer.error {
        return Err(Problem::refused(error, answer.error_description));
    }
    let code = answer
        .code
        .ok_or_else(|| Problem::bad_request("The answer has neither a code nor an error."))?;

    // 4. The code becomes tokens. The provider compares the PKCE verifier with the challenge of step 0.
    let tokens = redeem(&app, &connection, code, pkce_verifier)
        .await
        .map_err(Problem::provider)?;
    checks.push(Check::passed(
        "PKCE",
        "the code was redeemed with the verifier that only this app knows (S256)",
    ));

    // 5. The ID token holds. If it names a key that we have not seen, the provider has rotated its keys: ask once.
    let mut proof = verify::id_token(&connection.client.id_token_verifier(), &tokens, &expected);
    if proof.as_ref().is_err_and(verify::Refusal::is_unknown_key) {
        let connection = app
            .provider
            .reconnect(&connection)
            .await
            .map_err(Problem::provider)?;
        proof = verify::id_token(&connection.client.id_token_verifier(), &tokens, &expected);
    }
    let proof = proof.map_err(Problem::not_verified)?;
    checks.extend(proof.checks.iter().cloned());

    // 6. UserInfo, about the same subject.
    let user_info = ask_user_info(&app, &connection, &tokens, &proof).await?;
    if user_info.is_some() {
        checks.push(Check::passed(
            "userinfo sub",
            "UserInfo is about the same guest as the ID token",
        ));
    }

    // 7. The guest is in, under a new session id: one that was known before is worth nothing (session fixation).
    if let Some(id) = old_session {
        app.sessions.take(&id, Instant::now());
    }
    let session = Session {
        claims: Claims::new(proof.claims, user_info.as_ref()),
        checks,
        id_token: proof.id_token,
    };
    let id = random_id();
    let cookie = cookies::set(&app.config, cookies::SESSION, &id, Some(app.sessions.lifetime()));
    app.sessions.put(id, Arc::new(session), Instant::now());
    // A redirect, so that the code does not stay in the address bar.
    Ok((AppendHeaders([cookie]), see_other("/notes")).into_response())
}

fn asked(app: &App, headers: &HeaderMap, state: Option<String>) -> Option<StartedSignIn> {
    let browser = cookies::read(headers, cookies::BROWSER)?;
    app.started.take(&(browser, state?), Instant::now())
}

/// Redeems a code at the token endpoint. The library authenticates the app with `client_secret_basic`.
async fn redeem(
    app: &App,
    connection: &Connection,
    code: String,
    verifier: PkceCodeVerifier,
) -> anyhow::Result<CoreTokenResponse> {
    connection
        .client
        .exchange_code(AuthorizationCode::new(code))
        .context("the provider has no token endpoint")?
        .set_pkce_verifier(verifier)
        .request_async(&app.http)
        .await
        .context("redeeming the code")
}

/// Asks for UserInfo, if the provider has it. The library refuses an answer about another subject (Core §5.3.2).
async fn ask_user_info(
    app: &App,
    connection: &Connection,
    tokens: &CoreTokenResponse,
    proof: &Proof,
) -> Result<Option<UserInfo>, Problem> {
    if connection.client.user_info_url().is_none() {
        return Ok(None);
    }
    let token = tokens.access_token().clone();
    let request = connection
        .client
        .user_info(token, Some(proof.subject.clone()))
        .map_err(Problem::provider)?;
    match request.request_async(&app.http).await {
        Ok(user_info) => Ok(Some(user_info)),
        Err(UserInfoError::ClaimsVerification(error)) => Err(Problem::not_verified(error)),
        Err(error) => Err(Problem::provider(
            anyhow::Error::new(error).context("asking for UserInfo"),
        )),
    }
}
