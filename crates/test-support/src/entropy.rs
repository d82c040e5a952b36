//! Entropy that repeats itself: the same seed gives the same ids, codes and tokens in every run.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::entropy::Entropy;
use sha2::{Digest, Sha256};

/// SHA-256 of a seed and a counter. Clones go on with the same counter.
#[derive(Clone, Debug)]
pub struct SeededEntropy {
    seed: u64,
    counter: Arc<AtomicU64>,
}

impl SeededEntropy {
    /// The stream of that seed, from its beginning.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            counter: Arc::new(AtomicU64::new(0)),
        }
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(32) {
            let count = self.counter.fetch_add(1, Ordering::SeqCst);
            let block = Sha256::new()
                .chain_update(self.seed.to_be_bytes())
                .chain_update(count.to_be_bytes())
                .finalize();
            part.copy_from_slice(&block[..part.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::entropy::random;

    use super::*;

    #[test]
    fn repeats_itself_and_only_itself() {
        let (one, two) = (SeededEntropy::new(1), SeededEntropy::new(1));
        let first = random::<40>(&one);
        assert_eq!(first, random::<40>(&two));
        assert_ne!(first, random::<40>(&one), "the stream moves on");
        assert_ne!(first, random::<40>(&SeededEntropy::new(2)));
        assert_ne!(first[..8], first[32..], "blocks differ");
    }
}
