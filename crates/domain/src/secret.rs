//! Bearer values: shown once, stored only as a digest.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use chrono::{DateTime, Utc};
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::entropy::{Entropy, random};

/// Bytes of a moment: milliseconds, as many as a `UUIDv7` has.
const MOMENT: usize = 6;
/// The same in base64url.
const MOMENT_CHARS: usize = 8;
/// 256 bits in base64url.
const SECRET_CHARS: usize = 43;

/// A bearer value (a cookie, a code, a token, a client secret) as it travels: 256 random bits in base64url,
/// 43 characters, behind eight of a moment where it is [dated](Self::dated). It has no `Display` and a `Debug` that says nothing.
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

    /// The same behind a moment, that at which it is made or its sign-in began, for secrets that are kept in any number: their hashes begin with that
    /// moment, so that those which are made together lie together, and only the newest pages of a table are written.
    #[must_use]
    pub fn dated(&self, at: DateTime<Utc>) -> Self {
        let millis = u64::try_from(at.timestamp_millis()).unwrap_or(0);
        let moment = BASE64URL_NOPAD.encode(&millis.to_be_bytes()[8 - MOMENT..]);
        Self(Zeroizing::new(moment + &self.0))
    }

    /// The only form that is stored: SHA-256. A slow hash would add nothing to 256 random bits (OWASP ASVS 6.5.2). That of a
    /// dated secret has the moment in place of its first six bytes; 208 bits of the digest stay.
    pub fn hash(&self) -> SecretHash {
        let mut hash: [u8; 32] = Sha256::digest(self.0.as_bytes()).into();
        if let Some(moment) = self.moment() {
            hash[..MOMENT].copy_from_slice(&moment);
        }
        SecretHash(hash)
    }

    /// What a dated secret begins with. Whoever presents one may write anything there: its digest differs then.
    fn moment(&self) -> Option<[u8; MOMENT]> {
        let text = self.0.as_bytes();
        let mut moment = [0; MOMENT];
        let is_dated = text.len() == MOMENT_CHARS + SECRET_CHARS
            && BASE64URL_NOPAD
                .decode_mut(&text[..MOMENT_CHARS], &mut moment)
                .is_ok();
        is_dated.then_some(moment)
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

/// Feeds nothing, so that no digest of what holds a secret lets anybody try which one it is.
impl Hash for Secret {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// SHA-256 of a [`Secret`]; behind the moment of a [dated](Secret::dated) one.
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
        // Enough to tell two apart in a failed assertion, too little to search a log for. Dated ones begin alike.
        write!(f, "SecretHash(…{})", HEXLOWER.encode(&self.0[28..]))
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
        // SHA-256 of "hunter2" ends so.
        assert_eq!(format!("{:?}", secret.hash()), "SecretHash(…26a3f6c7)");
        assert!(
            secret.matches(&Secret::presented("hunter2")) && !secret.matches(&Secret::presented("hunter3"))
        );
    }

    #[test]
    fn a_digest_of_what_holds_a_secret_says_nothing_of_it() {
        let digest = |text: &str| {
            let mut hasher = std::hash::DefaultHasher::new();
            Hash::hash(&Secret::presented(text), &mut hasher);
            hasher.finish()
        };
        assert_eq!(digest("hunter2"), digest("hunter3"));
    }

    #[test]
    fn dated_secrets_lie_in_the_order_of_their_moments() {
        let at = |millis| DateTime::from_timestamp_millis(millis).unwrap();
        let secret = Secret::from_bytes(&[7; 32]);
        let dated = secret.dated(at(0x0102_0304_0506));
        assert_eq!(
            dated.expose(),
            "AQIDBAUGBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc"
        );
        // Hashes what was presented, the moment as well: nobody moves a secret to another.
        let digest: [u8; 32] = Sha256::digest(dated.expose().as_bytes()).into();
        let SecretHash(hash) = dated.hash();
        assert_eq!((&hash[..6], &hash[6..]), (&[1, 2, 3, 4, 5, 6][..], &digest[6..]));
        assert_eq!(
            Secret::presented(dated.expose()).hash(),
            dated.hash(),
            "what an app sends back is found"
        );
        let moments = [-1, 0, 1, 255, 256, 1 << 40, (1 << 48) - 1];
        let hashes = moments.map(|millis| secret.dated(at(millis)).hash().0);
        assert_eq!(&hashes[0], &hashes[1], "before 1970 there is nothing");
        assert!(hashes[1..].is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn whatever_is_not_dated_is_hashed_as_it_stands() {
        let plain = |text: &str| Secret::presented(text).hash().0 == <[u8; 32]>::from(Sha256::digest(text));
        for text in [
            String::new(),
            "a".repeat(43),
            "a".repeat(50),
            "a".repeat(52),
            format!("{}{}", "ä".repeat(4), "a".repeat(43)),
            format!("aaaa+aaa{}", "a".repeat(43)),
        ] {
            assert!(plain(&text), "{text}");
        }
        assert!(!plain(&"a".repeat(51)));
    }
}
