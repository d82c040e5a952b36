//! Typed identifiers.

use std::{cmp::Ordering, fmt, hash, marker::PhantomData, str::FromStr};

use chrono::{DateTime, Utc};
use uuid::{Builder, Uuid};

use crate::entropy::{Entropy, random};

/// A `UUIDv7` (RFC 9562 §5.7) that knows what it identifies. Ordered by the time of creation, and therefore
/// never used where an outsider must not learn that time: a guest's `sub` is not one of these.
pub struct Id<T>(Uuid, PhantomData<fn() -> T>);

impl<T> Id<T> {
    /// A new identifier.
    pub fn new(now: DateTime<Utc>, entropy: &dyn Entropy) -> Self {
        let millis = u64::try_from(now.timestamp_millis()).unwrap_or(0);
        Self::from_uuid(Builder::from_unix_timestamp_millis(millis, &random(entropy)).into_uuid())
    }

    /// When it was made; `None` for one that is no `UUIDv7`.
    pub fn made_at(self) -> Option<DateTime<Utc>> {
        let (seconds, nanoseconds) = self.0.get_timestamp()?.to_unix();
        DateTime::from_timestamp(i64::try_from(seconds).ok()?, nanoseconds)
    }

    /// The identifier that a row or a path holds.
    pub fn from_uuid(uuid: Uuid) -> Self {
        Self(uuid, PhantomData)
    }

    /// The bare value.
    pub fn uuid(self) -> Uuid {
        self.0
    }
}

impl<T> FromStr for Id<T> {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self::from_uuid)
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Id<T> {}
impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<T> Eq for Id<T> {}
impl<T> PartialOrd for Id<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<T> Ord for Id<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<T> hash::Hash for Id<T> {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<T> fmt::Display for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}
impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::entropy::Entropy;

    struct Sevens;

    impl Entropy for Sevens {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(7);
        }
    }

    #[test]
    fn an_id_knows_when_it_was_made_and_is_ordered_by_it() {
        let at = DateTime::from_timestamp_millis(1_700_000_000_123).unwrap();
        let [first, second] =
            [at, at + chrono::TimeDelta::milliseconds(1)].map(|at| Id::<()>::new(at, &Sevens));
        assert_eq!(first.made_at(), Some(at));
        assert_eq!(first.partial_cmp(&second), Some(Ordering::Less));
        assert_eq!(first.partial_cmp(&first), Some(Ordering::Equal));
        assert_eq!(Id::<()>::from_uuid(Uuid::nil()).made_at(), None);
    }

    #[test]
    fn an_id_is_written_with_hyphens() {
        let text = "018f4e1c-7a2b-7000-8000-000000000001";
        let id: Id<()> = text.parse().unwrap();
        assert_eq!(
            (id.to_string(), format!("{id:?}")),
            (text.to_owned(), text.to_owned())
        );
        assert!("nobody".parse::<Id<()>>().is_err());
        let other = Id::from_uuid(Uuid::nil());
        // A set that hashes all to one is told apart by equality; the hash itself is compared.
        let hash = |id: Id<()>| {
            hash::BuildHasher::hash_one(
                &hash::BuildHasherDefault::<std::hash::DefaultHasher>::default(),
                id,
            )
        };
        assert_ne!(hash(id), hash(other));
        assert_eq!(HashSet::from([id, id, other]).len(), 2);
    }
}
