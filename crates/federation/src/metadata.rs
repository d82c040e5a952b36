//! What discovery says of an upstream (OpenID Connect Discovery §4).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use http::{StatusCode, header};
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, JsonWebKeySet, ProviderMetadata,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm, CoreResponseMode, CoreResponseType,
        CoreSubjectIdentifierType,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use crate::{
    UpstreamError, Upstreams,
    error::{not_answered, tame},
};

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
        let no_address = |_| misconfigured(format!("the issuer {issuer} is no address"));
        let place = format!("{}{PATH}", issuer.strip_suffix('/').unwrap_or(issuer));
        let place = Url::parse(&place).map_err(|error| no_address(error.to_string()))?;
        let answer = self
            .http
            .get(&place)
            .await
            .map_err(|error| not_answered(&error))?;
        if answer.status() != StatusCode::OK {
            return Err(misconfigured(format!(
                "discovery was answered with {}; is {issuer} the issuer, and is its path right?",
                answer.status()
            )));
        }
        let document: Value = serde_json::from_slice(answer.body()).map_err(|_| {
            let kind = answer.headers().get(header::CONTENT_TYPE);
            let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or("no type");
            misconfigured(format!(
                "the discovery document at {place} is no JSON, but {kind}; is {issuer} the issuer?"
            ))
        })?;
        let metadata: Metadata = serde_json::from_value(used(&document))
            .map_err(|error| misconfigured(format!("the discovery document cannot be read: {error}")))?;
        // Letter by letter (Discovery §4.3).
        if metadata.issuer().as_str() != issuer {
            return Err(misconfigured(format!(
                "the discovery document is another issuer's: {} is what it says, and {issuer} was expected",
                metadata.issuer().as_str()
            )));
        }
        let keys = JsonWebKeySet::fetch_async(metadata.jwks_uri(), &self.http)
            .await
            .map_err(|error| match error {
                DiscoveryError::Request(cause) => not_answered(&cause),
                DiscoveryError::Response(status, _, _) => {
                    misconfigured(format!("its keys were answered with {status}"))
                }
                DiscoveryError::Parse(error) => misconfigured(format!("its keys cannot be read: {error}")),
                other => misconfigured(format!("its keys: {other}")),
            })?;
        Ok(metadata.set_jwks(keys))
    }
}

/// Where the document lies, below the issuer (Discovery §4).
const PATH: &str = "/.well-known/openid-configuration";

/// What is used of a discovery document. The rest is not looked at, so nothing in it can be wrong.
fn used(document: &Value) -> Value {
    let mut used = json!({ "response_types_supported": ["code"], "subject_types_supported": ["public"] });
    for name in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "userinfo_endpoint",
        "jwks_uri",
        "token_endpoint_auth_methods_supported",
        "authorization_response_iss_parameter_supported",
    ] {
        if let Some(value) = document.get(name).filter(|value| !value.is_null()) {
            used[name] = value.clone();
        }
    }
    // RS256 is what every provider has (Discovery §3).
    let algorithms = document.get("id_token_signing_alg_values_supported");
    used["id_token_signing_alg_values_supported"] = algorithms.cloned().unwrap_or_else(|| json!(["RS256"]));
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_used_cannot_be_wrong() {
        let document = json!({
            "issuer": "https://login.contoso.test", "authorization_endpoint": "https://login.contoso.test/a",
            "jwks_uri": "https://login.contoso.test/k", "userinfo_endpoint": null,
            "id_token_signing_alg_values_supported": ["RS256", "ES256K", "none"],
            "claims_supported": "all", "scopes_supported": 7, "response_types_supported": "code",
            "subject_types_supported": null, "ui_locales_supported": { "de": true },
        });
        let metadata: Metadata = serde_json::from_value(used(&document)).unwrap();
        assert_eq!(metadata.issuer().as_str(), "https://login.contoso.test");
        assert!(metadata.userinfo_endpoint().is_none());
        assert!(!metadata.id_token_signing_alg_values_supported().is_empty());
    }
}
