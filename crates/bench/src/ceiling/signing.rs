//! One key, made at the start, and one signer over it.

use anyhow::Result;
use josekit::{
    jwk::Jwk,
    jws::{self, ES256, JwsHeader, JwsSigner, RS256},
};
use serde_json::json;

pub(super) struct CeilingSigner {
    jws: Box<dyn JwsSigner + Send + Sync>,
    header: JwsHeader,
    keys: String,
}

impl CeilingSigner {
    pub(super) fn generate(algorithm: &str) -> Result<Self> {
        let (signer, public): (Box<dyn JwsSigner + Send + Sync>, Jwk) = if algorithm == "ES256" {
            let pair = ES256.generate_key_pair()?;
            let signer = ES256.signer_from_jwk(&pair.to_jwk_private_key())?;
            (Box::new(signer), pair.to_jwk_public_key())
        } else {
            let pair = RS256.generate_key_pair(2048)?;
            let signer = RS256.signer_from_jwk(&pair.to_jwk_private_key())?;
            (Box::new(signer), pair.to_jwk_public_key())
        };
        let mut header = JwsHeader::new();
        header.set_token_type("JWT");
        header.set_key_id("1");
        Ok(Self {
            jws: signer,
            header,
            keys: json!({ "keys": [public.as_ref()] }).to_string(),
        })
    }

    pub(super) fn keys(&self) -> String {
        self.keys.clone()
    }

    pub(super) fn sign(&self, issuer: &str, audience: &str, guest: i64, nonce: &str) -> Result<String> {
        let claims = json!({
            "iss": issuer, "aud": audience, "sub": guest.to_string(), "nonce": nonce,
            "iat": 1_700_000_000, "exp": 1_700_000_600, "auth_time": 1_700_000_000,
        });
        let payload = claims.to_string();
        Ok(jws::serialize_compact(
            payload.as_bytes(),
            &self.header,
            &*self.jws,
        )?)
    }
}
