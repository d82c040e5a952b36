//! Asking the host of an address's domain who its people's OpenID provider is (OpenID Connect Discovery §2, RFC 7033).

use std::time::Duration;

use domain::EmailAddress;
use serde::Deserialize;
use url::Url;

use crate::{UpstreamError, Upstreams, error::not_answered};

/// Somebody waits for it.
const WITHIN: Duration = Duration::from_secs(2);
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

/// A JSON Resource Descriptor (RFC 7033 §4.4), as far as it matters here.
#[derive(Deserialize)]
struct Descriptor {
    #[serde(default)]
    links: Vec<WebfingerLink>,
}

#[derive(Deserialize)]
struct WebfingerLink {
    rel: String,
    href: Option<String>,
}

impl Upstreams {
    /// The same, asking `base` in place of every domain's own host: for a local one.
    #[must_use]
    pub fn with_webfinger_at(self, base: Url) -> Self {
        Self {
            webfinger_at: Some(base),
            ..self
        }
    }

    /// The issuer that the host of the address's domain names, if it names one, within two seconds. A host that says
    /// something else names none; one that does not answer is an error.
    pub async fn issuer_of(&self, email: &EmailAddress) -> Result<Option<String>, UpstreamError> {
        let no_address = || UpstreamError::Misconfigured("the domain is no host".into());
        let base = match &self.webfinger_at {
            Some(base) => base.clone(),
            None => Url::parse(&format!("https://{}", email.domain())).map_err(|_| no_address())?,
        };
        let mut url = base.join("/.well-known/webfinger").map_err(|_| no_address())?;
        url.query_pairs_mut()
            .append_pair("resource", &format!("acct:{}", email.as_str()))
            .append_pair("rel", ISSUER);
        let answer = tokio::time::timeout(WITHIN, self.http.get(&url))
            .await
            .map_err(|_| UpstreamError::Unreachable("not in time".into()))?
            .map_err(|error| not_answered(&error))?;
        if !answer.status().is_success() {
            return Ok(None);
        }
        let descriptor = serde_json::from_slice::<Descriptor>(answer.body()).ok();
        let links = descriptor.map(|descriptor| descriptor.links).unwrap_or_default();
        let mut issuers = links.into_iter().filter(|link| link.rel == ISSUER);
        Ok(issuers.next().and_then(|link| link.href))
    }
}
