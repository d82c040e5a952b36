//! JWS and JWK (RFC 7515, RFC 7517): the only file that names josekit. Algorithms come from our own records,
//! never from a token's header (RFC 8725 §3.1).

use std::fmt::Write as _;

use data_encoding::BASE64URL_NOPAD;
use domain::app::SigningAlgorithm;
use josekit::{
    JoseError,
    jwk::{
        Jwk,
        alg::{ec::EcCurve, ed::EdCurve},
    },
    jws::{ES256, EdDSA, JwsSigner, JwsVerifier, PS256, RS256},
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The longest JWT that is looked at, in bytes.
const JWT_MAX: usize = 16 * 1024;
/// `typ` of our ID tokens (RFC 7519 §5.1). Whatever else we sign one day has a type of its own (RFC 8725 §3.11).
pub(crate) const ID_TOKEN_TYPE: &str = "JWT";
/// Bits of an RSA key.
const RSA_BITS: u32 = 2048;

/// Why a key cannot be used or a JWT is not believed.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct JoseFailure(String);

impl JoseFailure {
    pub(crate) fn new(what: &str) -> Self {
        Self(what.to_owned())
    }
}

impl From<JoseError> for JoseFailure {
    fn from(error: JoseError) -> Self {
        Self(error.to_string())
    }
}

/// A key pair that was just made.
pub(crate) struct KeyPair {
    /// RFC 7638 thumbprint.
    pub(crate) kid: String,
    /// What the JWK Set shows.
    pub(crate) public_jwk: String,
    /// What is sealed and stored.
    pub(crate) private_jwk: Zeroizing<Vec<u8>>,
}

/// Makes a key pair. RSA takes up to two seconds: call it where blocking is allowed.
pub(crate) fn generate(algorithm: SigningAlgorithm) -> Result<KeyPair, JoseFailure> {
    let mut jwk = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => Jwk::generate_rsa_key(RSA_BITS)?,
        SigningAlgorithm::Es256 => Jwk::generate_ec_key(EcCurve::P256)?,
        SigningAlgorithm::EdDsa => Jwk::generate_ed_key(EdCurve::Ed25519)?,
    };
    let kid = thumbprint(jwk.as_ref())?;
    jwk.set_key_id(&kid);
    jwk.set_key_use("sig");
    jwk.set_algorithm(algorithm.name());
    // `to_public_key` drops `kid` and `alg`.
    let mut public = jwk.to_public_key()?;
    public.set_key_id(&kid);
    public.set_key_use("sig");
    public.set_algorithm(algorithm.name());
    Ok(KeyPair {
        kid,
        public_jwk: public.to_string(),
        private_jwk: Zeroizing::new(jwk.to_string().into_bytes()),
    })
}

/// The SHA-256 thumbprint of a key (RFC 7638 §3): its required members, in order, without white space.
fn thumbprint(jwk: &Map<String, Value>) -> Result<String, JoseFailure> {
    let members: &[&str] = match jwk.get("kty").and_then(Value::as_str) {
        Some("RSA") => &["e", "kty", "n"],
        Some("EC") => &["crv", "kty", "x", "y"],
        Some("OKP") => &["crv", "kty", "x"],
        other => return Err(JoseFailure(format!("no thumbprint for keys of type {other:?}"))),
    };
    let mut text = String::from("{");
    for (i, member) in members.iter().enumerate() {
        let value = jwk.get(*member).and_then(Value::as_str);
        let value = value.ok_or_else(|| JoseFailure(format!("the key lacks {member}")))?;
        let comma = if i == 0 { "" } else { "," };
        let _ = write!(text, "{comma}\"{member}\":\"{value}\"");
    }
    text.push('}');
    Ok(BASE64URL_NOPAD.encode(&Sha256::digest(text.as_bytes())))
}

/// Signs with one key. Built once: parsing the key costs more than a signature.
pub(crate) struct Signer {
    kid: String,
    algorithm: SigningAlgorithm,
    inner: Box<dyn JwsSigner>,
}

impl Signer {
    pub(crate) fn new(
        kid: &str,
        algorithm: SigningAlgorithm,
        private_jwk: &[u8],
    ) -> Result<Self, JoseFailure> {
        let jwk = Jwk::from_bytes(private_jwk)?;
        let inner: Box<dyn JwsSigner> = match algorithm {
            SigningAlgorithm::Rs256 => Box::new(RS256.signer_from_jwk(&jwk)?),
            SigningAlgorithm::Ps256 => Box::new(PS256.signer_from_jwk(&jwk)?),
            SigningAlgorithm::Es256 => Box::new(ES256.signer_from_jwk(&jwk)?),
            SigningAlgorithm::EdDsa => Box::new(EdDSA.signer_from_jwk(&jwk)?),
        };
        Ok(Self {
            kid: kid.to_owned(),
            algorithm,
            inner,
        })
    }

    pub(crate) fn algorithm(&self) -> SigningAlgorithm {
        self.algorithm
    }

    /// A compact JWS (RFC 7515 §3.1) with the header `alg`, `kid`, `typ` and nothing else.
    pub(crate) fn sign(&self, typ: &str, claims: &Value) -> Result<String, JoseFailure> {
        let header = json!({ "alg": self.algorithm.name(), "kid": self.kid, "typ": typ });
        self.sign_with(&header, claims)
    }

    /// A compact JWS with the given header.
    pub(crate) fn sign_with(&self, header: &Value, claims: &Value) -> Result<String, JoseFailure> {
        let mut token = BASE64URL_NOPAD.encode(header.to_string().as_bytes());
        token.push('.');
        token.push_str(&BASE64URL_NOPAD.encode(claims.to_string().as_bytes()));
        let signature = self.inner.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&BASE64URL_NOPAD.encode(&signature));
        Ok(token)
    }
}

/// `at_hash` and `c_hash` (OpenID Connect Core §3.1.3.6): the left half of the hash of the algorithm. All of
/// ours use SHA-256, except Ed25519, for which apps compute SHA-512.
pub(crate) fn half_hash(algorithm: SigningAlgorithm, text: &str) -> String {
    match algorithm {
        SigningAlgorithm::EdDsa => BASE64URL_NOPAD.encode(&sha2::Sha512::digest(text.as_bytes())[..32]),
        _ => BASE64URL_NOPAD.encode(&Sha256::digest(text.as_bytes())[..16]),
    }
}

/// A JWT, taken apart and not yet believed.
pub(crate) struct Unverified<'a> {
    signing_input: &'a str,
    signature: Vec<u8>,
    header: Map<String, Value>,
    claims: Map<String, Value>,
}

/// Takes a compact JWS apart. Refuses what no honest signer sends: critical headers, unencoded payloads,
/// embedded or referenced keys are ignored, and members that stand twice are an error (RFC 8725 §3).
pub(crate) fn parse(token: &str) -> Result<Unverified<'_>, JoseFailure> {
    let wrong = |what: &str| JoseFailure(what.to_owned());
    if token.len() > JWT_MAX {
        return Err(wrong("the JWT is too long"));
    }
    let (signing_input, signature) = token.rsplit_once('.').ok_or_else(|| wrong("not a JWT"))?;
    let (header, claims) = signing_input.split_once('.').ok_or_else(|| wrong("not a JWT"))?;
    let decode = |part: &str| {
        BASE64URL_NOPAD
            .decode(part.as_bytes())
            .map_err(|_| wrong("not base64url"))
    };
    let header = object(&decode(header)?)?;
    if header.contains_key("crit") || header.contains_key("b64") || header.contains_key("zip") {
        return Err(wrong("the header asks for an extension that is not supported"));
    }
    Ok(Unverified {
        signing_input,
        signature: decode(signature)?,
        header,
        claims: object(&decode(claims)?)?,
    })
}

impl Unverified<'_> {
    pub(crate) fn kid(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    pub(crate) fn algorithm(&self) -> Option<SigningAlgorithm> {
        SigningAlgorithm::parse(self.header.get("alg").and_then(Value::as_str)?)
    }

    /// A claim that nothing may be decided upon yet.
    pub(crate) fn claim(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// The declared type (RFC 7515 §4.1.9), which must be a string.
    pub(crate) fn typ(&self) -> Result<Option<&str>, String> {
        match self.header.get("typ") {
            None => Ok(None),
            Some(typ) => typ
                .as_str()
                .map(Some)
                .ok_or_else(|| "typ is not a string".to_owned()),
        }
    }

    /// The claims, when the signature is that of `public_jwk` by `algorithm`: the record's, not the header's.
    pub(crate) fn verify(
        self,
        algorithm: SigningAlgorithm,
        public_jwk: &str,
    ) -> Result<Map<String, Value>, JoseFailure> {
        if self.algorithm() != Some(algorithm) {
            return Err(JoseFailure("the JWT is signed by another algorithm".into()));
        }
        let jwk = Jwk::from_bytes(public_jwk)?;
        let verifier: Box<dyn JwsVerifier> = match algorithm {
            SigningAlgorithm::Rs256 => Box::new(RS256.verifier_from_jwk(&jwk)?),
            SigningAlgorithm::Ps256 => Box::new(PS256.verifier_from_jwk(&jwk)?),
            SigningAlgorithm::Es256 => Box::new(ES256.verifier_from_jwk(&jwk)?),
            SigningAlgorithm::EdDsa => Box::new(EdDSA.verifier_from_jwk(&jwk)?),
        };
        verifier.verify(self.signing_input.as_bytes(), &self.signature)?;
        Ok(self.claims)
    }
}

/// A JSON object whose members are all different.
fn object(bytes: &[u8]) -> Result<Map<String, Value>, JoseFailure> {
    egress::json::object(bytes).map_err(|error| JoseFailure(format!("not a JSON object: {error}")))
}

/// The keys of a JWK Set that could have made a signature: by `kid` when the JWT names one, of the right type.
pub(crate) fn candidates(jwks: &str, kid: Option<&str>, algorithm: SigningAlgorithm) -> Vec<String> {
    let kty = match algorithm {
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => "RSA",
        SigningAlgorithm::Es256 => "EC",
        SigningAlgorithm::EdDsa => "OKP",
    };
    let set: Value = serde_json::from_str(jwks).unwrap_or(Value::Null);
    let keys = set
        .get("keys")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    keys.into_iter()
        .filter(|key| key["kty"] == kty)
        .filter(|key| key.get("use").is_none_or(|use_| use_ == "sig"))
        .filter(|key| key.get("alg").is_none_or(|alg| alg == algorithm.name()))
        .filter(|key| kid.is_none_or(|kid| key.get("kid").is_none_or(|known| known == kid)))
        .map(|key| key.to_string())
        .collect()
}

#[cfg(test)]
mod tests;
