//! How apps come into memory (`app_cache.rs`), and how other processes hear of a change.

use std::{sync::Arc, time::Instant};

use domain::{Id, app::App};

use crate::{
    Reader, Store, StoreError, Tx,
    app_cache::{AppKey, KnownApp},
    columns::AnyRow,
    reads::sealed::Connection as _,
};

const VERSION: &str = "SELECT version FROM app_changes WHERE id = 1";
const RAISE: &str = "INSERT INTO app_changes (id, version) VALUES (1, 1) \
     ON CONFLICT (id) DO UPDATE SET version = app_changes.version + 1";

impl Store {
    /// The app of that row.
    pub async fn known_app(&self, id: Id<App>) -> Result<Option<Arc<KnownApp>>, StoreError> {
        self.known(AppKey::Id(id)).await
    }

    /// The app that calls itself `client_id`.
    pub async fn known_client(&self, client_id: &str) -> Result<Option<Arc<KnownApp>>, StoreError> {
        self.known(AppKey::ClientId(client_id)).await
    }

    async fn known(&self, key: AppKey<'_>) -> Result<Option<Arc<KnownApp>>, StoreError> {
        let reader = self.reader();
        self.check_version(&reader).await?;
        let forgotten = match self.shared.apps.get(key) {
            Ok(known) => return Ok(Some(known)),
            Err(forgotten) => forgotten,
        };
        let app = match key {
            AppKey::Id(id) => reader.app(id).await?,
            AppKey::ClientId(client_id) => reader.app_by_client_id(client_id).await?,
        };
        let Some(app) = app else { return Ok(None) };
        let secrets = reader.app_secrets(app.id).await?;
        let known = Arc::new(KnownApp { app, secrets });
        self.shared.apps.put(&known, forgotten);
        Ok(Some(known))
    }

    /// Forgets the apps where another process has changed one.
    async fn check_version(&self, reader: &Reader) -> Result<(), StoreError> {
        let now = Instant::now();
        if self.shared.apps.is_read(now) {
            return Ok(());
        }
        // Past the counter of statements: it runs once a second, however many operations there are.
        let read = |row: &AnyRow<'_>| row.get("", "version");
        let version = reader.connection.query(VERSION, Vec::new(), 1, read).await?;
        self.shared.apps.read(version.first().copied().unwrap_or(0), now);
        Ok(())
    }
}

impl Tx {
    /// Tells the other processes that an app has changed. Last in its transaction: all that change apps wait here for one another.
    pub(crate) async fn raise_app_version(&self) -> Result<(), StoreError> {
        self.run(RAISE, []).await?;
        Ok(())
    }
}
