//! What upstreams publish of themselves, kept for an hour, and for a day when it cannot be asked for again.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::UpstreamError;

/// Asked again after this.
const FRESH: TimeDelta = TimeDelta::hours(1);
/// Used for so long when asking again fails.
const STALE: TimeDelta = TimeDelta::hours(24);
/// A key that is not known makes us ask again at once (OpenID Connect Core §10.1.1), however new the copy is: so far apart,
/// and at most so often in an hour (threat R09).
const FORCED_APART: TimeDelta = TimeDelta::seconds(10);
/// A copy that is older than this may always be asked for anew: forged logout tokens, which anyone may post, must not use up
/// what a sign-in needs.
const ALWAYS_AFTER: TimeDelta = TimeDelta::minutes(5);
/// See [`FORCED_APART`].
const FORCED_PER_HOUR: usize = 10;
/// How long after a failure no request is made.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);

/// What is known, by where it was asked for. Clones share it.
pub(crate) struct Cache<T>(Arc<std::sync::Mutex<Slots<T>>>);

type Slots<T> = HashMap<String, Arc<Mutex<Slot<T>>>>;

impl<T> Clone for Cache<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

/// What is known from one place.
struct Slot<T> {
    found: Option<(DateTime<Utc>, Arc<T>)>,
    /// The last time that asking failed, and how.
    failed: Option<(DateTime<Utc>, UpstreamError)>,
    /// When a key that is not known made us ask, within the last hour.
    forced: Vec<DateTime<Utc>>,
}

/// Whether a key that is not known may make us ask now, `age` after the copy was fetched.
fn may_force(forced: &[DateTime<Utc>], age: TimeDelta, now: DateTime<Utc>) -> bool {
    let within = |span: TimeDelta| forced.iter().filter(|at| now - **at < span).count();
    age >= ALWAYS_AFTER || within(FORCED_APART) == 0 && within(TimeDelta::hours(1)) < FORCED_PER_HOUR
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            found: None,
            failed: None,
            forced: Vec::new(),
        }
    }
}

impl<T> Slot<T> {
    /// The failure of just now, so that requests that waited do not ask once more.
    fn just_failed(&self, now: DateTime<Utc>) -> Option<UpstreamError> {
        let failed = self.failed.as_ref();
        failed
            .filter(|(at, _)| now - *at < PATIENCE)
            .map(|(_, error)| error.clone())
    }

    /// What was found not longer ago than this.
    fn within(&self, age: TimeDelta, now: DateTime<Utc>) -> Option<Arc<T>> {
        let found = self.found.as_ref();
        found
            .filter(|(at, _)| now - *at < age)
            .map(|(_, what)| Arc::clone(what))
    }

    async fn ask(
        &mut self,
        now: DateTime<Utc>,
        ask: impl AsyncFnOnce() -> Result<T, UpstreamError>,
    ) -> Result<Arc<T>, UpstreamError> {
        match ask().await {
            Ok(what) => {
                let what = Arc::new(what);
                self.found = Some((now, Arc::clone(&what)));
                self.failed = None;
                Ok(what)
            }
            Err(error) => {
                self.failed = Some((now, error.clone()));
                Err(error)
            }
        }
    }
}

impl<T> Cache<T> {
    /// The document at `place`. Requests that come while it is fetched wait for the same answer.
    pub(crate) async fn get(
        &self,
        place: &str,
        now: DateTime<Utc>,
        ask: impl AsyncFnOnce() -> Result<T, UpstreamError>,
    ) -> Result<Arc<T>, UpstreamError> {
        let slot = self.slot(place);
        let mut slot = slot.lock().await;
        if let Some(fresh) = slot.within(FRESH, now) {
            return Ok(fresh);
        }
        let asked = match slot.just_failed(now) {
            Some(error) => Err(error),
            None => slot.ask(now, ask).await,
        };
        asked.or_else(|error| {
            let stale = slot.within(STALE, now);
            if stale.is_some() {
                tracing::warn!(place, %error, "an upstream's metadata is old and cannot be asked for anew");
            }
            stale.ok_or(error)
        })
    }

    /// The same anew, because a key is in none of what is known, or its signature does not fit; `None` when that has made us
    /// ask too often.
    pub(crate) async fn again(
        &self,
        place: &str,
        now: DateTime<Utc>,
        ask: impl AsyncFnOnce() -> Result<T, UpstreamError>,
    ) -> Result<Option<Arc<T>>, UpstreamError> {
        let slot = self.slot(place);
        let mut slot = slot.lock().await;
        let age = slot.found.as_ref().map_or(TimeDelta::MAX, |(at, _)| now - *at);
        if !may_force(&slot.forced, age, now) || slot.just_failed(now).is_some() {
            return Ok(None);
        }
        slot.forced.retain(|at| now - *at < TimeDelta::hours(1));
        slot.forced.push(now);
        slot.ask(now, ask).await.map(Some)
    }

    fn slot(&self, place: &str) -> Arc<Mutex<Slot<T>>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(place.to_owned()).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_asks_at_once_ten_seconds_apart_and_ten_times_an_hour() {
        let at = |seconds: i64| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let every_ten: Vec<_> = (0..10).map(|n| at(n * 10)).collect();
        for (forced, now, may) in [
            (&[][..], 0, true),
            (&[at(0)], 9, false),
            (&[at(0)], 10, true),
            (&every_ten[..9], 90, true),
            (&every_ten[..], 100, false),
            (&every_ten[..], 3_599, false),
            (&every_ten[..], 3_600, true),
        ] {
            let age = TimeDelta::seconds(1);
            assert_eq!(
                may_force(forced, age, at(now)),
                may,
                "{} at {now} s",
                forced.len()
            );
        }
        let used_up = |age| may_force(&every_ten, TimeDelta::seconds(age), at(400));
        assert!(
            !used_up(299) && used_up(300),
            "nobody can use up what an old copy needs"
        );
    }
}
