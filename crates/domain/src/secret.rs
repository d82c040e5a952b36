//! Bearer values: shown once, stored only as a digest.

use std::fmt;

use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::entropy::{Entropy, random};

/// A bearer value (a cookie, a code, a token, a client secret) as it travels: 256 random bits in base64url,
/// 43 characters. It has no `Display` and a `Debug` that says nothing.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        Self::from_bytes(&random::<32>(entropy))
    }

    /// The one that `bytes` spell.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(BASE64URL_NOPAD.encode(bytes)))
    }

    /// What a browser or an app presented. Anything may stand here; only its digest is ever looked up.
    pub fn presented(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text to hand out, once.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The only form that is stored: SHA-256. A slow hash would add nothing to 256 random bits (OWASP ASVS 6.5.2).
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// Another secret that follows from this one and from nothing that is stored: the same inputs always give
    /// the same value, so that a repeated request repeats its answer. `purpose` separates the uses.
    #[must_use]
    pub fn derive(&self, purpose: &str, context: &[u8]) -> Self {
        let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(self.0.as_bytes())
            .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(purpose.as_bytes());
        mac.update(&[0]);
        mac.update(context);
        Self::from_bytes(&mac.finalize().into_bytes())
    }

    /// Constant-time comparison.
    pub fn matches(&self, other: &Secret) -> bool {
        self.hash().matches(&other.hash())
    }
}

/// In constant time.
impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.matches(other)
    }
}

impl Eq for Secret {}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a [`Secret`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Constant-time comparison.
    pub fn matches(&self, other: &SecretHash) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Enough to tell two apart in a failed assertion, too little to search a log for.
        write!(f, "SecretHash({}…)", HEXLOWER.encode(&self.0[..4]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_handed_out_on_purpose_alone() {
        let secret = Secret::presented("hunter2");
        assert_eq!(secret.expose(), "hunter2");
        assert_eq!(format!("{secret:?}"), "Secret(…)");
        // SHA-256 of "hunter2" begins so.
        assert_eq!(format!("{:?}", secret.hash()), "SecretHash(f52fbd32…)");
        assert!(
            secret.matches(&Secret::presented("hunter2")) && !secret.matches(&Secret::presented("hunter3"))
        );
    }
}
