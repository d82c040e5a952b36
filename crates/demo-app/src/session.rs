//! What the app remembers, in memory: sign-ins under way, and the guests who are in.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use openidconnect::{CsrfToken, PkceCodeVerifier, core::CoreIdToken};

use crate::verify::{Check, Claims, Expected};

/// What must be known again when the guest comes back from the provider. It never leaves the server: the browser
/// holds only the random name under which it is kept.
pub(crate) struct StartedSignIn {
    pub(crate) pkce_verifier: PkceCodeVerifier,
    /// What the ID token must say.
    pub(crate) expected: Expected,
}

/// A guest who is in.
pub(crate) struct Session {
    pub(crate) claims: Claims,
    /// What was verified to let the guest in.
    pub(crate) checks: Vec<Check>,
    /// For signing out: it tells the provider whose session is meant.
    pub(crate) id_token: CoreIdToken,
}

/// 256 random bits, written for a cookie.
pub(crate) fn random_id() -> String {
    CsrfToken::new_random_len(32).into_secret()
}

/// A shelf never holds more; the oldest goes first.
const MOST: usize = 10_000;

/// Things that are kept for a while.
pub(crate) struct Shelf<K, V> {
    lifetime: Duration,
    things: Mutex<HashMap<K, (Instant, V)>>,
}

impl<K: Eq + Hash + Clone, V> Shelf<K, V> {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self {
            lifetime,
            things: Mutex::default(),
        }
    }

    pub(crate) fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Keeps `value` until its time is over.
    pub(crate) fn put(&self, key: K, value: V, now: Instant) {
        let mut things = self.things();
        things.retain(|_, (until, _)| now < *until);
        if things.len() >= MOST
            && let Some(oldest) = things
                .iter()
                .min_by_key(|(_, (until, _))| *until)
                .map(|(key, _)| key.clone())
        {
            things.remove(&oldest);
        }
        things.insert(key, (now + self.lifetime, value));
    }

    /// Hands it out and forgets it, so that it is used once.
    pub(crate) fn take(&self, key: &K, now: Instant) -> Option<V> {
        let (until, value) = self.things().remove(key)?;
        (now < until).then_some(value)
    }

    /// Hands out a copy.
    pub(crate) fn get(&self, key: &K, now: Instant) -> Option<V>
    where
        V: Clone,
    {
        let things = self.things();
        let (until, value) = things.get(key)?;
        (now < *until).then(|| value.clone())
    }

    /// Drops those that are meant.
    pub(crate) fn forget(&self, is_meant: impl Fn(&V) -> bool) {
        self.things().retain(|_, (_, value)| !is_meant(value));
    }

    fn things(&self) -> MutexGuard<'_, HashMap<K, (Instant, V)>> {
        self.things.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_taken_once() {
        let shelf = Shelf::new(Duration::from_mins(15));
        let now = Instant::now();
        shelf.put("state", 1, now);
        assert_eq!(shelf.take(&"another", now), None);
        assert_eq!(shelf.take(&"state", now), Some(1));
        assert_eq!(shelf.take(&"state", now), None);
    }

    #[test]
    fn those_that_are_meant_are_dropped() {
        let shelf = Shelf::new(Duration::from_mins(15));
        let now = Instant::now();
        for n in 1..=4 {
            shelf.put(n, n, now);
        }
        shelf.forget(|n| n % 2 == 0);
        assert_eq!(
            [1, 2, 3, 4].map(|n| shelf.get(&n, now)),
            [Some(1), None, Some(3), None]
        );
    }

    #[test]
    fn its_time_is_over_to_the_second() {
        let shelf = Shelf::new(Duration::from_mins(15));
        let now = Instant::now();
        shelf.put("cookie", 1, now);
        let end = now + Duration::from_mins(15);
        assert_eq!(
            shelf.get(&"cookie", end.checked_sub(Duration::from_secs(1)).unwrap()),
            Some(1)
        );
        assert_eq!(shelf.get(&"cookie", end), None);
        assert_eq!(shelf.take(&"cookie", end), None);
    }

    #[test]
    fn a_full_shelf_drops_the_oldest() {
        let shelf = Shelf::new(Duration::from_mins(15));
        let now = Instant::now();
        for n in 0..=MOST {
            shelf.put(n, n, now + Duration::from_millis(n as u64));
        }
        let later = now + Duration::from_mins(1);
        assert_eq!(shelf.get(&0, later), None);
        assert_eq!(shelf.get(&1, later), Some(1));
        assert_eq!(shelf.get(&MOST, later), Some(MOST));
    }

    #[test]
    fn ids_are_long_and_differ() {
        let (one, other) = (random_id(), random_id());
        assert_eq!(one.len(), 43);
        assert_ne!(one, other);
    }
}
