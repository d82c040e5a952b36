//! For tests only (feature `testing`): statements that bypass the rules, and the plans of the hot queries.

mod hot_queries;

use std::sync::atomic::Ordering;

use crate::{Backend, Store, StoreError, Tx, columns::row};

pub use hot_queries::{HotQuery, hot_queries};

row! {
    struct DetailRow {
        detail: String,
    }
}

impl Store {
    /// How many write transactions this process has committed.
    pub fn write_transactions(&self) -> u64 {
        self.shared.committed.load(Ordering::Relaxed)
    }

    /// The statements that ran over this store since this was last asked, in their order. `BEGIN` and `COMMIT` are not among them.
    pub fn take_statements(&self) -> Vec<String> {
        let mut ran = self
            .shared
            .ran
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::take(&mut ran)
    }

    /// The database's plan for a query, one line a step, by its own choice.
    pub async fn plan(&self, query: &HotQuery) -> Result<Vec<String>, StoreError> {
        self.begin().await?.explain(query).await
    }

    /// The plan where PostgreSQL is told to avoid sequential scans, which it would prefer on the few rows of a test.
    pub async fn plan_by_index(&self, query: &HotQuery) -> Result<Vec<String>, StoreError> {
        let tx = self.begin().await?;
        if self.backend() == Backend::Postgres {
            tx.run("SET LOCAL enable_seqscan = off", []).await?;
        }
        tx.explain(query).await
    }

    /// The names of SQLite's tables.
    pub async fn tables(&self) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT name AS detail FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let rows = self.reader().all::<DetailRow>(sql, []).await?;
        Ok(rows.into_iter().map(|row| row.detail).collect())
    }

    /// How many of this `PostgreSQL` database's connections, but the one that asks, are inside a transaction and do nothing.
    pub async fn idle_transactions(&self) -> Result<usize, StoreError> {
        let sql = "SELECT state AS detail FROM pg_stat_activity \
                   WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        Ok(self.reader().all::<DetailRow>(sql, []).await?.len())
    }

    /// Tries to write over a connection for reads.
    pub async fn write_over_reader(&self) -> Result<(), StoreError> {
        let reader = self.reader();
        let sql = "DELETE FROM apps RETURNING name AS detail";
        reader.all::<DetailRow>(sql, []).await?;
        Ok(())
    }
}

impl Tx {
    async fn explain(&self, query: &HotQuery) -> Result<Vec<String>, StoreError> {
        let (explain, column) = if self.is_postgres() {
            ("EXPLAIN", "QUERY PLAN")
        } else {
            ("EXPLAIN QUERY PLAN", "detail")
        };
        let sql = format!("{explain} {}", query.sql);
        self.rows(&sql, query.values.clone(), |row| row.get("", column))
            .await
    }
}
