//! The key that its ID tokens are signed with: Ed25519, new at every start.

use data_encoding::BASE64URL_NOPAD;
use domain::entropy::{Entropy, random};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};

/// Its name.
const KID: &str = "contoso";

pub(super) struct ContosoKey(Ed25519KeyPair);

impl ContosoKey {
    pub(super) fn generate(entropy: &dyn Entropy) -> Self {
        let seed: [u8; 32] = random(entropy);
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed);
        Self(pair.unwrap_or_else(|_| unreachable!("any 32 bytes are a seed (RFC 8032 §5.1.5)")))
    }

    /// The public half (RFC 8037 §2).
    pub(super) fn public(&self) -> Value {
        let x = BASE64URL_NOPAD.encode(self.0.public_key().as_ref());
        json!({ "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": KID, "x": x })
    }

    /// A compact JWS over these claims.
    pub(super) fn sign(&self, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "kid": KID, "typ": "JWT" });
        let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let message = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.0.sign(message.as_bytes());
        format!("{message}.{}", BASE64URL_NOPAD.encode(signature.as_ref()))
    }
}
