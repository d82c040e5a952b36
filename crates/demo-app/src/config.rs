//! What the app is told about itself and its provider.

use std::fmt;

use url::Url;

/// The provider, the app's registration there, and where the app is.
#[derive(Clone)]
pub struct Config {
    /// The provider: `http://localhost:8080`.
    pub issuer: Url,
    /// The app: `http://localhost:8081`.
    pub public_url: Url,
    /// The app's name at the provider.
    pub client_id: String,
    /// The app's secret at the provider, for the token endpoint.
    pub client_secret: String,
    /// What opens the provider's API, for invitations.
    pub api_token: String,
    /// Where the demo's mail can be read.
    pub inbox_url: Url,
}

impl Config {
    /// The issuer as ID tokens spell it. `Url` adds a slash to a bare origin; issuers are compared as text, and
    /// Vestibule's has none.
    pub(crate) fn issuer(&self) -> &str {
        self.issuer.as_str().trim_end_matches('/')
    }

    /// The full address of a path of the app.
    pub(crate) fn at(&self, path: &str) -> Url {
        let mut url = self.public_url.clone();
        url.set_path(path);
        url
    }

    /// The full address of a path of the provider.
    pub(crate) fn at_issuer(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    /// Whether cookies can be kept to TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.public_url.scheme() == "https"
    }
}

/// Without the secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("issuer", &self.issuer.as_str())
            .field("public_url", &self.public_url.as_str())
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}
