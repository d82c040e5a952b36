//! Vestibule as the relying party of other identity providers: leaving for one of them, and coming back with
//! what it said, every claim checked. Knows nothing of guests, sessions or pages.

mod error;
mod metadata;
mod oauth2;
mod oidc;
mod protocol;

use std::{collections::HashMap, sync::Arc};

use chrono::{DateTime, Utc};
use domain::Secret;
use tokio::sync::Mutex;
use url::Url;

pub use error::UpstreamError;
pub use oidc::{LoggedOut, check_client_key};
pub use protocol::Discovered;

/// The connections to all upstreams: what their discovery said is kept here.
#[derive(Clone, Debug)]
pub struct Upstreams {
    http: egress::Client,
    known: Arc<std::sync::Mutex<HashMap<String, Arc<Mutex<metadata::Slot>>>>>,
}

impl Upstreams {
    /// Connections that are made by `http`.
    pub fn new(http: egress::Client) -> Self {
        Self {
            http,
            known: Arc::default(),
        }
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
    /// Binds the ID token to them.
    pub nonce: Secret,
    /// The PKCE verifier: its challenge goes along, itself to the token endpoint alone.
    pub verifier: Secret,
    /// Who is expected.
    pub login_hint: Option<String>,
    /// How old their proof may be, in seconds; 0 asks for a new one.
    pub max_age: Option<u32>,
    /// When they left.
    pub left_at: DateTime<Utc>,
    /// Whether they must prove themselves anew, because the app asks for it (`prompt=login`).
    pub prompt_login: bool,
    /// Whether the upstream should ask who they are, because they came back as somebody else.
    pub ask_anew: bool,
}

/// What a browser brings back (RFC 6749 §4.1.2, RFC 9207).
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// The authorization code.
    pub code: Option<Secret>,
    /// Who answers.
    pub iss: Option<String>,
    /// What went wrong there.
    pub error: Option<String>,
}
