//! The secrets of apps, by their hashes.

use chrono::{DateTime, Utc};
use domain::{
    Id,
    app::{App, AppSecret},
    time::from_millis,
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Sql, select},
    value::{self, Place},
};

row! {
    struct AppSecretRow {
        id: Uuid,
        app: Uuid,
        hash: Vec<u8>,
        created_at: i64,
        last_used_at: Option<i64>,
    }
}

/// Hot: asked by every token request of an app with a secret.
pub(crate) static OF_APP: Sql = Sql::new(|| {
    select(
        AppSecretRow::COLUMNS,
        "app_secrets WHERE app = $1 ORDER BY created_at, id",
    )
});
/// Hot, and most often nothing to do.
pub(crate) const USED: &str =
    "UPDATE app_secrets SET last_used_at = $2 WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $3)";

fn to_domain(row: AppSecretRow) -> Result<AppSecret, StoreError> {
    let place = Place::new("app_secrets", row.id);
    Ok(AppSecret {
        id: Id::from_uuid(row.id),
        app: Id::from_uuid(row.app),
        hash: place.hash("hash", row.hash)?,
        created_at: from_millis(row.created_at),
        last_used_at: value::opt_from_millis(row.last_used_at),
    })
}

impl<C: Reads> Db<C> {
    /// The secrets of an app, oldest first.
    pub async fn app_secrets(&self, app: Id<App>) -> Result<Vec<AppSecret>, StoreError> {
        let rows = self.all::<AppSecretRow>(&OF_APP, [value::id(app)]).await?;
        rows.into_iter().map(to_domain).collect()
    }
}

impl Tx {
    /// Keeps a new secret.
    pub async fn insert_app_secret(&self, secret: &AppSecret) -> Result<(), StoreError> {
        self.connection.change_apps();
        self.insert(
            "app_secrets",
            [
                ("id", value::id(secret.id)),
                ("app", value::id(secret.app)),
                ("hash", value::hash(&secret.hash)),
                ("created_at", value::at(secret.created_at)),
            ],
        )
        .await
    }

    /// Removes a secret of an app; says whether it was there.
    pub async fn remove_app_secret(&self, app: Id<App>, id: Id<AppSecret>) -> Result<bool, StoreError> {
        self.connection.change_apps();
        let removed = self
            .run(
                "DELETE FROM app_secrets WHERE id = $1 AND app = $2",
                [value::id(id), value::id(app)],
            )
            .await?;
        Ok(removed == 1)
    }

    /// Removes all secrets of an app: it proves itself in another way from now on.
    pub async fn remove_app_secrets(&self, app: Id<App>) -> Result<u64, StoreError> {
        self.connection.change_apps();
        self.run("DELETE FROM app_secrets WHERE app = $1", [value::id(app)])
            .await
    }

    /// Notes that a secret was used.
    pub async fn note_secret_use(&self, id: Id<AppSecret>, now: DateTime<Utc>) -> Result<(), StoreError> {
        // The secret's last use stands in memory too.
        self.connection.forget_apps();
        self.run(
            USED,
            [
                value::id(id),
                value::at(now),
                value::at(now - AppSecret::USES_APART),
            ],
        )
        .await?;
        Ok(())
    }

    /// Locks an app against other changes of it, and reads it anew. Sign-ins to it go on meanwhile: their rows refer to
    /// its key, which stays.
    pub async fn lock_app(&self, id: Id<App>) -> Result<Option<App>, StoreError> {
        // SQLite has one writer at a time.
        if self.is_postgres() {
            self.run(
                "SELECT id FROM apps WHERE id = $1 FOR NO KEY UPDATE",
                [value::id(id)],
            )
            .await?;
        }
        self.app(id).await
    }
}
