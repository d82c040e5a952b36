//! The ceiling: only what a server of silent flows cannot leave out. A lookup of session and client, a code that is kept and taken
//! once, a challenge that is hashed, tokens that are kept, one signature. No rule, no audit, no check of what it is sent.

mod signing;
mod storage;

use std::{collections::HashMap, net::Ipv4Addr, path::PathBuf, sync::Arc};

use anyhow::Result;
use axum::{
    Json, Router,
    extract::{Form, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use clap::Args;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use self::{
    signing::CeilingSigner,
    storage::{CeilingStorage, TakenToken},
};

/// Started by `run`, which knows the rest.
#[derive(Args)]
pub(crate) struct CeilingArguments {
    /// Where it listens, on this machine
    #[arg(long)]
    pub(crate) port: u16,
    /// Where its database is made
    #[arg(long)]
    pub(crate) directory: PathBuf,
    /// How ID tokens are signed
    #[arg(long)]
    pub(crate) alg: String,
}

/// How many sessions there are, called `0` and on.
pub(crate) const SESSIONS: u32 = 64;
pub(crate) const CLIENT: &str = "notes";
pub(crate) const SECRET: &str = "secret-of-the-ceiling";
pub(crate) const REDIRECT_URI: &str = "http://localhost:1/callback";

struct Ceiling {
    storage: CeilingStorage,
    signer: CeilingSigner,
    issuer: String,
    secret: [u8; 32],
}

type CeilingState = State<Arc<Ceiling>>;
type FormFields = HashMap<String, String>;

/// Serves until the process is ended.
pub(crate) async fn serve(arguments: &CeilingArguments) -> Result<()> {
    let ceiling = Ceiling {
        storage: CeilingStorage::open(&arguments.directory.join("ceiling.db"))?,
        signer: CeilingSigner::generate(&arguments.alg)?,
        issuer: format!("http://localhost:{}", arguments.port),
        secret: hash(SECRET),
    };
    let (discovery, keys) = (discovery(&ceiling.issuer), ceiling.signer.keys());
    let router = Router::new()
        .route(
            "/.well-known/openid-configuration",
            get(async move || document(discovery)),
        )
        .route("/jwks", get(async move || document(keys)))
        .route("/authorize", get(authorize))
        .route("/token", post(token))
        .route("/userinfo", get(userinfo))
        .route("/introspect", post(introspect))
        .with_state(Arc::new(ceiling));
    let socket = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await?;
    Ok(axum::serve(socket, router).await?)
}

fn document(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

fn discovery(issuer: &str) -> String {
    let endpoints = ["authorize", "token", "userinfo", "introspect", "jwks"];
    let mut document = json!({ "issuer": issuer, "response_types_supported": ["code"] });
    for name in endpoints {
        document[format!("{name}_endpoint")] = format!("{issuer}/{name}").into();
    }
    document.to_string()
}

/// SHA-256 of a secret.
pub(crate) fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret).into()
}

fn secret() -> Result<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(BASE64URL_NOPAD.encode(&bytes))
}

/// What went wrong; the driver stops at the first.
struct Wrong(anyhow::Error);

impl<E: Into<anyhow::Error>> From<E> for Wrong {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Wrong {
    fn into_response(self) -> Response {
        (StatusCode::BAD_REQUEST, self.0.to_string()).into_response()
    }
}

fn named<'a>(parameters: &'a FormFields, name: &str) -> Result<&'a str> {
    let value = parameters.get(name).map(String::as_str);
    value.ok_or_else(|| anyhow::anyhow!("{name} is missing"))
}

async fn authorize(
    State(ceiling): CeilingState,
    headers: HeaderMap,
    Query(parameters): Query<FormFields>,
) -> Result<Response, Wrong> {
    let cookie = headers.get(header::COOKIE).and_then(|value| value.to_str().ok());
    let session = cookie.and_then(|cookie| cookie.strip_prefix("session="));
    let session = session.ok_or_else(|| anyhow::anyhow!("no session"))?;
    let guest = ceiling.storage.guest_of_session(hash(session))?;
    let redirect_uri = ceiling.storage.redirect_uri(named(&parameters, "client_id")?)?;
    let code = secret()?;
    let challenge = named(&parameters, "code_challenge")?.to_owned();
    let nonce = named(&parameters, "nonce")?.to_owned();
    ceiling
        .storage
        .keep_code(hash(&code), guest, challenge, nonce)
        .await?;
    let state = named(&parameters, "state")?;
    let location = format!("{redirect_uri}?code={code}&state={state}&iss={}", ceiling.issuer);
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

async fn token(
    State(ceiling): CeilingState,
    headers: HeaderMap,
    Form(form): Form<FormFields>,
) -> Result<Json<Value>, Wrong> {
    authenticate(&ceiling, &headers)?;
    let (access, refresh) = (secret()?, secret()?);
    let next = (hash(&access), hash(&refresh));
    let taken = if named(&form, "grant_type")? == "refresh_token" {
        let presented = hash(named(&form, "refresh_token")?);
        ceiling.storage.take_refresh(presented, next).await?
    } else {
        let challenge = BASE64URL_NOPAD.encode(&hash(named(&form, "code_verifier")?));
        let presented = hash(named(&form, "code")?);
        ceiling.storage.take_code(presented, challenge, next).await?
    };
    let TakenToken { guest, nonce } = taken.ok_or_else(|| anyhow::anyhow!("invalid_grant"))?;
    let id_token = ceiling.signer.sign(&ceiling.issuer, CLIENT, guest, &nonce)?;
    Ok(Json(json!({
        "access_token": access,
        "token_type": "Bearer",
        "expires_in": 600,
        "refresh_token": refresh,
        "id_token": id_token,
    })))
}

async fn userinfo(State(ceiling): CeilingState, headers: HeaderMap) -> Result<Json<Value>, Wrong> {
    let value = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let token = value.and_then(|value| value.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| anyhow::anyhow!("no token"))?;
    let guest = ceiling.storage.guest_of_token(hash(token))?;
    Ok(Json(
        json!({ "sub": guest.to_string(), "email": format!("guest{guest}@contoso.test") }),
    ))
}

async fn introspect(
    State(ceiling): CeilingState,
    headers: HeaderMap,
    Form(form): Form<FormFields>,
) -> Result<Json<Value>, Wrong> {
    authenticate(&ceiling, &headers)?;
    let guest = ceiling.storage.guest_of_token(hash(named(&form, "token")?))?;
    Ok(Json(
        json!({ "active": true, "sub": guest.to_string(), "client_id": CLIENT }),
    ))
}

/// `Basic`, compared by the secret's hash.
fn authenticate(ceiling: &Ceiling, headers: &HeaderMap) -> Result<()> {
    let value = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let pair = value.and_then(|value| value.strip_prefix("Basic "));
    let pair = pair.and_then(|pair| data_encoding::BASE64.decode(pair.as_bytes()).ok());
    let pair = pair.and_then(|pair| String::from_utf8(pair).ok());
    let secret = pair
        .as_deref()
        .and_then(|pair| pair.split_once(':'))
        .map(|(_, secret)| secret);
    anyhow::ensure!(
        secret.is_some_and(|secret| hash(secret) == ceiling.secret),
        "invalid_client"
    );
    Ok(())
}
