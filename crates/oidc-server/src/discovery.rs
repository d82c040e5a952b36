//! Metadata (OpenID Connect Discovery §3, RFC 8414 §2): what works, and nothing else. Rendered once.

use axum::{
    extract::State as Extract,
    response::{IntoResponse, Response},
};
use domain::{
    Language,
    app::{AppAuthentication, SigningAlgorithm},
    authorization::{Prompts, ResponseMode, Scope},
    session::Acr,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde_json::json;
use sign_in::Settings;
use web::routes;

use crate::{claims, signing::Document, state::State, token::GrantType};

/// The metadata document of this provider.
pub(crate) fn document(settings: &Settings) -> Document {
    let at = |path| settings.issuer.at(path);
    let algorithms: Vec<&str> = SigningAlgorithm::ALL
        .iter()
        .map(|algorithm| algorithm.name())
        .collect();
    let methods = AppAuthentication::METHODS;
    let confidential: Vec<&str> = methods.into_iter().filter(|method| *method != "none").collect();
    let mut metadata = json!({
        "issuer": settings.issuer.as_str(),
        "authorization_endpoint": at(routes::AUTHORIZE),
        "token_endpoint": at(routes::TOKEN),
        "userinfo_endpoint": at(routes::USERINFO),
        "jwks_uri": at(routes::JWKS),
        "end_session_endpoint": at(routes::LOGOUT),
        "revocation_endpoint": at(routes::REVOKE),
        "introspection_endpoint": at(routes::INTROSPECT),
        "scopes_supported": Scope::ALL.map(Scope::name),
        "response_types_supported": ["code"],
        "response_modes_supported": ResponseMode::ALL.map(ResponseMode::name),
        "grant_types_supported": GrantType::ALL.map(GrantType::name),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms,
        "token_endpoint_auth_methods_supported": methods,
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint_auth_methods_supported": confidential,
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": Prompts::WORDS,
        "acr_values_supported": Acr::ALL.map(Acr::name),
        "claim_types_supported": ["normal"],
        "claims_supported": claims::SUPPORTED,
        "ui_locales_supported": Language::ALL.map(Language::tag),
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        // Absent would mean true (Discovery §3).
        "request_uri_parameter_supported": false,
        "authorization_response_iss_parameter_supported": true,
    });
    for (name, url) in [
        ("op_policy_uri", &settings.help.privacy_url),
        ("op_tos_uri", &settings.help.terms_url),
    ] {
        if let Some(url) = url {
            metadata[name] = json!(url.as_str());
        }
    }
    Document::new(&metadata)
}

/// `GET /.well-known/openid-configuration`, and its RFC 8414 alias.
pub(crate) async fn show(Extract(state): Extract<State>, headers: HeaderMap) -> Response {
    serve(&state.metadata, &headers, "public, max-age=3600")
}

/// Answers with a document from memory, or 304 when the app has it already (RFC 9110 §13.1.2).
pub(crate) fn serve(document: &Document, request: &HeaderMap, cache: &'static str) -> Response {
    let known = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|etag| etag.trim().trim_start_matches("W/"))
        .any(|etag| etag == document.etag || etag == "*");
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        (
            [(header::CONTENT_TYPE, "application/json")],
            document.body.clone(),
        )
            .into_response()
    };
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Ok(etag) = HeaderValue::from_str(&document.etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}
