//! What must hold of an ID token before anything in it is read.

use chrono::{DateTime, Utc};
use domain::upstream::OidcConnection;
use openidconnect::{
    AccessTokenHash, ClaimsVerificationError, Nonce, OAuth2TokenResponse as _, SignatureVerificationError,
    TokenResponse as _,
    core::{CoreJwsSigningAlgorithm, CoreTokenResponse},
};

use super::{SKEW, client};
use crate::{Departure, UpstreamError, metadata::Metadata};

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

/// Why an ID token is not believed.
pub(super) enum Unverified {
    UnknownKey,
    /// The key that is named did not make the signature: the upstream may have put another one under that name.
    OtherKey,
    Rule(String),
}

impl From<ClaimsVerificationError> for Unverified {
    fn from(error: ClaimsVerificationError) -> Self {
        match error {
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey) => {
                Self::UnknownKey
            }
            ClaimsVerificationError::SignatureVerification(SignatureVerificationError::CryptoError(_)) => {
                Self::OtherKey
            }
            other => Self::Rule(words(&other).to_owned()),
        }
    }
}

/// The rule that was broken. The library's own texts repeat the nonce and other values.
fn words(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it has expired",
        ClaimsVerificationError::InvalidAudience(_) => "`aud` does not name us, or names others as well",
        ClaimsVerificationError::InvalidIssuer(_) => "`iss` names another issuer",
        ClaimsVerificationError::InvalidNonce(_) => "`nonce` belongs to another question",
        ClaimsVerificationError::InvalidSubject(_) => "`sub` is somebody else's",
        ClaimsVerificationError::SignatureVerification(error) => match error {
            SignatureVerificationError::AmbiguousKeyId(_) => "several keys fit its signature",
            SignatureVerificationError::DisallowedAlg(_) | SignatureVerificationError::UnsupportedAlg(_) => {
                "it is signed by an algorithm that is not believed"
            }
            SignatureVerificationError::NoSignature => "it is not signed",
            SignatureVerificationError::InvalidKey(_) => "the key of its signature is of another kind",
            _ => "its signature is not good",
        },
        _ => "a time in it is wrong, or its type is not one of ID tokens",
    }
}

impl From<Unverified> for UpstreamError {
    fn from(error: Unverified) -> Self {
        Self::Invalid(match error {
            Unverified::UnknownKey => {
                "the ID token is signed with a key that the upstream does not publish".into()
            }
            Unverified::OtherKey => "ID token: its signature is not good".into(),
            Unverified::Rule(text) => format!("ID token: {text}"),
        })
    }
}

/// Signature, issuer, audience, authorized party, nonce and times (Core §3.1.3.7), and that the access token belongs
/// to it (§3.1.3.8).
pub(super) fn verified(
    metadata: &Metadata,
    connection: &OidcConnection,
    departure: &Departure,
    tokens: &CoreTokenResponse,
    now: DateTime<Utc>,
) -> Result<(), Unverified> {
    let rule = |text: &str| Unverified::Rule(text.to_owned());
    let id_token = tokens.id_token().ok_or_else(|| rule("there is none"))?;
    let offered = metadata.id_token_signing_alg_values_supported();
    let client = client(metadata, connection, departure);
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs(ALGORITHMS.into_iter().filter(|known| offered.contains(known)))
        .set_time_fn(move || now - SKEW)
        .set_issue_time_verifier_fn(move |issued| {
            if issued > now + SKEW {
                Err("it was issued in the future".to_owned())
            } else {
                Ok(())
            }
        });
    let nonce = Nonce::new(departure.nonce.expose().to_owned());
    let claims = id_token.claims(&verifier, &nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let algorithm = id_token.signing_alg().map_err(|error| rule(&error.to_string()))?;
        let key = id_token
            .signing_key(&verifier)
            .map_err(|error| rule(&error.to_string()))?;
        let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key)
            .map_err(|error| rule(&error.to_string()))?;
        if hash != *expected {
            return Err(rule("`at_hash` names another access token"));
        }
    }
    Ok(())
}
