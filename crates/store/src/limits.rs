//! Counters of limits, shared by all replicas. One statement counts and answers, with the meaning of
//! `domain::rate::take`.

use chrono::{DateTime, Utc};
use domain::{
    rate::{Counter, Limit, Taken, judge, take},
    time::from_millis,
};
use sea_orm::{ConnectionTrait, FromQueryResult, Value};
use sha2::{Digest, Sha256};

use crate::{Db, StoreError, Tx, value};

#[derive(FromQueryResult)]
struct LimitRow {
    started_at: i64,
    count: i64,
}

impl LimitRow {
    fn counter(&self) -> Counter {
        Counter {
            started_at: from_millis(self.started_at),
            count: u32::try_from(self.count).unwrap_or(u32::MAX),
        }
    }
}

/// A counter's name: what is counted and for whom, as a digest, so that no table lists addresses.
fn key(kind: &str, subject: &str) -> Value {
    let digest = Sha256::new()
        .chain_update(kind.len().to_be_bytes())
        .chain_update(kind)
        .chain_update(subject)
        .finalize();
    digest.to_vec().into()
}

pub(crate) const PEEK: &str = "SELECT started_at, count FROM limits WHERE key = $1";

impl<C: ConnectionTrait> Db<C> {
    /// What [`Tx::take`] would answer, without counting.
    pub async fn peek(
        &self,
        kind: &str,
        subject: &str,
        limit: Limit,
        now: DateTime<Utc>,
    ) -> Result<Taken, StoreError> {
        let row = self.one::<LimitRow>(PEEK, [key(kind, subject)]).await?;
        Ok(take(row.map(|row| row.counter()), limit, now).1)
    }
}

impl Tx {
    /// Counts one more, refused ones too, and says whether it is within the limit.
    pub async fn take(
        &self,
        kind: &str,
        subject: &str,
        limit: Limit,
        now: DateTime<Utc>,
    ) -> Result<Taken, StoreError> {
        let row = self
            .one::<LimitRow>(
                "INSERT INTO limits (key, started_at, count, ends_at) VALUES ($1, $2, 1, $2 + $3) \
                 ON CONFLICT (key) DO UPDATE SET \
                 count = CASE WHEN limits.started_at + $3 > $2 THEN limits.count + 1 ELSE 1 END, \
                 started_at = CASE WHEN limits.started_at + $3 > $2 THEN limits.started_at ELSE $2 END, \
                 ends_at = CASE WHEN limits.started_at + $3 > $2 THEN limits.started_at + $3 ELSE $2 + $3 END \
                 RETURNING started_at, count",
                [
                    key(kind, subject),
                    value::at(now),
                    limit.per.num_milliseconds().into(),
                ],
            )
            .await?;
        let counter = row.map(|row| row.counter());
        Ok(counter.map_or_else(|| take(None, limit, now).1, |counter| judge(counter, limit)))
    }

    /// Takes one count back: what was charged beforehand turned out well.
    pub async fn give_back(&self, kind: &str, subject: &str) -> Result<(), StoreError> {
        self.run(
            "UPDATE limits SET count = count - 1 WHERE key = $1 AND count > 0",
            [key(kind, subject)],
        )
        .await?;
        Ok(())
    }

    /// Forgets a counter; says whether there was one.
    pub async fn reset_limit(&self, kind: &str, subject: &str) -> Result<bool, StoreError> {
        let gone = self
            .run("DELETE FROM limits WHERE key = $1", [key(kind, subject)])
            .await?;
        Ok(gone > 0)
    }
}
