//! The front channel: what surrounds every page, and the app's two static files.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use crate::{Config, app::App, problem::Problem};

/// Sends the browser on with a GET.
pub(crate) fn see_other(to: &str) -> Response {
    (StatusCode::SEE_OTHER, [(header::LOCATION, to.to_owned())]).into_response()
}

/// Refuses forms of other sites, and adds the security headers.
pub(crate) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let reads = [Method::GET, Method::HEAD].contains(request.method());
    let mut response = if reads || is_ours(&app.config, request.headers()) {
        next.run(request).await
    } else {
        Problem::foreign_form().into_response()
    };
    let headers = response.headers_mut();
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(&app.config)) {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    // Codes and states travel in our addresses: other sites must not see them.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether a form was sent from a page of ours. Browsers say `Origin` with every POST; what says none is no browser,
/// and holds no cookie that it could be tricked into sending.
fn is_ours(config: &Config, headers: &HeaderMap) -> bool {
    let ours = config.public_url.origin().ascii_serialization();
    headers
        .get(header::ORIGIN)
        .is_none_or(|origin| origin.as_bytes() == ours.as_bytes())
}

/// Nothing but our own styles and pictures. The provider is a `form-action` because signing out is a POST that is
/// redirected there, and Chromium holds the whole chain against this list.
fn content_security_policy(config: &Config) -> String {
    format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self' {}; base-uri 'none'; \
         frame-ancestors 'none'",
        config.issuer.origin().ascii_serialization()
    )
}

/// `GET /style.css`
pub(crate) async fn style() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "text/css; charset=utf-8"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, include_str!("../static/style.css"))
}

/// `GET /icon.svg`
pub(crate) async fn icon() -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "max-age=300"),
    ];
    (headers, include_str!("../static/icon.svg"))
}
