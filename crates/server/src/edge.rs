//! The edge of the process: the only place that asks the machine for the time and for randomness.

use chrono::{DateTime, Utc};
use domain::{entropy::Entropy, time::Clock};

/// The machine's clock, in the whole milliseconds that the store keeps: a value compares equal to itself after
/// it was stored.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the edge that the ban points to"
    )]
    fn now(&self) -> DateTime<Utc> {
        domain::time::from_millis(Utc::now().timestamp_millis())
    }
}

/// The operating system's entropy.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness there is no secret worth making: stop rather than go on with anything else.
        if let Err(error) = getrandom::fill(bytes) {
            panic!("the operating system gives no randomness: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_keeps_whole_milliseconds() {
        let now = SystemClock.now();
        assert_eq!(now.timestamp_subsec_nanos() % 1_000_000, 0);
        assert!(now.timestamp() > 1_700_000_000);
    }

    #[test]
    fn entropy_fills_and_differs() {
        let (mut a, mut b) = ([0; 32], [0; 32]);
        SystemEntropy.fill(&mut a);
        SystemEntropy.fill(&mut b);
        assert_ne!(a, [0; 32]);
        assert_ne!(a, b);
    }
}
