//! The authorization server: OAuth 2.0 and OpenID Connect for apps.
//!
//! One file per endpoint and per rule family. Must not render a guest's page beyond «continue» and signing out,
//! and must not know how a guest proves anything: it asks `domain::sign_in::next_step` and sends the browser on.

mod authorize;
mod claims;
mod client_auth;
mod cors;
mod cross_site;
mod discovery;
mod error;
mod introspect;
mod jwks;
mod logout;
mod parameters;
mod revoke;
mod signing;
mod state;
mod token;
mod userinfo;

use std::sync::Arc;

use axum::{
    Router,
    routing::{get, post},
};
use sign_in::Core;
use web::routes;

use self::state::State;

pub use signing::{KeyRing, Rotated, revoke as revoke_key, rotate, rotate_now};

/// The endpoints.
pub fn router(core: Core, keys: Arc<KeyRing>) -> Router {
    let metadata = Arc::new(discovery::document(&core.settings));
    let state = State { core, keys, metadata };
    let open = Router::new()
        .route(routes::DISCOVERY, get(discovery::show))
        .route(routes::OAUTH_METADATA, get(discovery::show))
        .route(routes::JWKS, get(jwks::show))
        .route(routes::TOKEN, post(token::endpoint::post))
        .route(routes::USERINFO, get(userinfo::get).post(userinfo::post))
        .route(routes::REVOKE, post(revoke::post))
        .layer((cors::any_embedder(), cors::any_origin()));
    Router::new()
        .merge(open)
        .route(
            routes::AUTHORIZE,
            get(authorize::endpoint::get).post(authorize::endpoint::post),
        )
        .route(routes::RESUME, get(authorize::dispatch::resume))
        .route(routes::INTROSPECT, post(introspect::post))
        .route(routes::LOGOUT, get(logout::get).post(logout::post))
        .route(routes::SIGNED_OUT, get(logout::signed_out))
        .with_state(state)
}
