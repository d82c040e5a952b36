//! The one row about the database itself: the master key it is bound to (the wrong key is an error at start, not
//! garbage later), and the latest time that any process has seen.

use chrono::{DateTime, Utc};
use domain::time::from_millis;

use crate::{Db, Reads, StoreError, Tx, columns::row};

row! {
    struct InstanceRow {
        master_key: String,
    }
}

async fn bound_to<C: Reads>(db: &Db<C>) -> Result<Option<String>, StoreError> {
    let row = db
        .one::<InstanceRow>("SELECT master_key FROM instance WHERE id = 1", [])
        .await?;
    Ok(row.map(|row| row.master_key))
}

/// Refuses a master key that is not the database's own.
pub(crate) async fn check<C: Reads>(db: &Db<C>) -> Result<(), StoreError> {
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
        "INSERT INTO instance (id, master_key, last_seen) VALUES (1, $1, 0) \
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
        self.one::<InstanceRow>(&sql, []).await?;
        Ok(())
    }

    /// Records the present time: by `PostgreSQL`'s own clock, on `SQLite` that it is `now`. The row is written even where
    /// nothing changes.
    pub(crate) async fn record_time(&self, now: DateTime<Utc>) -> Result<RecordedTime, StoreError> {
        let row = if self.is_postgres() {
            let clock = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint";
            // Read once, since the clock goes on within a statement, and after the row's lock.
            let sql = format!(
                "WITH read AS MATERIALIZED (SELECT {clock} AS at FROM (SELECT id FROM instance WHERE id = 1 FOR UPDATE) own) \
                 UPDATE instance SET last_seen = GREATEST(last_seen, read.at) FROM read WHERE id = 1 \
                 RETURNING last_seen, read.at AS database"
            );
            self.one::<TimeRow>(&sql, []).await?
        } else {
            let sql = "UPDATE instance SET last_seen = MAX(last_seen, $1) WHERE id = 1 \
                       RETURNING last_seen, NULL AS database";
            self.one::<TimeRow>(sql, [now.timestamp_millis().into()]).await?
        };
        let row = row.ok_or(StoreError::Corrupt {
            table: "instance",
            row: "1".into(),
            column: "last_seen",
        })?;
        Ok(RecordedTime {
            latest: from_millis(row.last_seen),
            database: row.database.map(from_millis),
        })
    }

    /// Forgets a recorded time that lies after `now`.
    pub(crate) async fn reset_time(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let sql = "UPDATE instance SET last_seen = $1 WHERE id = 1 AND last_seen > $1";
        self.run(sql, [now.timestamp_millis().into()]).await?;
        Ok(())
    }

    /// Writes `length` bytes that mean nothing.
    pub(crate) async fn fill(&self, length: usize) -> Result<(), StoreError> {
        let filler = vec![0_u8; length];
        self.run("UPDATE instance SET filler = $1 WHERE id = 1", [filler.into()])
            .await?;
        Ok(())
    }
}

/// What the database says about time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordedTime {
    /// The latest time that any process has recorded.
    pub latest: DateTime<Utc>,
    /// `PostgreSQL`'s own clock; `SQLite` has none.
    pub database: Option<DateTime<Utc>>,
}

row! {
    struct TimeRow {
        last_seen: i64,
        database: Option<i64>,
    }
}
