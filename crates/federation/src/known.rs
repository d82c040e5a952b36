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
/// A key that nobody knows makes us ask again, not more often than this (threat R09).
const ASK_AGAIN_AFTER: TimeDelta = TimeDelta::minutes(5);
/// After a failure nobody asks again for so long.
const PATIENCE: TimeDelta = TimeDelta::seconds(30);

/// What is known, by where it was asked for. Clones share it.
pub(crate) struct Known<T>(Arc<std::sync::Mutex<Slots<T>>>);

type Slots<T> = HashMap<String, Arc<Mutex<Slot<T>>>>;

impl<T> Clone for Known<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> fmt::Debug for Known<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Known").finish_non_exhaustive()
    }
}

/// What is known from one place.
struct Slot<T> {
    found: Option<(DateTime<Utc>, Arc<T>)>,
    /// The last time that asking failed, and how.
    failed: Option<(DateTime<Utc>, UpstreamError)>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            found: None,
            failed: None,
        }
    }
}

impl<T> Slot<T> {
    /// The failure of just now, so that whoever waited does not ask once more.
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

impl<T> Known<T> {
    /// What lies at `place`. Whoever comes while it is asked for waits for the same answer.
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

    /// The same anew, because a key is in none of what is known; `None` when it was asked for just now.
    pub(crate) async fn again(
        &self,
        place: &str,
        now: DateTime<Utc>,
        ask: impl AsyncFnOnce() -> Result<T, UpstreamError>,
    ) -> Result<Option<Arc<T>>, UpstreamError> {
        let slot = self.slot(place);
        let mut slot = slot.lock().await;
        if slot.within(ASK_AGAIN_AFTER, now).is_some() || slot.just_failed(now).is_some() {
            return Ok(None);
        }
        slot.ask(now, ask).await.map(Some)
    }

    fn slot(&self, place: &str) -> Arc<Mutex<Slot<T>>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(place.to_owned()).or_default())
    }
}
