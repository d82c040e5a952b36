//! Asking the host of an address's domain who its people's OpenID provider is (OpenID Connect Discovery §2, RFC 7033).

use std::time::Duration;

use domain::EmailAddress;
use serde::Deserialize;
use url::Url;

use crate::Upstreams;

/// Somebody waits for it.
const WITHIN: Duration = Duration::from_secs(2);
const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

/// A JSON Resource Descriptor (RFC 7033 §4.4), as far as it matters here.
#[derive(Deserialize)]
struct Descriptor {
    #[serde(default)]
    links: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
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

    /// The issuer that the host of the address's domain names, within two seconds. Whoever does not answer, or says
    /// something else, names none.
    pub async fn issuer_of(&self, email: &EmailAddress) -> Option<String> {
        let base = match &self.webfinger_at {
            Some(base) => base.clone(),
            None => Url::parse(&format!("https://{}", email.domain())).ok()?,
        };
        let mut url = base.join("/.well-known/webfinger").ok()?;
        url.query_pairs_mut()
            .append_pair("resource", &format!("acct:{}", email.as_str()))
            .append_pair("rel", ISSUER);
        let answer = tokio::time::timeout(WITHIN, self.http.get(&url))
            .await
            .ok()?
            .ok()?;
        if !answer.status().is_success() {
            return None;
        }
        let descriptor: Descriptor = serde_json::from_slice(answer.body()).ok()?;
        let mut issuers = descriptor.links.into_iter().filter(|link| link.rel == ISSUER);
        issuers.next()?.href
    }
}
