//! The key of Vestibule as a SAML service provider: made when it is first needed, the same for all replicas.

#[cfg(feature = "saml")]
use domain::audit::{Action, Actor, AuditEvent};
use domain::upstream::{Connection, ServiceKey};
use sign_in::Core;
use web::Failure;

/// The key, where the connection needs one.
pub(super) async fn key_for(core: &Core, connection: &Connection) -> Result<Option<ServiceKey>, Failure> {
    match connection {
        Connection::Saml(_) => key(core).await,
        Connection::Oidc(_) | Connection::Oauth2(_) => Ok(None),
    }
}

/// The key; `None` where SAML was not built in.
#[cfg(feature = "saml")]
pub(super) async fn key(core: &Core) -> Result<Option<ServiceKey>, Failure> {
    if let Some(key) = core.store.reader().service_key().await? {
        return Ok(Some(key));
    }
    let (now, entropy) = (core.now(), std::sync::Arc::clone(&core.entropy));
    let made = tokio::task::spawn_blocking(move || federation::saml::new_service_key(now, &*entropy)).await;
    let made = made.map_err(Failure::internal)?.map_err(Failure::internal)?;
    let tx = core.store.begin().await?;
    if tx.insert_service_key(&made, now).await? {
        let event = AuditEvent::new(Action::ServiceKeyMade, Actor::System);
        tx.record(event, now).await?;
    }
    tx.commit().await?;
    // Another replica may have been first.
    Ok(core.store.reader().service_key().await?)
}

#[cfg(not(feature = "saml"))]
async fn key(core: &Core) -> Result<Option<ServiceKey>, Failure> {
    Ok(core.store.reader().service_key().await?)
}
