//! For tests only (feature `testing`): statements that bypass the rules, and the plans of the hot queries.

mod hot_queries;

use std::sync::atomic::Ordering;

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};

use crate::{Backend, Store, StoreError};

pub use hot_queries::{HotQuery, hot_queries};

/// Also the shape of any other query for one text.
#[derive(FromQueryResult)]
struct SqlitePlan {
    detail: String,
}

#[derive(FromQueryResult)]
struct PostgresPlan {
    #[sea_orm(from_alias = "QUERY PLAN")]
    line: String,
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

    /// Runs statements as they are, past every rule of this crate.
    pub async fn run_raw(&self, sql: &str) -> Result<(), StoreError> {
        self.writer().execute_unprepared(sql).await?;
        Ok(())
    }

    /// The database's plan for a query, one line a step. PostgreSQL is told to avoid sequential scans, which it
    /// would prefer on the few rows of a test.
    pub async fn plan(&self, query: &HotQuery) -> Result<Vec<String>, StoreError> {
        let tx = self.begin().await?;
        let connection = &tx.connection;
        let backend = connection.get_database_backend();
        let explain = |keyword: &str| {
            let sql = format!("{keyword} {}", query.sql);
            Statement::from_sql_and_values(backend, sql, query.values.clone())
        };
        if self.backend() == Backend::Postgres {
            connection
                .execute_unprepared("SET LOCAL enable_seqscan = off")
                .await?;
            let rows = connection.query_all_raw(explain("EXPLAIN")).await?;
            let lines = rows.iter().map(|row| PostgresPlan::from_query_result(row, ""));
            return Ok(lines
                .map(|row| row.map(|row| row.line))
                .collect::<Result<_, _>>()?);
        }
        let rows = connection.query_all_raw(explain("EXPLAIN QUERY PLAN")).await?;
        let lines = rows.iter().map(|row| SqlitePlan::from_query_result(row, ""));
        Ok(lines
            .map(|row| row.map(|row| row.detail))
            .collect::<Result<_, _>>()?)
    }

    /// The names of SQLite's tables.
    pub async fn tables(&self) -> Result<Vec<String>, StoreError> {
        let sql =
            "SELECT name AS detail FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let rows = self.reader().all::<SqlitePlan>(sql, []).await?;
        Ok(rows.into_iter().map(|row| row.detail).collect())
    }

    /// How many of this `PostgreSQL` database's connections, but the one that asks, are inside a transaction and do nothing.
    pub async fn idle_transactions(&self) -> Result<usize, StoreError> {
        let sql = "SELECT state AS detail FROM pg_stat_activity \
                   WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        Ok(self.reader().all::<SqlitePlan>(sql, []).await?.len())
    }

    /// Tries to write over a connection for reads.
    pub async fn write_over_reader(&self) -> Result<(), StoreError> {
        let reader = self.reader();
        reader.connection.execute_unprepared("DELETE FROM apps").await?;
        Ok(())
    }
}
