//! What tells a guest which mail belongs to which page.

use crate::entropy::{Entropy, random};

/// Four letters and digits that are not confused: no I, L, O, U, 0, 1; at least two are letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference(String);

impl Reference {
    /// A fresh one.
    pub fn generate(entropy: &dyn Entropy) -> Self {
        const ANY: &[u8] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
        // Two are letters, so that it is not taken for a code, nor by a mail program for a number.
        let letters = &ANY[8..];
        let places = [letters, ANY, letters, ANY];
        let drawn = random::<4>(entropy);
        let pick = |(alphabet, byte): (&[u8], &u8)| char::from(alphabet[usize::from(*byte) % alphabet.len()]);
        Self(places.into_iter().zip(&drawn).map(pick).collect())
    }

    /// The one that a row holds.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Bytes that begin with this one, each the next.
    struct Drawn(u8);

    impl Entropy for Drawn {
        fn fill(&self, bytes: &mut [u8]) {
            for (byte, at) in bytes.iter_mut().zip(0..) {
                *byte = self.0.wrapping_add(at);
            }
        }
    }

    #[test]
    fn a_reference_has_two_letters() {
        struct Counting(std::sync::atomic::AtomicU8);
        impl crate::entropy::Entropy for Counting {
            fn fill(&self, bytes: &mut [u8]) {
                for byte in bytes {
                    *byte = self.0.fetch_add(7, std::sync::atomic::Ordering::Relaxed);
                }
            }
        }
        let entropy = Counting(0.into());
        for _ in 0..1000 {
            let reference = Reference::generate(&entropy);
            let letters = reference
                .as_str()
                .chars()
                .filter(char::is_ascii_uppercase)
                .count();
            assert!(letters >= 2 && reference.as_str().len() == 4, "{reference:?}");
        }
    }

    #[test]
    fn a_reference_is_read_aloud_without_doubt() {
        let drawn: Vec<String> = (0..=255)
            .map(|first| Reference::generate(&Drawn(first)).as_str().to_owned())
            .collect();
        let at = |place: usize| -> BTreeSet<char> {
            drawn.iter().filter_map(|text| text.chars().nth(place)).collect()
        };
        assert!(drawn.iter().all(|text| text.chars().count() == 4));
        let letters: BTreeSet<char> = "ABCDEFGHJKMNPQRSTVWXYZ".chars().collect();
        let any: BTreeSet<char> = "23456789".chars().chain(letters.iter().copied()).collect();
        assert_eq!([at(0), at(2)], [letters.clone(), letters]);
        assert_eq!([at(1), at(3)], [any.clone(), any]);
    }
}
