//! What discovery says of an upstream, kept for an hour, and for a day when it cannot be asked again.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
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

/// Asked again after this.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// Used for so long when asking again fails.
const STALE: TimeDelta = TimeDelta::hours(24);
/// A key that nobody knows makes us ask again, not more often than this (threat R09).
const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);

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

/// After a failure nobody asks again for so long.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);

/// What is known of one issuer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Slot {
    found: Option<(DateTime<Utc>, Arc<Metadata>)>,
    /// The last time that asking failed, and how.
    failed: Option<(DateTime<Utc>, UpstreamError)>,
}

impl Slot {
    /// The failure of just now, so that whoever waited does not ask once more.
    fn just_failed(&self, now: DateTime<Utc>) -> Option<UpstreamError> {
        let failed = self.failed.as_ref();
        failed
            .filter(|(at, _)| now - *at < PATIENCE)
            .map(|(_, error)| error.clone())
    }

    /// What is old and better than nothing.
    fn stale(&self, now: DateTime<Utc>) -> Option<Arc<Metadata>> {
        let found = self.found.as_ref();
        found
            .filter(|(at, _)| now - *at < STALE)
            .map(|(_, metadata)| Arc::clone(metadata))
    }
}

impl Upstreams {
    /// The metadata and keys of an issuer. Whoever comes while it is asked waits for the same answer.
    pub(crate) async fn metadata(
        &self,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<Arc<Metadata>, UpstreamError> {
        let slot = self.slot(issuer);
        let mut slot = slot.lock().await;
        if let Some((at, metadata)) = &slot.found
            && now - *at < FRESH
        {
            return Ok(Arc::clone(metadata));
        }
        let asked = match slot.just_failed(now) {
            Some(error) => Err(error),
            None => self.discover(issuer).await,
        };
        match asked {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                *slot = Slot {
                    found: Some((now, Arc::clone(&metadata))),
                    failed: None,
                };
                Ok(metadata)
            }
            Err(error) => {
                if slot.just_failed(now).is_none() {
                    slot.failed = Some((now, error.clone()));
                }
                let stale = slot.stale(now);
                if stale.is_some() {
                    tracing::warn!(issuer, %error, "an upstream's metadata is old and cannot be asked for anew");
                }
                stale.ok_or(error)
            }
        }
    }

    /// The metadata anew, because a key is in none of what is known; `None` when it was asked for just now.
    pub(crate) async fn metadata_again(
        &self,
        issuer: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Arc<Metadata>>, UpstreamError> {
        let slot = self.slot(issuer);
        let mut slot = slot.lock().await;
        if slot
            .found
            .as_ref()
            .is_some_and(|(at, _)| now - *at < ASK_AGAIN_AFTER)
        {
            return Ok(None);
        }
        if slot.just_failed(now).is_some() {
            return Ok(None);
        }
        match self.discover(issuer).await {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                slot.found = Some((now, Arc::clone(&metadata)));
                Ok(Some(metadata))
            }
            Err(error) => {
                slot.failed = Some((now, error.clone()));
                Err(error)
            }
        }
    }

    fn slot(&self, issuer: &str) -> Arc<tokio::sync::Mutex<Slot>> {
        let mut known = self
            .known
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        Arc::clone(known.entry(issuer.to_owned()).or_default())
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
