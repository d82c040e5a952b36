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
use sign_in::Core;
use tokio::sync::Mutex;
use web::{Failure, routes};

use crate::{jobs::keep_time, steady_clock::MAX_SKEW};

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
        let proof = keep_time::run(&self.core, None).await;
        let proof = proof.map_err(|error| Failure::from(error).cause);
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
    if let Err(cause) = health.prove_write().await {
        tracing::warn!(cause, "not ready: the database stores nothing");
        return (StatusCode::SERVICE_UNAVAILABLE, "the database stores nothing\n");
    }
    if health.core.clock.skew() > MAX_SKEW {
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            "the clock is wrong; the log says more\n",
        );
    }
    (StatusCode::OK, "ok\n")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use chrono::TimeDelta;
    use http::Request;
    use test_support::{FakeClock, core, databases};
    use tower::ServiceExt as _;

    use super::*;
    use crate::steady_clock::SteadyClock;

    async fn readiness(health: &Health) -> u16 {
        let request = Request::get(routes::READYZ).body(Body::empty()).unwrap();
        health.router().oneshot(request).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn a_clock_behind_the_recorded_time_is_not_ready() {
        for db in databases().await {
            let mut core = core(db.store.clone(), FakeClock::new());
            // PostgreSQL's own clock counts, and SQLite has none.
            let database = db.store.prove_write(core.now()).await.unwrap().database;
            let right = database.unwrap_or(core.now());
            let machine = FakeClock::at(right);
            core.clock = Arc::new(SteadyClock::new(Arc::new(machine.clone())));
            assert_eq!(readiness(&Health::new(core.clone())).await, 200, "{}", db.name);
            machine.set(right - TimeDelta::hours(23));
            assert_eq!(readiness(&Health::new(core.clone())).await, 503, "{}", db.name);
            assert!(core.now() >= right, "{}: time goes on", db.name);
            machine.set(right + TimeDelta::seconds(1));
            assert_eq!(readiness(&Health::new(core)).await, 200, "{}: set right", db.name);
        }
    }

    #[tokio::test]
    async fn a_database_that_stores_nothing_is_not_ready() {
        for db in databases().await {
            let health = Health::new(core(db.store.clone(), FakeClock::new()));
            assert_eq!(readiness(&health).await, 200);
            db.store.set_unreachable(true);
            assert_eq!(readiness(&health).await, 200, "{}: asked a moment ago", db.name);
            db.store.begin().await.unwrap_err();
            let again = Health::new(core(db.store.clone(), FakeClock::new()));
            assert_eq!(readiness(&again).await, 503, "{}", db.name);
        }
    }
}
