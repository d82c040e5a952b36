//! An outage on request, for developers: everything fails as it does when the database is gone.

use std::sync::PoisonError;

use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use crate::{Backend, Store, StoreError};

impl Store {
    /// Makes every later access fail as unavailable, or ends that. What is under way is not touched.
    pub async fn set_unreachable(&self, unreachable: bool) -> Result<(), StoreError> {
        let closed = if unreachable {
            Some(closed_pool(self.backend()).await?)
        } else {
            None
        };
        *self.shared.outage.write().unwrap_or_else(PoisonError::into_inner) = closed;
        Ok(())
    }

    /// Whether [`Self::set_unreachable`] holds.
    pub fn is_unreachable(&self) -> bool {
        self.outage().is_some()
    }

    /// What to use instead of the real connections.
    pub(crate) fn outage(&self) -> Option<DatabaseConnection> {
        self.shared
            .outage
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// A pool that never connected and never will.
async fn closed_pool(backend: Backend) -> Result<DatabaseConnection, StoreError> {
    let mut options = ConnectOptions::new(match backend {
        Backend::Sqlite => "sqlite::memory:",
        Backend::Postgres => "postgres://localhost/nowhere",
    });
    options.connect_lazy(true).sqlx_logging(false);
    let pool = Database::connect(options).await?;
    pool.close_by_ref().await?;
    Ok(pool)
}
