//! The master key: kept outside the database, and the root of every key that protects what is inside.

use std::fmt;

use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::{Secret, passcode::CodeKey};

/// 256 bits, and a name that follows from them, so that a row can say which one it needs.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct MasterKey {
    #[zeroize(skip)]
    id: String,
    bytes: [u8; 32],
}

impl MasterKey {
    /// Wraps key material.
    pub fn new(bytes: [u8; 32]) -> Self {
        let mut name = [0; 6];
        expand(&bytes, "name", &mut name);
        Self {
            id: HEXLOWER.encode(&name),
            bytes,
        }
    }

    /// Its name: 12 hexadecimal digits that give nothing away.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key that codes are derived from.
    pub fn code_key(&self) -> CodeKey {
        CodeKey::new(*self.purpose("passcode"))
    }

    /// The key for one purpose; different purposes share nothing.
    pub fn purpose(&self, label: &str) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        expand(&self.bytes, label, &mut key[..]);
        key
    }

    /// A secret that follows from this key and from nothing that is stored or sent: always the same for one purpose and one
    /// context.
    pub fn secret(&self, label: &str, context: &[u8]) -> Secret {
        Secret::from_bytes(&*self.purpose(label)).derive(label, context)
    }
}

fn expand(bytes: &[u8; 32], label: &str, out: &mut [u8]) {
    Hkdf::<Sha256>::new(None, bytes)
        .expand_multi_info(&[b"vestibule master key: ", label.as_bytes()], out)
        .unwrap_or_else(|_| unreachable!("so few bytes are within HKDF's limit"));
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// The key in use, and the ones that older rows may still name while they are re-sealed.
#[derive(Clone, Debug)]
pub struct MasterKeys {
    current: MasterKey,
    older: Vec<MasterKey>,
}

impl MasterKeys {
    /// A key in use and its predecessors.
    pub fn new(current: MasterKey, older: Vec<MasterKey>) -> Self {
        Self { current, older }
    }

    /// What new rows are protected with.
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// The key of that name.
    pub fn get(&self, id: &str) -> Option<&MasterKey> {
        self.all().find(|key| key.id == id)
    }

    /// Every key, the one in use first.
    pub fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.older)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_purposes_differ() {
        let (a, b) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        assert_ne!(a.id(), b.id());
        assert_ne!(*a.purpose("x"), *a.purpose("y"));
        assert_ne!(*a.purpose("x"), *b.purpose("x"));
        assert_eq!(a.secret("x", b"1"), a.secret("x", b"1"));
        for other in [a.secret("y", b"1"), a.secret("x", b"2"), b.secret("x", b"1")] {
            assert_ne!(a.secret("x", b"1"), other);
        }
        let keys = MasterKeys::new(b.clone(), vec![a.clone()]);
        assert_eq!(keys.get(a.id()).map(MasterKey::id), Some(a.id()));
        assert!(keys.get("nobody").is_none());
        assert_eq!(
            format!("{a:?}"),
            format!("MasterKey({})", a.id()),
            "the name, and not the key"
        );
        assert!(format!("{keys:?}").len() < 120);
    }
}
