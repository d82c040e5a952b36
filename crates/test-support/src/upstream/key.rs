//! Two keys to sign with: Ed25519, made for these tests and good for nothing else.

use openidconnect::{
    JsonWebKeyId, PrivateSigningKey as _,
    core::{CoreEdDsaPrivateSigningKey, CoreJwsSigningAlgorithm},
};
use serde_json::Value;

/// Which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The one that is published from the start.
    First,
    /// Its successor, or a stranger's.
    Second,
}

impl Key {
    /// Its name.
    pub fn kid(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Second => "second",
        }
    }

    fn private(self) -> CoreEdDsaPrivateSigningKey {
        let pem = match self {
            Self::First => FIRST,
            Self::Second => SECOND,
        };
        let kid = JsonWebKeyId::new(self.kid().to_owned());
        CoreEdDsaPrivateSigningKey::from_ed25519_pem(pem, Some(kid))
            .unwrap_or_else(|error| panic!("the constant is a key: {error}"))
    }

    /// The public half, as a JWK.
    pub(super) fn public(self) -> Value {
        let key = self.private().as_verification_key();
        serde_json::to_value(key).unwrap_or_else(|error| panic!("a key is JSON: {error}"))
    }

    /// The signature over a message.
    pub(super) fn sign(self, message: &[u8]) -> Vec<u8> {
        self.private()
            .sign(&CoreJwsSigningAlgorithm::EdDsa, message)
            .unwrap_or_else(|error| panic!("it signs: {error}"))
    }
}

const FIRST: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIBZUPZ2yZbe39P7+ijeLuhbdDR7v0pNr8WrTJL1S/A4m
-----END PRIVATE KEY-----";

const SECOND: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIIur+M7V3q1eHUCoad28o+VFZ4KKjBinx1Agi1W/yTvV
-----END PRIVATE KEY-----";
