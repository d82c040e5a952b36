//! The provider: found by discovery when the first guest comes, and again when its keys have changed.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result};
use openidconnect::{
    AdditionalProviderMetadata, ClientId, ClientSecret, EndSessionUrl, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IssuerUrl, LogoutProviderMetadata, ProviderMetadata, RedirectUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClient, CoreClientAuthMethod, CoreGrantType,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode,
        CoreResponseType, CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use crate::{Config, http::HttpClient};

/// A client that came from discovery: it can authorize, and perhaps redeem codes and ask for UserInfo.
pub(crate) type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What discovery says beyond the core specification. `LogoutProviderMetadata` adds `end_session_endpoint`.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct ResponseIssuer {
    /// RFC 9207 §3.
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for ResponseIssuer {}

/// `openidconnect::ProviderMetadataWithLogout`, with [`ResponseIssuer`] added.
type Metadata = ProviderMetadata<
    LogoutProviderMetadata<ResponseIssuer>,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What one discovery found.
pub(crate) struct Connection {
    /// The protocol, with the provider's keys.
    pub(crate) client: Client,
    /// Where signing out everywhere begins, if the provider offers it.
    pub(crate) end_session: Option<EndSessionUrl>,
    /// Whether every authorization response must carry `iss`.
    pub(crate) promises_iss: bool,
}

/// Keys that are older are fetched anew even when they fit: one of them may have been withdrawn.
const FRESH: Duration = Duration::from_hours(1);

/// Finds the provider, and remembers what it found.
pub(crate) struct Provider {
    issuer: IssuerUrl,
    client_id: ClientId,
    client_secret: ClientSecret,
    redirect_uri: RedirectUrl,
    http: HttpClient,
    found: Mutex<Option<(Instant, Arc<Connection>)>>,
}

impl Provider {
    pub(crate) fn new(config: &Config, http: HttpClient) -> Result<Self> {
        Ok(Self {
            issuer: IssuerUrl::new(config.issuer().to_owned()).context("the issuer")?,
            client_id: ClientId::new(config.client_id.clone()),
            client_secret: ClientSecret::new(config.client_secret.clone()),
            redirect_uri: RedirectUrl::from_url(config.at("/callback")),
            http,
            found: Mutex::new(None),
        })
    }

    /// What discovery found, not longer ago than [`FRESH`]. Requests that come while it is asked wait for the answer.
    pub(crate) async fn connection(&self) -> Result<Arc<Connection>> {
        let mut found = self.found.lock().await;
        if let Some((at, connection)) = &*found
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(connection));
        }
        let connection = Arc::new(self.discover().await?);
        *found = Some((Instant::now(), Arc::clone(&connection)));
        Ok(connection)
    }

    /// Asks again: an ID token was signed with a key that `stale` does not know.
    pub(crate) async fn reconnect(&self, stale: &Arc<Connection>) -> Result<Arc<Connection>> {
        let mut found = self.found.lock().await;
        if found.as_ref().is_some_and(|(_, known)| Arc::ptr_eq(known, stale)) {
            *found = None;
        }
        drop(found);
        self.connection().await
    }

    async fn discover(&self) -> Result<Connection> {
        let metadata = Metadata::discover_async(self.issuer.clone(), &self.http)
            .await
            .with_context(|| format!("discovery at {}", self.issuer.as_str()))?;
        let extra = metadata.additional_metadata().clone();
        let client = CoreClient::from_provider_metadata(
            metadata,
            self.client_id.clone(),
            Some(self.client_secret.clone()),
        )
        .set_redirect_uri(self.redirect_uri.clone());
        Ok(Connection {
            client,
            end_session: extra.end_session_endpoint,
            promises_iss: extra
                .additional_metadata
                .authorization_response_iss_parameter_supported,
        })
    }
}
