//! Values as columns hold them: milliseconds, ids, hashes, lists.

use chrono::{DateTime, Utc};
use domain::{Id, SecretHash, time::from_millis};
use sea_orm::Value;

use crate::StoreError;

/// Where a value was read, for [`StoreError::Corrupt`].
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) table: &'static str,
    pub(crate) row: String,
}

impl Place {
    pub(crate) fn new(table: &'static str, row: impl ToString + Copy) -> Self {
        Self {
            table,
            row: row.to_string(),
        }
    }

    /// The error for `column`.
    pub(crate) fn corrupt(&self, column: &'static str) -> StoreError {
        StoreError::Corrupt {
            table: self.table,
            row: self.row.clone(),
            column,
        }
    }

    /// The value, or the error for `column`.
    pub(crate) fn require<T>(&self, column: &'static str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.corrupt(column))
    }

    /// A SHA-256.
    pub(crate) fn hash(&self, column: &'static str, bytes: Vec<u8>) -> Result<SecretHash, StoreError> {
        self.bytes(column, bytes).map(SecretHash)
    }

    /// Exactly `N` bytes.
    pub(crate) fn bytes<const N: usize>(
        &self,
        column: &'static str,
        bytes: Vec<u8>,
    ) -> Result<[u8; N], StoreError> {
        self.require(column, bytes.try_into().ok())
    }

    /// A list of texts, from its JSON.
    pub(crate) fn texts(&self, column: &'static str, json: &str) -> Result<Vec<String>, StoreError> {
        self.require(column, serde_json::from_str(json).ok())
    }

    /// A count.
    pub(crate) fn count(&self, column: &'static str, value: i64) -> Result<u32, StoreError> {
        self.require(column, u32::try_from(value).ok())
    }
}

/// Whether a text can stand in a column at all: PostgreSQL has no NUL in its texts. What cannot is in no row.
pub(crate) fn is_text(text: &str) -> bool {
    !text.contains('\0')
}

/// A list of texts as JSON.
pub(crate) fn json(texts: &[String]) -> String {
    serde_json::Value::from(texts).to_string()
}

/// A moment as Unix milliseconds.
pub(crate) fn millis(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

/// A moment that may be missing.
pub(crate) fn opt_millis(at: Option<DateTime<Utc>>) -> Option<i64> {
    at.map(millis)
}

/// The moment that a column holds, when it holds one.
pub(crate) fn opt_from_millis(millis: Option<i64>) -> Option<DateTime<Utc>> {
    millis.map(from_millis)
}

/// A moment as a statement's parameter.
pub(crate) fn at(at: DateTime<Utc>) -> Value {
    millis(at).into()
}

/// An id as a statement's parameter.
pub(crate) fn id<T>(id: Id<T>) -> Value {
    id.uuid().into()
}

/// A hash as a statement's parameter.
pub(crate) fn hash(hash: &SecretHash) -> Value {
    hash.0.to_vec().into()
}
