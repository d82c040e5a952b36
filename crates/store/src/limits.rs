//! Counters of limits, shared by all replicas. One statement counts and answers for all that one request is charged, with the meaning of
//! `domain::rate::take`.

use chrono::{DateTime, Utc};
use domain::{
    rate::{Counter, Limit, Taken, judge, take},
    time::from_millis,
};
use sea_orm::Value;
use sha2::{Digest, Sha256};

use crate::{Db, Reads, StoreError, Tx, columns::row, value};

row! {
    struct LimitRow {
        key: Vec<u8>,
        started_at: i64,
        count: i64,
    }
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
fn key(kind: &str, subject: &str) -> Vec<u8> {
    let digest = Sha256::new()
        .chain_update(kind.len().to_be_bytes())
        .chain_update(kind)
        .chain_update(subject)
        .finalize();
    digest.to_vec()
}

/// As many numbers of values as there are keys, for an IN.
fn places(keys: usize) -> String {
    let numbers: Vec<String> = (1..=keys).map(|place| format!("${place}")).collect();
    numbers.join(", ")
}

pub(crate) fn peeking(keys: usize) -> String {
    format!(
        "SELECT key, started_at, count FROM limits WHERE key IN ({})",
        places(keys)
    )
}

impl<C: Reads> Db<C> {
    /// What [`Tx::take_all`] would answer, without counting.
    pub async fn peek_all(
        &self,
        counted: &[(&str, &str, Limit)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Taken>, StoreError> {
        let keys: Vec<Vec<u8>> = counted
            .iter()
            .map(|(kind, subject, _)| key(kind, subject))
            .collect();
        let values = keys.iter().cloned().map(Value::from);
        let rows = self.all::<LimitRow>(&peeking(keys.len()), values).await?;
        let next = keys.iter().zip(counted).map(|(key, (.., limit))| {
            let row = rows.iter().find(|row| row.key == *key);
            take(row.map(LimitRow::counter), *limit, now).1
        });
        Ok(next.collect())
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
        let taken = self.take_all(&[(kind, subject, limit)], now).await?;
        Ok(taken.first().copied().unwrap_or_else(|| take(None, limit, now).1))
    }

    /// Counts one more of each, refused ones too, by one statement; says of each whether it is within its limit.
    pub async fn take_all(
        &self,
        counted: &[(&str, &str, Limit)],
        now: DateTime<Utc>,
    ) -> Result<Vec<Taken>, StoreError> {
        let mut rows: Vec<(Vec<u8>, Limit)> = counted
            .iter()
            .map(|(kind, subject, limit)| (key(kind, subject), *limit))
            .collect();
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        // In one order, so that two requests never wait for each other.
        rows.sort_by(|a, b| a.0.cmp(&b.0));
        let mut values: Vec<Value> = vec![value::at(now)];
        let mut places = Vec::with_capacity(rows.len());
        for (key, limit) in rows {
            let at = values.len() + 1;
            places.push(format!("(${at}, $1, 1, $1 + ${})", at + 1));
            values.extend([key.into(), limit.per.num_milliseconds().into()]);
        }
        let sql = format!(
            "INSERT INTO limits (key, started_at, count, ends_at) VALUES {} ON CONFLICT (key) DO UPDATE SET \
             count = CASE WHEN {OPEN} THEN limits.count + 1 ELSE 1 END, \
             started_at = CASE WHEN {OPEN} THEN limits.started_at ELSE excluded.started_at END, \
             ends_at = CASE WHEN {OPEN} THEN limits.started_at + {LENGTH} ELSE excluded.ends_at END \
             RETURNING key, started_at, count",
            places.join(", ")
        );
        let after = self.all::<LimitRow>(&sql, values).await?;
        let taken = counted.iter().map(|(kind, subject, limit)| {
            let key = key(kind, subject);
            let row = after.iter().find(|row| row.key == key);
            row.map_or_else(|| take(None, *limit, now).1, |row| judge(row.counter(), *limit))
        });
        Ok(taken.collect())
    }

    /// Takes one count of each back: what was charged beforehand turned out well.
    pub async fn give_back(&self, counted: &[(&str, &str)]) -> Result<(), StoreError> {
        if counted.is_empty() {
            return Ok(());
        }
        // In any order: this transaction holds the rows that it has raised.
        let keys: Vec<Vec<u8>> = counted.iter().map(|(kind, subject)| key(kind, subject)).collect();
        let sql = format!(
            "UPDATE limits SET count = count - 1 WHERE count > 0 AND key IN ({})",
            places(keys.len())
        );
        self.run(&sql, keys.into_iter().map(Value::from)).await?;
        Ok(())
    }

    /// The same, and `reset` begins anew, whether or not it is among them.
    pub async fn give_back_and_reset(
        &self,
        counted: &[(&str, &str)],
        reset: (&str, &str),
    ) -> Result<(), StoreError> {
        let all = std::iter::once(&reset).chain(counted);
        let keys: Vec<Value> = all.map(|(kind, subject)| key(kind, subject).into()).collect();
        let sql = format!(
            "UPDATE limits SET count = CASE WHEN key = $1 THEN 0 ELSE count - 1 END WHERE count > 0 AND key IN ({})",
            places(keys.len())
        );
        self.run(&sql, keys).await?;
        Ok(())
    }

    /// Forgets a counter; says whether there was one.
    pub async fn reset_limit(&self, kind: &str, subject: &str) -> Result<bool, StoreError> {
        let gone = self
            .run("DELETE FROM limits WHERE key = $1", [key(kind, subject).into()])
            .await?;
        Ok(gone > 0)
    }
}

/// How long a window is, from the row that was to be inserted.
const LENGTH: &str = "(excluded.ends_at - excluded.started_at)";
/// Whether the window that a row holds is still open. One in which everything was given back is none.
const OPEN: &str =
    "limits.count > 0 AND limits.started_at + (excluded.ends_at - excluded.started_at) > excluded.started_at";
