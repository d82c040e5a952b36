//! All upstreams, and what is known of them.

use url::Url;

#[cfg(feature = "saml")]
use crate::saml::IdentityProvider;
use crate::{cache::Cache, metadata::Metadata};

/// The connections to all upstreams: what they publish of themselves is kept here.
#[derive(Clone, Debug)]
pub struct Upstreams {
    pub(crate) http: egress::Client,
    pub(crate) oidc: Cache<Metadata>,
    #[cfg(feature = "saml")]
    pub(crate) saml: Cache<IdentityProvider>,
    pub(crate) speaks_saml: bool,
    pub(crate) webfinger_at: Option<Url>,
}

impl Upstreams {
    /// Connections that are made by `http`.
    pub fn new(http: egress::Client) -> Self {
        Self {
            http,
            oidc: Cache::default(),
            #[cfg(feature = "saml")]
            saml: Cache::default(),
            speaks_saml: cfg!(feature = "saml"),
            webfinger_at: None,
        }
    }

    /// The same, without SAML: its tenants lead nowhere, and nothing of theirs is read.
    #[must_use]
    pub fn without_saml(self) -> Self {
        Self {
            speaks_saml: false,
            ..self
        }
    }

    /// Whether SAML is spoken: it was built in, and is not switched off.
    pub fn speaks_saml(&self) -> bool {
        self.speaks_saml
    }
}
