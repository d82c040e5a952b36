//! `/livez` and `/readyz`: for load balancers and orchestrators.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use axum::{Router, extract::State, routing::get};
use http::StatusCode;
use web::{Core, routes};

/// Whether this process should get requests.
#[derive(Clone)]
pub struct Health {
    core: Core,
    draining: Arc<AtomicBool>,
}

impl Health {
    /// A healthy one.
    pub fn new(core: Core) -> Self {
        Self {
            core,
            draining: Arc::default(),
        }
    }

    /// From now on `/readyz` says no, so that load balancers look elsewhere while requests under way finish.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// The routes.
    pub fn router(&self) -> Router {
        Router::new()
            .route(routes::LIVEZ, get(|| async { "ok\n" }))
            .route(routes::READYZ, get(ready))
            .with_state(self.clone())
    }
}

async fn ready(State(health): State<Health>) -> (StatusCode, &'static str) {
    if health.draining.load(Ordering::Acquire) {
        return (StatusCode::SERVICE_UNAVAILABLE, "draining\n");
    }
    match health.core.store.ping().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(cause = %error, "not ready: the database does not answer");
            (StatusCode::SERVICE_UNAVAILABLE, "the database does not answer\n")
        }
    }
}
