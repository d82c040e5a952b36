//! The row that binds the database to a master key: the wrong key is an error at start, not garbage later.

use sea_orm::{ConnectionTrait, FromQueryResult};

use crate::{Db, StoreError, Tx};

#[derive(FromQueryResult)]
struct Row {
    master_key: String,
}

async fn bound_to<C: ConnectionTrait>(db: &Db<C>) -> Result<Option<String>, StoreError> {
    let row = db
        .one::<Row>("SELECT master_key FROM instance WHERE id = 1", [])
        .await?;
    Ok(row.map(|row| row.master_key))
}

/// Refuses a master key that is not the database's own.
pub(crate) async fn check<C: ConnectionTrait>(db: &Db<C>) -> Result<(), StoreError> {
    match bound_to(db).await? {
        Some(expected) if db.master_keys().get(&expected).is_none() => Err(StoreError::WrongMasterKey {
            expected,
            given: db.master_keys().current().id().to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Binds a new database to the current master key, and one of an older key to its successor: the older key
/// stays configured for as long as rows name it.
pub(crate) async fn bind(tx: &Tx) -> Result<(), StoreError> {
    check(tx).await?;
    let current = tx.master_keys().current().id();
    tx.run(
        "INSERT INTO instance (id, master_key) VALUES (1, $1) \
         ON CONFLICT (id) DO UPDATE SET master_key = excluded.master_key \
         WHERE instance.master_key <> excluded.master_key",
        [current.into()],
    )
    .await?;
    Ok(())
}

impl Tx {
    /// Makes other processes that bring in their configuration wait until this transaction ends.
    pub async fn lock_configuration(&self) -> Result<(), StoreError> {
        let sql = format!(
            "SELECT master_key FROM instance WHERE id = 1{}",
            self.for_update()
        );
        self.one::<Row>(&sql, []).await?;
        Ok(())
    }
}
