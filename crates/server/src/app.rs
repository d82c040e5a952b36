//! The wiring: from a core to the whole router. The only place that knows every HTTP crate.

use std::sync::Arc;

use admin::{KeyActs, KeyStep};
use anyhow::{Context as _, Result};
use axum::Router;
use domain::key_rotation::KeyState;
use federation::Upstreams;
use oidc_server::{KeyRing, Rotated};
use sign_in::Core;

use crate::health::Health;

/// A provider, ready to serve.
pub struct Wiring {
    /// Its core.
    pub core: Core,
    /// Everything it answers.
    pub router: Router,
    /// Whether it should get requests.
    pub health: Health,
    /// Its signing keys, for the job that rotates them.
    pub key_ring: Arc<KeyRing>,
}

/// Builds the provider on an open, migrated database, with the `extra` routes that only `dev` and `demo` have. Makes the first signing
/// keys.
pub async fn build(core: Core, extra: Router) -> Result<Wiring> {
    let key_ring = KeyRing::open(&core).await?;
    let upstreams = upstreams(&core.settings)?;
    let health = Health::new(core.clone());
    let assertions = passcode_login::assertion_router(core.clone(), upstreams.clone());
    let router = Router::new()
        .merge(oidc_server::router(core.clone(), Arc::clone(&key_ring)))
        .merge(passcode_login::router(core.clone(), upstreams.clone()))
        .merge(admin::router(core.clone(), upstreams.clone(), key_acts()))
        .merge(web::static_files::router())
        .merge(health.router())
        .merge(extra);
    Ok(Wiring {
        router: web::layers::apply(router, assertions, core.clone()),
        core,
        health,
        key_ring,
    })
}

/// The connections to other identity providers.
pub fn upstreams(settings: &sign_in::Settings) -> Result<Upstreams> {
    let authorities = settings.egress_ca_file.as_deref().map(|path| {
        std::fs::read_to_string(path).with_context(|| format!("reading egress.ca_file {}", path.display()))
    });
    let client = egress::Client::new(egress::EgressPolicy {
        authorities: authorities.transpose()?,
        allowed: settings.egress_allowed.clone(),
        // Only in development is the issuer plain http.
        http_on_loopback: !settings.issuer.is_secure(),
    });
    let upstreams = Upstreams::new(client.context("building the HTTP client")?);
    Ok(if settings.saml {
        upstreams
    } else {
        upstreams.without_saml()
    })
}

/// What the API can do to signing keys.
fn key_acts() -> KeyActs {
    KeyActs {
        rotate: |core, now, by| {
            Box::pin(async move {
                let steps = oidc_server::rotate_now(&core, now, by).await?;
                Ok(steps.iter().map(key_step).collect())
            })
        },
        revoke: |core, kid, by| {
            Box::pin(async move {
                let steps = oidc_server::revoke_key(&core, &kid, by).await?;
                Ok(steps.iter().map(key_step).collect())
            })
        },
    }
}

/// A step of the keys, as it is shown.
pub(crate) fn key_step(step: &Rotated) -> KeyStep {
    KeyStep {
        kid: step.kid.clone(),
        algorithm: step.algorithm.name(),
        state: step.state.map_or("gone", KeyState::name),
    }
}
