//! Apps with their secrets, held in memory: nearly every request needs one, and they change seldom.
//!
//! A transaction that changes an app raises a version in the database as its last statement. A process reads that version at
//! most once a second, so that it sees a change of another process within a second, and its own at once. That an app was
//! switched off does not wait for it: what is issued and what is answered asks the database (`access.rs`).

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
    /// The app. Whether it is switched off may be a second old.
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
