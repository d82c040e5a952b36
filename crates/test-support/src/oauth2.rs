//! A small OAuth 2.0 provider in this process, with the APIs of GitHub and Facebook: strict about what it is asked, and
//! as hostile in its answers as a test wants it.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use data_encoding::BASE64URL_NOPAD;
use domain::{
    Secret,
    upstream::{Oauth2Connection, Oauth2Endpoints, Oauth2Kind},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use url::{Url, form_urlencoded};

use crate::upstream::{CLIENT_ID, CLIENT_SECRET};

const TOKEN: &str = "gho_an-access-token";

/// How it behaves. The default is a provider as it should be, for the account 583231 of `anna@contoso.test`.
#[derive(Clone, Debug)]
pub struct Oauth2Behaviour {
    /// `GET /user` and `GET /me`.
    pub user: Value,
    /// `GET /user/emails`.
    pub emails: Value,
    /// The token endpoint answers so in place of a token, with this status.
    pub token: Option<(u16, Value)>,
    /// Every request of the API is answered with this status.
    pub api_fails_with: Option<u16>,
}

impl Default for Oauth2Behaviour {
    fn default() -> Self {
        Self {
            user: json!({ "id": 583_231, "login": "anna", "name": "Anna at the Hub" }),
            emails: json!([{ "email": "anna@contoso.test", "primary": true, "verified": true }]),
            token: None,
            api_fails_with: None,
        }
    }
}

#[derive(Default)]
struct Shared {
    behaviour: Oauth2Behaviour,
    /// The challenge and the redirect URI of each code.
    codes: HashMap<String, (String, String)>,
    requests: Vec<String>,
}

/// The provider.
#[derive(Clone)]
pub struct TestOauth2 {
    /// Plain http on this machine.
    pub origin: String,
    shared: Arc<Mutex<Shared>>,
}

impl TestOauth2 {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// When no port is free.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await;
        let listener = listener.unwrap_or_else(|error| panic!("{error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("{error}"));
        let provider = Self {
            origin: format!("http://{address}"),
            shared: Arc::default(),
        };
        let router = Router::new()
            .route("/token", post(token))
            .route("/user", get(user))
            .route("/me", get(user))
            .route("/user/emails", get(emails))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    /// The connection to it.
    pub fn connection(&self, kind: Oauth2Kind) -> Oauth2Connection {
        Oauth2Connection {
            kind,
            endpoints: Oauth2Endpoints {
                authorization: format!("{}/authorize", self.origin),
                token: format!("{}/token", self.origin),
                api: self.origin.clone(),
            },
            client_id: CLIENT_ID.into(),
            client_secret: Secret::presented(CLIENT_SECRET),
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes how it behaves from now on.
    pub fn behave(&self, change: impl FnOnce(&mut Oauth2Behaviour)) {
        change(&mut self.shared().behaviour);
    }

    /// What was asked for since the last call: paths, with their queries.
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
        assert!(url.starts_with(&format!("{}/authorize?", self.origin)), "{url}");
        let parameters: HashMap<String, String> = asked.query_pairs().into_owned().collect();
        let parameter = |name: &str| {
            let value = parameters.get(name);
            value
                .unwrap_or_else(|| panic!("{name} is missing in {url}"))
                .clone()
        };
        assert_eq!(parameter("client_id"), CLIENT_ID);
        assert_eq!(parameter("response_type"), "code");
        assert_eq!(parameter("code_challenge_method"), "S256");
        let mut shared = self.shared();
        let code = format!("code-{}", shared.codes.len());
        let redirect_uri = parameter("redirect_uri");
        shared
            .codes
            .insert(code.clone(), (parameter("code_challenge"), redirect_uri.clone()));
        let mut back = Url::parse(&redirect_uri).unwrap_or_else(|error| panic!("{error}"));
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &parameter("state"));
        back
    }

    fn note(&self, path: &str) -> Oauth2Behaviour {
        let mut shared = self.shared();
        shared.requests.push(path.to_owned());
        shared.behaviour.clone()
    }
}

async fn token(State(provider): State<TestOauth2>, headers: HeaderMap, body: Bytes) -> Response {
    let behaviour = provider.note("/token");
    if let Some((status, answer)) = behaviour.token {
        let status = StatusCode::from_u16(status).unwrap_or_default();
        return (status, answer.to_string()).into_response();
    }
    let form: HashMap<String, String> = form_urlencoded::parse(&body).into_owned().collect();
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    let error = |code: &str| axum::Json(json!({ "error": code })).into_response();
    // GitHub answers a form unless JSON is asked for, and errors with 200.
    if headers
        .get(header::ACCEPT)
        .is_none_or(|accept| accept != "application/json")
    {
        return "error=not_json".into_response();
    }
    if (field("client_id"), field("client_secret")) != (CLIENT_ID, CLIENT_SECRET) {
        return error("incorrect_client_credentials");
    }
    let Some((challenge, redirect_uri)) = provider.shared().codes.remove(field("code")) else {
        return error("bad_verification_code");
    };
    let digest = BASE64URL_NOPAD.encode(&Sha256::digest(field("code_verifier").as_bytes()));
    if digest != challenge || field("redirect_uri") != redirect_uri {
        return error("bad_verification_code");
    }
    axum::Json(json!({ "access_token": TOKEN, "token_type": "bearer", "scope": "user:email" }))
        .into_response()
}

async fn user(State(provider): State<TestOauth2>, headers: HeaderMap, uri: axum::http::Uri) -> Response {
    answer(&provider, &headers, &uri, |behaviour| behaviour.user)
}

async fn emails(State(provider): State<TestOauth2>, headers: HeaderMap, uri: axum::http::Uri) -> Response {
    answer(&provider, &headers, &uri, |behaviour| behaviour.emails)
}

fn answer(
    provider: &TestOauth2,
    headers: &HeaderMap,
    uri: &axum::http::Uri,
    which: impl FnOnce(Oauth2Behaviour) -> Value,
) -> Response {
    let behaviour = provider.note(&uri.to_string());
    let expected = format!("Bearer {TOKEN}");
    if headers
        .get(header::AUTHORIZATION)
        .is_none_or(|value| *value != expected)
    {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    match behaviour.api_fails_with {
        Some(status) => StatusCode::from_u16(status).unwrap_or_default().into_response(),
        None => axum::Json(which(behaviour)).into_response(),
    }
}
