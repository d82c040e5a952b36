//! DKIM signatures (RFC 6376, RFC 8463), for installations whose relay does not sign.

use data_encoding::BASE64;
use lettre::{
    Message,
    message::{
        dkim::{
            DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey,
        },
        header::HeaderName,
    },
};
use zeroize::Zeroizing;

use crate::config::settings::{DkimKey, DkimSettings};

/// What the signature covers, where it is present. Content-Type is left out: lettre hashes the headers without it and
/// would still name it, and the signature could not be verified.
const SIGNED: [&str; 10] = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Language",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
];

/// A private key that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the DKIM key is neither an Ed25519 key nor an RSA key in PKCS#1 PEM")]
pub struct DkimError;

/// Signs mails. No `Debug`: it holds the private key.
pub(super) struct Dkim(DkimConfig);

impl Dkim {
    pub(super) fn new(settings: &DkimSettings) -> Result<Self, DkimError> {
        let headers = SIGNED.map(HeaderName::new_from_ascii_str).to_vec();
        let canonicalization = DkimCanonicalization {
            header: DkimCanonicalizationType::Relaxed,
            body: DkimCanonicalizationType::Relaxed,
        };
        Ok(Self(DkimConfig::new(
            settings.selector.clone(),
            settings.domain.clone(),
            key(&settings.key)?,
            headers,
            canonicalization,
        )))
    }

    pub(super) fn sign(&self, message: &mut Message) {
        message.sign(&self.0);
    }
}

/// Whether a key can sign.
pub fn check(key_: &DkimKey) -> Result<(), DkimError> {
    key(key_).map(drop)
}

fn key(key: &DkimKey) -> Result<DkimSigningKey, DkimError> {
    match key {
        DkimKey::Ed25519(seed) => {
            let text = Zeroizing::new(BASE64.encode(seed.expose()));
            DkimSigningKey::new(&text, DkimSigningAlgorithm::Ed25519)
        }
        DkimKey::Rsa(pem) => DkimSigningKey::new(pem.expose(), DkimSigningAlgorithm::Rsa),
    }
    .map_err(|_| DkimError)
}
