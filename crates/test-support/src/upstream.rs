//! A small OpenID provider in this process, for Vestibule to be a relying party of: strict about what it is asked,
//! and as hostile in its answers as a test wants it.

mod key;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use domain::time::Clock;
use egress::EgressPolicy;
use federation::Upstreams;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use url::Url;

pub use key::Key;

/// What Vestibule is called there.
pub const CLIENT_ID: &str = "acme";
/// With which secret.
pub const CLIENT_SECRET: &str = "hunter2";

/// Connections that may go to this machine.
///
/// # Panics
///
/// When no client can be built.
pub fn upstreams() -> Upstreams {
    // The second of two tests finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let policy = EgressPolicy {
        http_on_loopback: true,
        ..EgressPolicy::default()
    };
    Upstreams::new(egress::Client::new(policy).unwrap_or_else(|error| panic!("{error}")))
}

/// How it behaves. The default is a provider as it should be, for `anna@contoso.test`.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// Laid over the claims of the next ID token; `null` removes one.
    pub claims: Value,
    /// Laid over its header.
    pub header: Value,
    /// With which key it signs.
    pub key: Key,
    /// The keys that it publishes.
    pub published: Vec<Key>,
    /// What UserInfo says besides `sub`.
    pub user_info: Value,
    /// Answered by UserInfo as a signed JWT, with these claims laid over `iss`, `aud` and `sub`.
    pub user_info_signed: Option<Value>,
    /// UserInfo alone answers with this status.
    pub user_info_fails_with: Option<u16>,
    /// Laid over the answer of the token endpoint.
    pub tokens: Value,
    /// Laid over the discovery document.
    pub discovery: Value,
    /// Answered to every request in place of an answer.
    pub fails_with: Option<u16>,
    /// The token endpoint alone answers with this status.
    pub token_fails_with: Option<u16>,
    /// The token endpoint answers so in place of tokens.
    pub token_error: Option<&'static str>,
    /// Which client secrets in the body are right; `None` wants [`CLIENT_SECRET`] in the header.
    pub takes_secret: Option<fn(&str) -> bool>,
    /// What is changed about the compact ID token at last.
    pub forge: fn(String) -> String,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            claims: json!({}),
            header: json!({}),
            key: Key::First,
            published: vec![Key::First],
            user_info: json!({}),
            user_info_signed: None,
            user_info_fails_with: None,
            tokens: json!({}),
            discovery: json!({}),
            fails_with: None,
            token_fails_with: None,
            token_error: None,
            takes_secret: None,
            forge: |token| token,
        }
    }
}

/// What was asked for, kept until its code is exchanged.
#[derive(Clone, Debug)]
struct Asked {
    challenge: String,
    nonce: String,
    redirect_uri: String,
}

#[derive(Debug, Default)]
struct Shared {
    behaviour: Behaviour,
    asked: HashMap<String, Asked>,
    codes: u32,
    requests: Vec<String>,
}

/// The provider.
#[derive(Clone)]
pub struct TestUpstream {
    /// Its issuer: plain http on this machine.
    pub issuer: String,
    clock: Arc<dyn Clock>,
    shared: Arc<Mutex<Shared>>,
}

impl TestUpstream {
    /// Starts one, whose tokens carry the time of `clock`.
    ///
    /// # Panics
    ///
    /// When no port is free.
    pub async fn start(clock: impl Clock) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let upstream = Self {
            issuer: format!("http://{address}"),
            clock: Arc::new(clock),
            shared: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(discovery))
            .route("/jwks", get(jwks))
            .route("/token", post(token))
            .route("/userinfo", get(user_info))
            .with_state(upstream.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        upstream
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Changes how it behaves from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Behaviour)) {
        change(&mut self.shared().behaviour);
    }

    /// The paths that were asked for since the last call.
    pub fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.shared().requests)
    }

    /// A browser at its authorization endpoint, whose person says yes: the address it is sent back to.
    ///
    /// # Panics
    ///
    /// When the request is not as Vestibule's must be.
    pub fn sign_in(&self, url: &str) -> Url {
        let asked = Url::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"));
        let parameters: HashMap<String, String> = asked.query_pairs().into_owned().collect();
        let parameter = |name: &str| {
            let value = parameters.get(name);
            value
                .unwrap_or_else(|| panic!("{name} is missing in {url}"))
                .clone()
        };
        assert!(url.starts_with(&format!("{}/authorize?", self.issuer)), "{url}");
        assert_eq!(parameter("client_id"), CLIENT_ID);
        assert_eq!(parameter("response_type"), "code");
        assert_eq!(parameter("code_challenge_method"), "S256");
        assert!(parameter("scope").split(' ').any(|scope| scope == "openid"));
        let mut shared = self.shared();
        shared.codes += 1;
        let code = format!("code-{}", shared.codes);
        let redirect_uri = parameter("redirect_uri");
        let asked = Asked {
            challenge: parameter("code_challenge"),
            nonce: parameter("nonce"),
            redirect_uri: redirect_uri.clone(),
        };
        shared.asked.insert(code.clone(), asked);
        let mut back = Url::parse(&redirect_uri).unwrap_or_else(|error| panic!("{error}"));
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &parameter("state"))
            .append_pair("iss", &self.issuer);
        back
    }

    fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// What is answered in place of an answer, when it shall fail.
    fn note(&self, path: &str) -> Result<Behaviour, Response> {
        let mut shared = self.shared();
        shared.requests.push(path.to_owned());
        match shared.behaviour.fails_with {
            Some(status) => Err(http_status(status)),
            None => Ok(shared.behaviour.clone()),
        }
    }

    fn id_token(&self, behaviour: &Behaviour, asked: &Asked) -> String {
        let now = self.now().timestamp();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "anna-7", "nonce": asked.nonce, "iat": now, "exp": now + 300,
            "auth_time": now, "email": "anna@contoso.test", "email_verified": true, "name": "Anna at Contoso",
        });
        lay_over(&mut claims, &behaviour.claims);
        let mut header = json!({ "alg": "EdDSA", "kid": behaviour.key.kid() });
        lay_over(&mut header, &behaviour.header);
        (behaviour.forge)(signed(behaviour.key, &header, &claims))
    }

    /// A logout token as it should be (Back-Channel Logout §2.4), with these claims laid over, signed with its key.
    pub fn logout_token(&self, over: &Value) -> String {
        let now = self.now().timestamp();
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT_ID, "sub": "anna-7", "iat": now, "exp": now + 120, "jti": "once",
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        lay_over(&mut claims, over);
        let key = self.shared().behaviour.key;
        let header = json!({ "alg": "EdDSA", "kid": key.kid(), "typ": "logout+jwt" });
        signed(key, &header, &claims)
    }
}

/// A compact JWS (RFC 7515 §3.1).
fn signed(key: Key, header: &Value, claims: &Value) -> String {
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let message = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(message.as_bytes());
    format!("{message}.{}", BASE64URL_NOPAD.encode(&signature))
}

fn http_status(status: u16) -> Response {
    let status = axum::http::StatusCode::from_u16(status).unwrap_or_default();
    (status, "nothing for you").into_response()
}

/// Lays an object over another; `null` removes.
fn lay_over(base: &mut Value, over: &Value) {
    let (Some(base), Some(over)) = (base.as_object_mut(), over.as_object()) else {
        return;
    };
    for (name, value) in over {
        if value.is_null() {
            base.remove(name);
        } else {
            base.insert(name.clone(), value.clone());
        }
    }
}

async fn discovery(State(upstream): State<TestUpstream>) -> Response {
    let behaviour = match upstream.note("/.well-known/openid-configuration") {
        Ok(behaviour) => behaviour,
        Err(failure) => return failure,
    };
    let issuer = &upstream.issuer;
    let mut document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA", "RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "authorization_response_iss_parameter_supported": true,
    });
    lay_over(&mut document, &behaviour.discovery);
    Json(document).into_response()
}

async fn jwks(State(upstream): State<TestUpstream>) -> Response {
    match upstream.note("/jwks") {
        Ok(behaviour) => {
            let keys: Vec<Value> = behaviour.published.iter().map(|key| key.public()).collect();
            Json(json!({ "keys": keys })).into_response()
        }
        Err(failure) => failure,
    }
}

async fn token(
    State(upstream): State<TestUpstream>,
    headers: axum::http::HeaderMap,
    body: Bytes,
) -> Response {
    let behaviour = match upstream.note("/token") {
        Ok(behaviour) => behaviour,
        Err(failure) => return failure,
    };
    let refuse = |error: &str| {
        (
            axum::http::StatusCode::BAD_REQUEST,
            Json(json!({ "error": error })),
        )
            .into_response()
    };
    if let Some(status) = behaviour.token_fails_with {
        return http_status(status);
    }
    if let Some(error) = behaviour.token_error {
        return refuse(error);
    }
    let form: HashMap<String, String> = url::form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.get(name).cloned().unwrap_or_default();
    let expected = format!(
        "Basic {}",
        BASE64.encode(format!("{CLIENT_ID}:{CLIENT_SECRET}").as_bytes())
    );
    let header = headers.get("authorization").and_then(|value| value.to_str().ok());
    let proven = match behaviour.takes_secret {
        Some(right) => header.is_none() && field("client_id") == CLIENT_ID && right(&field("client_secret")),
        None => header == Some(&*expected),
    };
    if !proven {
        return refuse("invalid_client");
    }
    let Some(asked) = upstream.shared().asked.remove(&field("code")) else {
        return refuse("invalid_grant");
    };
    let challenge = BASE64URL_NOPAD.encode(&Sha256::digest(field("code_verifier").as_bytes()));
    if challenge != asked.challenge || field("redirect_uri") != asked.redirect_uri {
        return refuse("invalid_grant");
    }
    let mut tokens = json!({
        "access_token": "an-access-token", "token_type": "Bearer", "expires_in": 300,
        "id_token": upstream.id_token(&behaviour, &asked),
    });
    lay_over(&mut tokens, &behaviour.tokens);
    Json(tokens).into_response()
}

async fn user_info(State(upstream): State<TestUpstream>, headers: axum::http::HeaderMap) -> Response {
    let behaviour = match upstream.note("/userinfo") {
        Ok(behaviour) => behaviour,
        Err(failure) => return failure,
    };
    let bearer = headers.get("authorization").and_then(|value| value.to_str().ok());
    if bearer != Some("Bearer an-access-token") {
        return http_status(401);
    }
    if let Some(status) = behaviour.user_info_fails_with {
        return http_status(status);
    }
    if let Some(over) = &behaviour.user_info_signed {
        let mut claims = json!({ "iss": upstream.issuer, "aud": CLIENT_ID, "sub": "anna-7" });
        lay_over(&mut claims, over);
        let header = json!({ "alg": "EdDSA", "kid": behaviour.key.kid() });
        let token = signed(behaviour.key, &header, &claims);
        return ([("content-type", "application/jwt")], token).into_response();
    }
    let mut claims = Value::Object(Map::from_iter([("sub".to_owned(), json!("anna-7"))]));
    lay_over(&mut claims, &behaviour.user_info);
    Json(claims).into_response()
}
