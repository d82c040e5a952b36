//! `/livez` and `/readyz`: for load balancers and orchestrators.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{Router, extract::State, routing::get};
use http::StatusCode;
use tokio::sync::Mutex;
use web::{Core, Failure, routes};

/// How long an answer is given again, unless a write fails meanwhile: a proof costs the disk, and anyone may ask.
const REUSED: Duration = Duration::from_secs(1);

/// When the database was last asked to store something, and what it said.
type LastProof = Option<(Instant, Result<(), String>)>;

/// Whether this process should get requests.
#[derive(Clone)]
pub struct Health {
    core: Core,
    draining: Arc<AtomicBool>,
    last_proof: Arc<Mutex<LastProof>>,
}

impl Health {
    /// A healthy one.
    pub fn new(core: Core) -> Self {
        Self {
            core,
            draining: Arc::default(),
            last_proof: Arc::default(),
        }
    }

    /// From now on `/readyz` says no, so that load balancers look elsewhere while requests under way finish.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Proves that the database stores what it is told: by a write, at most once a second.
    async fn prove_write(&self) -> Result<(), String> {
        let mut last = self.last_proof.lock().await;
        if let Some((at, proof)) = &*last
            && at.elapsed() < REUSED
            && (proof.is_err() || !self.core.store.failed_to_write())
        {
            return proof.clone();
        }
        let proof = self.core.store.prove_write(self.core.clock.now()).await;
        let proof = proof.map(drop).map_err(|error| Failure::from(error).cause);
        *last = Some((Instant::now(), proof.clone()));
        proof
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
    match health.prove_write().await {
        Ok(()) => (StatusCode::OK, "ok\n"),
        Err(cause) => {
            tracing::warn!(cause, "not ready: the database stores nothing");
            (StatusCode::SERVICE_UNAVAILABLE, "the database stores nothing\n")
        }
    }
}
