//! What Vestibule asks of it: discovery, keys, tokens.

use std::collections::HashMap;

use axum::{
    Form, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use domain::Secret;
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{CLIENT_ID, Contoso, codes::ContosoGrant};

/// `GET /dev/contoso/.well-known/openid-configuration` (OpenID Connect Discovery §3).
pub(super) async fn discovery(State(contoso): State<Contoso>) -> Json<Value> {
    Json(json!({
        "issuer": contoso.issuer(),
        "authorization_endpoint": contoso.at("/authorize"),
        "token_endpoint": contoso.at("/token"),
        "jwks_uri": contoso.at("/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

/// `GET /dev/contoso/jwks`.
pub(super) async fn jwks(State(contoso): State<Contoso>) -> Json<Value> {
    Json(json!({ "keys": [contoso.key.public()] }))
}

/// `POST /dev/contoso/token` (Core §3.1.3).
pub(super) async fn token(
    State(contoso): State<Contoso>,
    headers: HeaderMap,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    if !is_client(&headers, &contoso.client_secret) {
        return refuse(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    let field = |name: &str| form.get(name).map_or("", String::as_str);
    if field("grant_type") != "authorization_code" {
        return refuse(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    let verifier = Sha256::digest(field("code_verifier").as_bytes());
    let grant = contoso
        .codes
        .take(field("code"), contoso.core.now())
        .filter(|grant| {
            grant.challenge == BASE64URL_NOPAD.encode(&verifier)
                && field("redirect_uri") == contoso.redirect_uri()
        });
    let Some(grant) = grant else {
        return refuse(StatusCode::BAD_REQUEST, "invalid_grant");
    };
    let body = json!({
        "access_token": Secret::generate(contoso.core.entropy.as_ref()).expose(),
        "token_type": "Bearer",
        "expires_in": 60,
        "id_token": id_token(&contoso, &grant),
    });
    ([(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}

/// RFC 6749 §2.3.1.
fn is_client(headers: &HeaderMap, secret: &Secret) -> bool {
    let expected = format!("{CLIENT_ID}:{}", secret.expose());
    let expected = Secret::presented(format!("Basic {}", BASE64.encode(expected.as_bytes())));
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    given.is_some_and(|given| Secret::presented(given).matches(&expected))
}

fn id_token(contoso: &Contoso, grant: &ContosoGrant) -> String {
    let now = contoso.core.now().timestamp();
    let name = grant.email.split('@').next().unwrap_or_default();
    contoso.key.sign(&json!({
        "iss": contoso.issuer(),
        "aud": CLIENT_ID,
        // The same person has the same name in it for ever.
        "sub": format!("employee-{name}"),
        "iat": now,
        "exp": now + 60,
        "auth_time": grant.at.timestamp(),
        "nonce": grant.nonce,
        "email": grant.email,
        "email_verified": true,
    }))
}

fn refuse(status: StatusCode, error: &str) -> Response {
    (status, Json(json!({ "error": error }))).into_response()
}
