//! Moves signing keys on when their time has come, and learns of what other replicas did.

use domain::audit::Actor;
use oidc_server::KeyRing;
use sign_in::Core;
use web::Failure;

/// Learns of what a command or another replica has just done.
pub async fn notice(core: &Core, keys: &KeyRing) -> Result<(), Failure> {
    keys.notice(core).await
}

/// Does what is due, and loads the keys again.
pub async fn run(core: &Core, keys: &KeyRing) -> Result<(), Failure> {
    for step in oidc_server::rotate(core, Actor::System).await? {
        let state = step.state.map_or("gone", domain::key_rotation::KeyState::name);
        tracing::info!(
            kid = step.kid,
            algorithm = step.algorithm.name(),
            state,
            "a signing key moved on"
        );
    }
    keys.reload(core).await
}
