//! JWTs that an upstream signed: ID tokens, answers of UserInfo, logout tokens. One reader for all of them, so that none
//! is read by other rules than its neighbour.

use data_encoding::BASE64URL_NOPAD;
use domain::upstream::OidcConnection;
use openidconnect::{
    JsonWebKey as _, JsonWebKeyAlgorithm, JsonWebKeyUse, JwsSigningAlgorithm as _,
    core::{CoreJsonWebKey, CoreJwsSigningAlgorithm},
};

use super::claims::{self, Payload};
use crate::{UpstreamError, metadata::Metadata};

/// The longest token that is read, in bytes.
const LENGTH: usize = 64 * 1024;

/// Signatures that are believed: asymmetric ones, none of them SHA-1. What a token says of itself does not widen it.
pub(super) const ALGORITHMS: [CoreJwsSigningAlgorithm; 8] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// The name of an algorithm (RFC 7518 §3.1).
pub(super) fn name(algorithm: &CoreJwsSigningAlgorithm) -> String {
    serde_json::to_value(algorithm)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Whether tokens of that algorithm can be believed at all, by its name.
pub(crate) fn is_believed(name: &str) -> bool {
    ALGORITHMS.iter().any(|known| self::name(known) == name)
}

/// Why the signature of a token is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NotSigned {
    /// The upstream publishes no key that it names: perhaps it does by now.
    UnknownKey,
    /// The key that is named did not make it: the upstream may have put another one under that name.
    OtherKey,
    /// It names no key, and several would do (RFC 7517 §4.5, OpenID Connect Core §10.1).
    Ambiguous,
    /// By an algorithm that the upstream does not offer, or that the tenant is not set to.
    Algorithm,
}

impl NotSigned {
    /// Whether asking for the keys anew may mend it.
    pub(super) fn may_be_rotation(self) -> bool {
        matches!(self, Self::UnknownKey | Self::OtherKey)
    }

    /// In words, of the token that is named `what`.
    pub(super) fn of(self, what: &str, connection: &OidcConnection) -> UpstreamError {
        UpstreamError::Invalid(match self {
            Self::UnknownKey => format!("{what} is signed with a key that the upstream does not publish"),
            Self::OtherKey => format!("the signature of {what} is not good"),
            Self::Ambiguous => format!("{what} names no key (`kid`), and several keys could have signed it"),
            Self::Algorithm => match &connection.id_token_alg {
                Some(wanted) => format!("{what} is not signed by {wanted}, which id_token_alg demands"),
                None => format!("{what} is signed by an algorithm that the upstream does not offer"),
            },
        })
    }
}

/// A compact JWS (RFC 7515 §3.1), of which nothing is believed yet.
#[derive(Debug)]
pub(super) struct Compact<'t> {
    message: &'t str,
    signature: Vec<u8>,
    algorithm: CoreJwsSigningAlgorithm,
    kid: Option<String>,
    /// The claims: believed when [`Compact::signed`] says so, and not before.
    pub(super) payload: Payload,
}

impl<'t> Compact<'t> {
    /// Reads one that is called `what` and may declare itself to be of one of these kinds (`typ`, lower case), or of none.
    pub(super) fn read(token: &'t str, what: &str, kinds: &[&str]) -> Result<Self, UpstreamError> {
        let refused = |why: &str| UpstreamError::Invalid(format!("{what} {why}"));
        let malformed = || refused("is no signed JWT");
        if token.len() > LENGTH {
            return Err(refused("is too long"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (header, payload) = message.split_once('.').ok_or_else(malformed)?;
        let decode = |part: &str| BASE64URL_NOPAD.decode(part.as_bytes()).map_err(|_| malformed());
        let object = |part: &str, named: &str| {
            egress::json::object(&decode(part)?).map_err(|_| {
                refused(&format!(
                    "has a {named} that is no JSON object, or has a member twice"
                ))
            })
        };
        let header = object(header, "header")?;
        // `b64` counts only where `crit` names it (RFC 7797 §6), and no extension is known here.
        if header.contains_key("crit") || header.contains_key("b64") {
            return Err(refused("has extensions that are not known"));
        }
        // What is meant for something else is not taken for this (RFC 8725 §3.11).
        if let Some(kind) = header.get("typ") {
            let kind = kind.as_str().map(str::to_ascii_lowercase).unwrap_or_default();
            let kind = kind.strip_prefix("application/").unwrap_or(&kind);
            if !kinds.contains(&kind) {
                return Err(refused("is declared to be of another kind (`typ`)"));
            }
        }
        let algorithm = match claims::text(&header, "alg") {
            None => return Err(refused("names no algorithm (`alg`)")),
            Some("none") => return Err(refused("is not signed")),
            Some(name) => ALGORITHMS
                .into_iter()
                .find(|known| self::name(known) == name)
                .ok_or_else(|| refused("is signed by an algorithm that is not believed"))?,
        };
        Ok(Self {
            message,
            signature: decode(signature)?,
            algorithm,
            kid: claims::text(&header, "kid").map(str::to_owned),
            payload: object(payload, "payload")?,
        })
    }

    /// Whether it is signed by an algorithm that the upstream offers for ID tokens, or by the one that the tenant is set to.
    pub(super) fn by_agreed_algorithm(
        &self,
        metadata: &Metadata,
        connection: &OidcConnection,
    ) -> Result<(), NotSigned> {
        let agreed = match &connection.id_token_alg {
            Some(wanted) => name(&self.algorithm) == *wanted,
            None => metadata
                .id_token_signing_alg_values_supported()
                .contains(&self.algorithm),
        };
        if agreed { Ok(()) } else { Err(NotSigned::Algorithm) }
    }

    /// The key by which the upstream has signed it.
    pub(super) fn signed<'m>(&self, metadata: &'m Metadata) -> Result<&'m CoreJsonWebKey, NotSigned> {
        let is_named = |key: &CoreJsonWebKey| match &self.kid {
            Some(kid) => key.key_id().is_some_and(|known| **known == *kid),
            None => true,
        };
        let fits = |key: &CoreJsonWebKey| {
            Some(key.key_type()) == self.algorithm.key_type().as_ref()
                && key.key_use().is_none_or(JsonWebKeyUse::allows_signature)
                && match key.signing_alg() {
                    JsonWebKeyAlgorithm::Algorithm(only) => *only == self.algorithm,
                    JsonWebKeyAlgorithm::Unspecified => true,
                    JsonWebKeyAlgorithm::Unsupported => false,
                }
        };
        let mut keys = metadata
            .jwks()
            .keys()
            .iter()
            .filter(|key| is_named(key) && fits(key));
        let key = keys.next().ok_or(NotSigned::UnknownKey)?;
        if keys.next().is_some() {
            return Err(NotSigned::Ambiguous);
        }
        key.verify_signature(&self.algorithm, self.message.as_bytes(), &self.signature)
            .map(|()| key)
            .map_err(|_| NotSigned::OtherKey)
    }

    /// The left half of the hash of `text` by the algorithm of the signature, as `at_hash` writes it (Core §3.1.3.6).
    pub(super) fn half_hash(&self, key: &CoreJsonWebKey, text: &str) -> Option<String> {
        let hash = key.hash_bytes(text.as_bytes(), &self.algorithm).ok()?;
        Some(BASE64URL_NOPAD.encode(hash.get(..hash.len() / 2)?))
    }
}
