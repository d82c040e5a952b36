//! Apps with their secrets, held in memory: nearly every request needs one, and they change seldom.
//!
//! A transaction that changes an app raises a version in the database as its last statement. A process reads that version
//! again after a second, so that it sees a change of another process within a second, and its own at once. Whom an app admits
//! and whether it is on does not depend on it: what is issued and what is answered asks the database (`access.rs`). Nothing that
//! cannot be undone may be decided by an app from here.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    Id,
    app::{App, AppSecret},
};

/// How long the version counts as read.
const READ_EVERY: Duration = Duration::from_secs(1);
/// How many apps are held; beyond that all are forgotten.
const HELD_MAX: usize = 10_000;

/// An app, and what it proves itself with.
#[derive(Debug)]
pub struct KnownApp {
    /// The app, as it was a second ago at most.
    pub app: App,
    /// Its secrets, oldest first.
    pub secrets: Vec<AppSecret>,
}

/// The apps that this process holds.
#[derive(Default)]
pub(crate) struct AppCache(Mutex<HeldApps>);

#[derive(Default)]
struct HeldApps {
    /// The version that they were read at; `None` before the first reading.
    version: Option<i64>,
    /// When that version was last read.
    read_at: Option<Instant>,
    /// How often everything was forgotten: what was read before that is not kept.
    forgotten: u64,
    apps: HashMap<Id<App>, Arc<KnownApp>>,
    ids: HashMap<String, Id<App>>,
}

/// By what an app is looked for.
#[derive(Clone, Copy)]
pub(crate) enum AppKey<'a> {
    Id(Id<App>),
    ClientId(&'a str),
}

impl AppCache {
    fn lock(&self) -> MutexGuard<'_, HeldApps> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets all apps: one was changed.
    pub(crate) fn forget(&self) {
        self.lock().forget();
    }

    /// Whether the version was read so lately that it counts.
    pub(crate) fn is_read(&self, now: Instant) -> bool {
        let read_at = self.lock().read_at;
        read_at.is_some_and(|at| now.saturating_duration_since(at) < READ_EVERY)
    }

    /// The version is this, read at that moment. Where it is another than before, all apps are forgotten.
    pub(crate) fn read(&self, version: i64, at: Instant) {
        let mut held = self.lock();
        if held.version != Some(version) {
            held.forget();
            held.version = Some(version);
        }
        held.read_at = Some(at);
    }

    /// The app that is held, or how often everything was forgotten, for [`Self::put`].
    pub(crate) fn get(&self, key: AppKey<'_>) -> Result<Arc<KnownApp>, u64> {
        let held = self.lock();
        held.get(key).ok_or(held.forgotten)
    }

    /// Holds an app, unless everything was forgotten since that was asked.
    pub(crate) fn put(&self, known: &Arc<KnownApp>, forgotten: u64) {
        let mut held = self.lock();
        if held.forgotten == forgotten {
            held.put(known);
        }
    }
}

impl HeldApps {
    fn forget(&mut self) {
        self.forgotten += 1;
        self.apps.clear();
        self.ids.clear();
    }

    fn get(&self, key: AppKey<'_>) -> Option<Arc<KnownApp>> {
        let id = match key {
            AppKey::Id(id) => id,
            AppKey::ClientId(client_id) => *self.ids.get(client_id)?,
        };
        self.apps.get(&id).cloned()
    }

    fn put(&mut self, known: &Arc<KnownApp>) {
        if self.apps.len() >= HELD_MAX {
            self.forget();
        }
        self.ids.insert(known.app.client_id.clone(), known.app.id);
        self.apps.insert(known.app.id, Arc::clone(known));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known(client_id: &str) -> Arc<KnownApp> {
        let app = App {
            client_id: client_id.to_owned(),
            ..test_support::samples::app()
        };
        Arc::new(KnownApp { app, secrets: vec![] })
    }

    #[test]
    fn a_version_counts_for_a_second() {
        let (cache, now) = (AppCache::default(), Instant::now());
        assert!(!cache.is_read(now), "before the first reading");
        cache.read(0, now);
        assert!(cache.is_read(now + Duration::from_millis(999)));
        assert!(!cache.is_read(now + Duration::from_secs(1)));
    }

    #[test]
    fn another_version_forgets_and_the_same_does_not() {
        let (cache, now) = (AppCache::default(), Instant::now());
        cache.read(1, now);
        let notes = known("notes");
        let forgotten = cache.get(AppKey::ClientId("notes")).unwrap_err();
        cache.put(&notes, forgotten);
        cache.read(1, now);
        assert!(cache.get(AppKey::ClientId("notes")).is_ok());
        assert!(cache.get(AppKey::Id(notes.app.id)).is_ok());
        for version in [2, 1] {
            cache.read(version, now);
            assert!(cache.get(AppKey::Id(notes.app.id)).is_err(), "{version}");
            let forgotten = cache.get(AppKey::Id(notes.app.id)).unwrap_err();
            cache.put(&notes, forgotten);
        }
    }

    #[test]
    fn what_was_read_before_a_change_is_not_held() {
        let cache = AppCache::default();
        let forgotten = cache.get(AppKey::ClientId("notes")).unwrap_err();
        cache.forget();
        cache.put(&known("notes"), forgotten);
        assert!(cache.get(AppKey::ClientId("notes")).is_err());
    }
}
