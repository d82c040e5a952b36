//! `private_key_jwt`: the JWT by which Vestibule proves itself at a token endpoint (OpenID Connect Core §9, RFC 7523 §3);
//! and the one that Apple takes as a client secret.

use chrono::{DateTime, Utc};
use data_encoding::{BASE64, BASE64URL_NOPAD};
use domain::{
    Secret,
    upstream::{AssertionAudience, ClientKey},
};
use ring::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
    },
};
use serde_json::json;
use zeroize::Zeroizing;

use crate::{UpstreamError, metadata::Metadata};

/// Long enough for two clocks that differ a little, and for one request (threat O12).
const SECONDS: i64 = 60;

/// `client_assertion_type` (RFC 7523 §2.2).
pub(super) const KIND: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A key that can sign assertions.
enum AssertionKey {
    Rsa(RsaKeyPair),
    Es256(EcdsaKeyPair, SystemRandom),
    EdDsa(Ed25519KeyPair),
}

/// Whether a text is a private key by which assertions can be signed: PKCS#8 in PEM; RSA of 2048 bits or more, P-256
/// or Ed25519. What it is not is said as a sentence's end.
pub fn check_client_key(pem: &Secret) -> Result<&'static str, &'static str> {
    AssertionKey::read(pem).map(|key| key.algorithm())
}

impl AssertionKey {
    fn read(pem: &Secret) -> Result<Self, &'static str> {
        let body: Zeroizing<String> = Zeroizing::new(
            pem.expose()
                .trim()
                .strip_prefix("-----BEGIN PRIVATE KEY-----")
                .and_then(|rest| rest.strip_suffix("-----END PRIVATE KEY-----"))
                .ok_or("is no private key in PEM (-----BEGIN PRIVATE KEY-----, PKCS#8)")?
                .split_whitespace()
                .collect(),
        );
        let der = BASE64
            .decode(body.as_bytes())
            .map(Zeroizing::new)
            .map_err(|_| "is no private key in PEM: it is not base64")?;
        if let Ok(key) = RsaKeyPair::from_pkcs8(&der) {
            // ring takes none below 2047 bits.
            return Ok(Self::Rsa(key));
        }
        let random = SystemRandom::new();
        if let Ok(key) = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der, &random) {
            return Ok(Self::Es256(key, random));
        }
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der)
            .map(Self::EdDsa)
            .map_err(|_| "is none of RSA of 2048 bits or more, P-256 and Ed25519")
    }

    /// The header `alg` (RFC 7518 §3.1, RFC 8037 §3.1).
    fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RS256",
            Self::Es256(..) => "ES256",
            Self::EdDsa(_) => "EdDSA",
        }
    }

    fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::Es256(key, random) => Some(key.sign(random, message).ok()?.as_ref().to_vec()),
            Self::EdDsa(key) => Some(key.sign(message).as_ref().to_vec()),
        }
    }
}

/// An assertion for the token endpoint of one upstream; `jti` makes it the only one.
pub(super) fn assertion(
    key: &ClientKey,
    client_id: &str,
    metadata: &Metadata,
    jti: &Secret,
    now: DateTime<Utc>,
) -> Result<Secret, UpstreamError> {
    let audience = match (key.audience, metadata.token_endpoint()) {
        (AssertionAudience::TokenEndpoint, Some(endpoint)) => endpoint.as_str(),
        _ => metadata.issuer().as_str(),
    };
    let issued = now.timestamp();
    let claims = json!({
        "iss": client_id, "sub": client_id, "aud": audience, "jti": jti.expose(),
        "iat": issued, "nbf": issued, "exp": issued + SECONDS,
    });
    signed(key, &claims)
}

/// The client secret that Sign in with Apple wants: made anew for each request, so that none has to be renewed.
pub(super) fn apple_secret(
    key: &ClientKey,
    team: &str,
    client_id: &str,
    metadata: &Metadata,
    now: DateTime<Utc>,
) -> Result<Secret, UpstreamError> {
    let issued = now.timestamp();
    let claims = json!({
        "iss": team, "sub": client_id, "aud": metadata.issuer().as_str(), "iat": issued, "exp": issued + SECONDS,
    });
    signed(key, &claims)
}

/// A compact JWS (RFC 7515 §3.1) over the claims.
fn signed(key: &ClientKey, claims: &serde_json::Value) -> Result<Secret, UpstreamError> {
    let misconfigured = |text: &str| UpstreamError::Misconfigured(format!("the client key {text}"));
    let signing = AssertionKey::read(&key.pem).map_err(misconfigured)?;
    let mut header = json!({ "alg": signing.algorithm(), "typ": "JWT" });
    if let Some(kid) = &key.key_id {
        header["kid"] = json!(kid);
    }
    if let Some(digest) = &key.certificate_sha256 {
        header["x5t#S256"] = json!(digest);
    }
    let encode = |part: &serde_json::Value| BASE64URL_NOPAD.encode(part.to_string().as_bytes());
    let message = format!("{}.{}", encode(&header), encode(claims));
    let signature = signing
        .sign(message.as_bytes())
        .ok_or_else(|| misconfigured("cannot sign"))?;
    Ok(Secret::presented(format!(
        "{message}.{}",
        BASE64URL_NOPAD.encode(&signature)
    )))
}

#[cfg(test)]
mod tests;
