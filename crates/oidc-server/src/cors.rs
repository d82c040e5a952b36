//! CORS: any origin may read the endpoints that apps call from a page, without credentials; never the
//! authorization endpoint (RFC 9700 §2.6).

use std::time::Duration;

use http::{HeaderName, HeaderValue, Method, header};
use tower_http::{
    cors::{Any, CorsLayer, Vary},
    set_header::SetResponseHeaderLayer,
};

/// How long a browser may remember what a preflight said.
const REMEMBERED: Duration = Duration::from_hours(24);

/// Answers preflights, and lets pages of any origin read the answers.
pub(crate) fn any_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::WWW_AUTHENTICATE])
        .max_age(REMEMBERED)
        // Every origin is told the same.
        .vary(Vary::list([]))
}

/// In place of the header that keeps our pages out of others (Fetch, «Cross-Origin-Resource-Policy»).
pub(crate) fn any_embedder() -> SetResponseHeaderLayer<HeaderValue> {
    let name = HeaderName::from_static("cross-origin-resource-policy");
    SetResponseHeaderLayer::overriding(name, HeaderValue::from_static("cross-origin"))
}
