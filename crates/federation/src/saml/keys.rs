//! The keys that an identity provider signs with: those of its metadata, and no other (threat S05).

use chrono::{DateTime, Utc};
use openssl::{
    asn1::Asn1Time,
    bn::BigNum,
    ecdsa::EcdsaSig,
    hash::MessageDigest,
    nid::Nid,
    pkey::{Id, PKey, Public},
    sign::Verifier,
    x509::X509,
};

use crate::{Certificate, UpstreamError, error::invalid};

/// The shortest RSA key whose signatures count, in bits (NIST SP 800-131A).
const RSA_BITS_MIN: u32 = 2048;

/// A signature algorithm that is believed (RFC 9231 §2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Algorithm {
    kind: KeyKind,
    hash: Hash,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeyKind {
    Rsa,
    Ecdsa,
}

/// A digest that is believed: SHA-256 or better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    /// The one of that name.
    pub(super) fn called(uri: &str) -> Option<Self> {
        let name = uri.strip_prefix("http://www.w3.org/2001/04/xmldsig-more#")?;
        let (kind, hash) = name.split_once('-')?;
        Some(Self {
            kind: match kind {
                "rsa" => KeyKind::Rsa,
                "ecdsa" => KeyKind::Ecdsa,
                _ => return None,
            },
            hash: match hash {
                "sha256" => Hash::Sha256,
                "sha384" => Hash::Sha384,
                "sha512" => Hash::Sha512,
                _ => return None,
            },
        })
    }
}

impl Hash {
    /// The one of that name (RFC 9231 §2.1, XML Encryption §5.8).
    pub(super) fn called(uri: &str) -> Option<Self> {
        match uri {
            "http://www.w3.org/2001/04/xmlenc#sha256" => Some(Self::Sha256),
            "http://www.w3.org/2001/04/xmldsig-more#sha384" => Some(Self::Sha384),
            "http://www.w3.org/2001/04/xmlenc#sha512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest of these bytes.
    pub(super) fn of(self, bytes: &[u8]) -> Result<Vec<u8>, UpstreamError> {
        let digest = openssl::hash::hash(self.method(), bytes);
        digest.map(|digest| digest.to_vec()).map_err(|_| failed())
    }

    fn method(self) -> MessageDigest {
        match self {
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }
}

/// A key that is published for signing.
#[derive(Clone, Debug)]
pub(super) struct Key {
    public: PKey<Public>,
    /// When its certificate ends. It is believed beyond that: what counts is that the metadata names it (SAML V2.0
    /// Metadata Interoperability Profile §2.6.1).
    pub(super) ends_at: Option<DateTime<Utc>>,
    /// The SHA-256 of its certificate.
    fingerprint: Vec<u8>,
}

impl Key {
    /// The key of a certificate, or why it is not believed: the end of a sentence about it.
    pub(super) fn of_certificate(der: &[u8]) -> Result<Self, &'static str> {
        let certificate = X509::from_der(der).map_err(|_| "cannot be read")?;
        let key = certificate
            .public_key()
            .map_err(|_| "has a key that is not known here")?;
        match key.id() {
            Id::RSA if key.bits() < RSA_BITS_MIN => return Err("has an RSA key of less than 2048 bits"),
            Id::RSA => {}
            Id::EC => {
                let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
                if !matches!(
                    curve,
                    Some(Nid::X9_62_PRIME256V1 | Nid::SECP384R1 | Nid::SECP521R1)
                ) {
                    return Err("has a key on a curve that is not believed here");
                }
            }
            _ => return Err("has a key that is neither RSA nor EC"),
        }
        let fingerprint = certificate
            .digest(MessageDigest::sha256())
            .map_err(|_| "cannot be read")?;
        Ok(Self {
            public: key,
            ends_at: ends_at(&certificate),
            fingerprint: fingerprint.to_vec(),
        })
    }

    /// The certificate, as it is shown.
    pub(super) fn certificate(&self) -> Certificate {
        let pairs: Vec<String> = self
            .fingerprint
            .iter()
            .map(|byte| format!("{byte:02X}"))
            .collect();
        Certificate {
            fingerprint: pairs.join(":"),
            ends_at: self.ends_at,
        }
    }

    /// Whether it made a signature.
    pub(super) fn made(&self, algorithm: Algorithm, text: &str, signature: &[u8]) -> bool {
        let (fits, signature) = match algorithm.kind {
            KeyKind::Rsa => (self.public.id() == Id::RSA, Some(signature.to_vec())),
            // XML Signature §6.4.3 writes both numbers at their full length, side by side.
            KeyKind::Ecdsa => (self.public.id() == Id::EC, der(signature)),
        };
        let (true, Some(signature)) = (fits, signature) else {
            return false;
        };
        Verifier::new(algorithm.hash.method(), &self.public)
            .and_then(|mut verifier| verifier.verify_oneshot(&signature, text.as_bytes()))
            .unwrap_or(false)
    }
}

fn der(signature: &[u8]) -> Option<Vec<u8>> {
    if !signature.len().is_multiple_of(2) {
        return None;
    }
    let (r, s) = signature.split_at(signature.len() / 2);
    let number = |bytes| BigNum::from_slice(bytes).ok();
    EcdsaSig::from_private_components(number(r)?, number(s)?)
        .and_then(|signature| signature.to_der())
        .ok()
}

fn ends_at(certificate: &X509) -> Option<DateTime<Utc>> {
    let epoch = Asn1Time::from_unix(0).ok()?;
    let since = epoch.diff(certificate.not_after()).ok()?;
    let seconds = i64::from(since.days) * 86_400 + i64::from(since.secs);
    DateTime::from_timestamp(seconds, 0)
}

pub(super) fn failed() -> UpstreamError {
    invalid("it could not be computed with")
}
