//! `[mail.dkim]`: signing mail ourselves, when no relay does it (RFC 6376).

use data_encoding::BASE64;
use domain::email::canonical_domain;
use zeroize::Zeroizing;

use crate::{
    config::{
        kinds::{Domain, Mailbox},
        reader::Section,
        secret::SecretText,
    },
    mail::check_dkim,
};

/// What mail is signed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DkimSettings {
    /// `d=`.
    pub domain: String,
    /// `s=`.
    pub selector: String,
    /// The private key.
    pub key: DkimKey,
}

/// A DKIM private key, in the form that its signer wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DkimKey {
    /// RFC 8463: the 32-byte seed.
    Ed25519(SecretSeed),
    /// PKCS#1 PEM.
    Rsa(SecretText),
}

/// The seed of an Ed25519 key. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretSeed(Zeroizing<[u8; 32]>);

impl SecretSeed {
    /// One that a test makes up.
    #[cfg(test)]
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self(Zeroizing::new(seed))
    }

    /// The bytes.
    pub fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for SecretSeed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretSeed(…)")
    }
}

const KEY: &str = "make one with: openssl genpkey -algorithm ed25519 -out dkim.pem";

pub(in crate::config) fn read(section: &mut Section<'_>, from: Option<&Mailbox>) -> Option<DkimSettings> {
    let domain: Option<Domain> = section.maybe("domain");
    let selector: Option<String> = section.maybe("selector");
    let given = section.is_set("key");
    let secret = section.secret("key");
    section.show("key", given.then(|| "(secret)".to_owned()));
    let set = [
        ("domain", domain.is_some()),
        ("selector", selector.is_some()),
        ("key", given),
    ];
    if set.iter().any(|(_, set)| *set) {
        for (key, set) in set {
            // One that was set and refused has been spoken of already.
            if set || section.is_set(key) {
                continue;
            }
            section.refuse(
                key,
                "is not set, and other settings of [mail.dkim] are",
                "set domain, selector and key, or none of them when a relay signs",
            );
        }
    }
    if let Some(selector) = &selector
        && canonical_domain(&format!("{selector}.example")).is_err()
    {
        section.refuse(
            "selector",
            "is not a DNS name",
            "write a word such as \"vestibule1\"",
        );
    }
    let secret = secret?;
    let key = parse(&secret).filter(|key| check_dkim(key).is_ok());
    if key.is_none() {
        section.refuse(
            "key",
            "is neither an Ed25519 key (PEM) nor an RSA key (PKCS#1 PEM)",
            KEY,
        );
    }
    let dkim = DkimSettings {
        domain: domain?.0,
        selector: selector?,
        key: key?,
    };
    if let Some(from) = from
        && from.address.domain() != dkim.domain
        && !from.address.domain().ends_with(&format!(".{}", dkim.domain))
    {
        section.warn(
            "domain",
            format!("is {}, and mail comes from another domain", dkim.domain),
            "DMARC passes only when the two agree (RFC 7489 §3.1.1)",
        );
    }
    Some(dkim)
}

fn parse(secret: &SecretText) -> Option<DkimKey> {
    /// An Ed25519 private key in PKCS#8 up to its seed (RFC 8410 §7).
    const PKCS8: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ];
    let text = secret.expose();
    if text.contains("-----BEGIN RSA PRIVATE KEY-----") {
        return Some(DkimKey::Rsa(secret.clone()));
    }
    let body: Zeroizing<String> =
        Zeroizing::new(text.lines().filter(|line| !line.starts_with("-----")).collect());
    let bytes = Zeroizing::new(BASE64.decode(body.trim().as_bytes()).ok()?);
    let seed = match bytes.strip_prefix(&PKCS8) {
        Some(seed) if text.contains("-----BEGIN PRIVATE KEY-----") => seed,
        _ => &bytes[..],
    };
    Some(DkimKey::Ed25519(SecretSeed(Zeroizing::new(
        seed.try_into().ok()?,
    ))))
}
