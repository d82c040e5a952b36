//! The way to an upstream.

use chrono::{DateTime, Utc};
use domain::{Secret, upstream::ServiceKey};
use url::Url;

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
pub enum WayThere {
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
