//! An authenticator in software (Web Authentication Level 3 §6): one resident ES256 credential, which answers whatever
//! it is told to, so that a test can also answer what a browser would not.

use data_encoding::BASE64URL_NOPAD;
use ring::{
    rand::{SecureRandom, SystemRandom},
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The user was present.
const PRESENT: u8 = 0x01;
/// The user was verified.
const VERIFIED: u8 = 0x04;
/// The key may be kept elsewhere, and is.
const SYNCED: u8 = 0x08 | 0x10;
/// A credential follows.
const CREDENTIAL: u8 = 0x40;

/// How a browser asks it.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The page's origin.
    pub origin: &'a str,
    /// The RP ID.
    pub rp_id: &'a str,
    /// Whether the user shows who they are.
    pub verified: bool,
}

/// One credential on a device.
pub struct Authenticator {
    key: EcdsaKeyPair,
    credential_id: Vec<u8>,
    /// What it says whose the credential is.
    pub user: Vec<u8>,
    /// How many signatures it made; 0 for ever where it does not count.
    pub counter: u32,
    synced: bool,
}

impl Authenticator {
    /// Makes a credential for these options (`PublicKeyCredentialCreationOptionsJSON`), with the answer that registers
    /// it. A synced one does not count its signatures, as those in use do not.
    ///
    /// # Panics
    ///
    /// When the options are none.
    pub fn create(options: &str, asked: &Asked<'_>, synced: bool) -> (Self, String) {
        let options: Value = serde_json::from_str(options).unwrap_or_else(|_| panic!("options are JSON"));
        let random = SystemRandom::new();
        let mut credential_id = vec![0; 32];
        let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random)
            .and_then(|document| {
                let bytes = document.as_ref();
                random.fill(&mut credential_id)?;
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, bytes, &random)
                    .map_err(|_| ring::error::Unspecified)
            })
            .unwrap_or_else(|_| panic!("a key can be made"));
        let made = Self {
            key,
            credential_id,
            user: bytes(&options["user"]["id"]),
            counter: u32::from(!synced),
            synced,
        };
        let mut data = made.data(asked, CREDENTIAL);
        data.extend([0; 16]);
        data.extend([0, 32]);
        data.extend(&made.credential_id);
        data.extend(made.public_key());
        let answer = json!({
            "id": made.id(),
            "rawId": made.id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": { "credProps": { "rk": true } },
            "response": {
                "clientDataJSON": text(&client_data("webauthn.create", &options, asked)),
                "attestationObject": text(&attestation_object(&data)),
                "transports": ["internal"],
            },
        });
        (made, answer.to_string())
    }

    /// Signs for these options (`PublicKeyCredentialRequestOptionsJSON`).
    ///
    /// # Panics
    ///
    /// When the options are none.
    pub fn sign(&mut self, options: &str, asked: &Asked<'_>) -> String {
        let options: Value = serde_json::from_str(options).unwrap_or_else(|_| panic!("options are JSON"));
        if !self.synced {
            self.counter += 1;
        }
        let data = self.data(asked, 0);
        let client_data = client_data("webauthn.get", &options, asked);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client_data));
        let signature = self.key.sign(&SystemRandom::new(), &signed);
        let signature = signature.unwrap_or_else(|_| panic!("a key can sign"));
        json!({
            "id": self.id(),
            "rawId": self.id(),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": text(&client_data),
                "authenticatorData": text(&data),
                "signature": text(signature.as_ref()),
                "userHandle": text(&self.user),
            },
        })
        .to_string()
    }

    fn id(&self) -> String {
        text(&self.credential_id)
    }

    /// §6.1, without a credential.
    fn data(&self, asked: &Asked<'_>, more: u8) -> Vec<u8> {
        let verified = if asked.verified { VERIFIED } else { 0 };
        let synced = if self.synced { SYNCED } else { 0 };
        let mut data = Sha256::digest(asked.rp_id).to_vec();
        data.push(PRESENT | verified | synced | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The key in COSE (RFC 9053 §7.1.1): EC2, ES256, P-256, x, y.
    fn public_key(&self) -> Vec<u8> {
        let point = self.key.public_key().as_ref();
        let mut cose = vec![0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01];
        cose.extend([0x21, 0x58, 32]);
        cose.extend(&point[1..33]);
        cose.extend([0x22, 0x58, 32]);
        cose.extend(&point[33..65]);
        cose
    }
}

/// §8.7: «none» attests nothing.
fn attestation_object(data: &[u8]) -> Vec<u8> {
    let mut object = vec![0xa3];
    for word in ["fmt", "none", "attStmt"] {
        object.push(0x60 | u8::try_from(word.len()).unwrap_or(0));
        object.extend(word.as_bytes());
    }
    object.push(0xa0);
    object.push(0x68);
    object.extend(b"authData");
    object.extend([0x58, u8::try_from(data.len()).unwrap_or(u8::MAX)]);
    object.extend(data);
    object
}

/// §5.8.1.
fn client_data(kind: &str, options: &Value, asked: &Asked<'_>) -> Vec<u8> {
    let data = json!({
        "type": kind,
        "challenge": options["challenge"],
        "origin": asked.origin,
        "crossOrigin": false,
    });
    data.to_string().into_bytes()
}

fn text(bytes: &[u8]) -> String {
    BASE64URL_NOPAD.encode(bytes)
}

fn bytes(text: &Value) -> Vec<u8> {
    let text = text.as_str().unwrap_or_default();
    BASE64URL_NOPAD.decode(text.as_bytes()).unwrap_or_default()
}
