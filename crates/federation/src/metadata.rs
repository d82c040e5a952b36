//! What discovery says of an upstream (OpenID Connect Discovery §4).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, IssuerUrl, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};

use crate::{UpstreamError, Upstreams, error::tame};

/// What discovery says beyond the core specification.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct ResponseIssuer {
    /// RFC 9207 §3.
    #[serde(default)]
    pub(crate) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for ResponseIssuer {}

pub(crate) type Metadata = ProviderMetadata<
    ResponseIssuer,
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

impl Upstreams {
    /// The metadata and keys of an issuer.
    pub(crate) async fn metadata(
        &self,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Metadata>, UpstreamError> {
        self.oidc.get(issuer, now, || self.discover(issuer)).await
    }

    /// The metadata anew, because a key is in none of what is known; `None` when it was asked for just now.
    pub(crate) async fn metadata_again(
        &self,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Metadata>>, UpstreamError> {
        self.oidc.again(issuer, now, || self.discover(issuer)).await
    }

    /// Asks, whatever is known.
    pub(crate) async fn discover(&self, issuer: &str) -> Result<Metadata, UpstreamError> {
        let misconfigured = |text: String| UpstreamError::Misconfigured(tame(&text));
        let url = IssuerUrl::new(issuer.to_owned())
            .map_err(|_| misconfigured(format!("the issuer {issuer} is no address")))?;
        Metadata::discover_async(url, &self.http)
            .await
            .map_err(|error| match error {
                DiscoveryError::Request(
                    cause @ (egress::Error::NotHttps(_) | egress::Error::NotPublic(_)),
                ) => misconfigured(cause.to_string()),
                DiscoveryError::Request(cause) => UpstreamError::Unreachable(cause.to_string()),
                DiscoveryError::Response(status, _, _) if status.is_server_error() => {
                    UpstreamError::Unreachable(format!("discovery was answered with {status}"))
                }
                DiscoveryError::Response(status, _, _) => misconfigured(format!(
                    "discovery was answered with {status}; is {issuer} the issuer, and is its path right?"
                )),
                DiscoveryError::Parse(error) => {
                    misconfigured(format!("the discovery document cannot be read: {error}"))
                }
                DiscoveryError::Validation(text) => {
                    misconfigured(format!("the discovery document is another issuer's: {text}"))
                }
                other => misconfigured(format!("discovery failed: {other}")),
            })
    }
}
