//! What an operator sees of an upstream.

use chrono::{DateTime, Utc};

/// What an upstream says of itself, for an operator who tests a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// Where people sign in.
    pub authorization_endpoint: String,
    /// Where codes are exchanged.
    pub token_endpoint: Option<String>,
    /// How many keys it publishes.
    pub keys: usize,
    /// The certificates of those keys, where it speaks SAML.
    pub certificates: Vec<Certificate>,
    /// What an operator should know, in sentences.
    pub remarks: Vec<String>,
}

/// A certificate by which an upstream publishes a key, as an operator compares it with the partner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// The SHA-256 of the whole certificate: upper-case hexadecimal pairs, colons between them.
    pub fingerprint: String,
    /// When it ends.
    pub ends_at: Option<DateTime<Utc>>,
}
