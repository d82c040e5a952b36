//! An outage on request, for developers: everything fails as it does when the database is gone.

use std::sync::atomic::Ordering;

use crate::Store;

impl Store {
    /// Makes every later access fail as unavailable, or ends that. What is under way is not touched.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.shared.is_unreachable.store(unreachable, Ordering::Relaxed);
    }

    /// Whether [`Self::set_unreachable`] holds.
    pub fn is_unreachable(&self) -> bool {
        self.shared.is_unreachable.load(Ordering::Relaxed)
    }
}
