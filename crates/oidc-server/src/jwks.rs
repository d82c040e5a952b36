//! The JWK Set (RFC 7517 §5): every key that may have signed something still valid, and the next one.

use axum::{extract::State as Extract, response::Response};
use http::HeaderMap;

use crate::{discovery, state::State};

/// `GET /jwks`. Apps may keep it for a quarter of an hour: far less than a key is published before it signs.
pub(crate) async fn show(Extract(state): Extract<State>, headers: HeaderMap) -> Response {
    discovery::serve(&state.keys.document(), &headers, "public, max-age=900")
}
