//! Vestibule as the relying party of other identity providers: leaving for one of them, and coming back with
//! what it said, every claim checked. Knows nothing of guests, sessions or pages.

mod error;
mod known;
mod metadata;
#[cfg(not(feature = "saml"))]
mod no_saml;
mod oauth2;
mod oidc;
mod protocol;
#[cfg(feature = "saml")]
pub mod saml;
mod webfinger;

use chrono::{DateTime, Utc};
use domain::{
    Secret,
    upstream::{Arrival, ServiceKey},
};
use url::Url;

pub use error::UpstreamError;
pub use oidc::{LoggedOut, check_client_key};
pub use protocol::{Certificate, Discovered};

use known::Known;

/// The connections to all upstreams: what they publish of themselves is kept here.
#[derive(Clone, Debug)]
pub struct Upstreams {
    http: egress::Client,
    oidc: Known<metadata::Metadata>,
    #[cfg(feature = "saml")]
    saml: Known<saml::IdentityProvider>,
    speaks_saml: bool,
    webfinger_at: Option<Url>,
}

impl Upstreams {
    /// Connections that are made by `http`.
    pub fn new(http: egress::Client) -> Self {
        Self {
            http,
            oidc: Known::default(),
            #[cfg(feature = "saml")]
            saml: Known::default(),
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

/// What a browser takes along to an upstream.
#[derive(Clone, Debug)]
pub struct Departure {
    /// Where the upstream sends the browser back to; one for each upstream, so that none can answer for another
    /// (RFC 9700 §2.1).
    pub redirect_uri: Url,
    /// Binds the answer to this browser and this sign-in.
    pub state: Secret,
    /// Binds the ID token to them, or the SAML assertion.
    pub nonce: Secret,
    /// The PKCE verifier: its challenge goes along, itself to the token endpoint alone.
    pub verifier: Secret,
    /// What the upstream is told of whom to expect.
    pub login_hint: Option<String>,
    /// Whom the sign-in is for: of several addresses that come, this one counts. It leaves this process in no request.
    pub expected: Option<String>,
    /// How old their proof may be, in seconds; 0 asks for a new one.
    pub max_age: Option<u32>,
    /// When they left.
    pub left_at: DateTime<Utc>,
    /// Whether they must prove themselves anew, because the app asks for it (`prompt=login`).
    pub prompt_login: bool,
    /// Whether the upstream should ask who they are, because they came back as somebody else.
    pub ask_anew: bool,
    /// What SAML requests are signed with.
    pub service_key: Option<ServiceKey>,
}

/// How a browser gets to an upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// By a redirect.
    To(Url),
    /// By a form that it posts (SAML Bindings §3.5).
    Form {
        /// Where to.
        action: Url,
        /// What is in it, by name.
        fields: Vec<(&'static str, String)>,
    },
}

/// What a browser brings back.
#[derive(Clone, Debug)]
pub enum Answer {
    /// From an authorization endpoint.
    Code(CodeAnswer),
    /// From a SAML identity provider: what it posted, and what came of reading it.
    #[cfg(feature = "saml")]
    Saml(Result<saml::Received, UpstreamError>),
}

impl Answer {
    /// The ID of the assertion in it, which counts once.
    pub fn assertion(&self) -> Option<&str> {
        match self {
            #[cfg(feature = "saml")]
            Self::Saml(Ok(received)) => Some(&received.assertion),
            _ => None,
        }
    }
}

/// Somebody who came back from an upstream.
#[derive(Clone, Debug)]
pub struct Came {
    /// What the upstream said of them.
    pub arrival: Arrival,
    /// Why UserInfo said nothing, when it was asked because the ID token has no address. Only who needs an address
    /// needs it.
    pub without_user_info: Option<UpstreamError>,
}

impl From<Arrival> for Came {
    fn from(arrival: Arrival) -> Self {
        Self {
            arrival,
            without_user_info: None,
        }
    }
}

/// Whether ID tokens that are signed by the algorithm of that name (RFC 7518 §3.1) can be believed at all.
pub fn is_signing_algorithm(name: &str) -> bool {
    oidc::is_believed(name)
}

/// What a browser brings back from an authorization endpoint (RFC 6749 §4.1.2, RFC 9207).
#[derive(Clone, Debug, Default)]
pub struct CodeAnswer {
    /// The authorization code.
    pub code: Option<Secret>,
    /// Who answers.
    pub iss: Option<String>,
    /// What went wrong there.
    pub error: Option<String>,
}
