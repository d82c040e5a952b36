//! One statement on one connection: its values, its rows.

use rusqlite::{
    CachedStatement, Connection,
    types::{ToSqlOutput, Value as OwnValue, ValueRef},
};
use sea_orm::Value;

use crate::{
    StoreError,
    columns::{AnyRow, Places, SqliteRow},
};

/// Runs a statement and reads at most `max` of its rows.
pub(super) fn query<T>(
    connection: &Connection,
    sql: &str,
    values: &[Value],
    max: usize,
    read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    let mut statement = prepare(connection, sql, values)?;
    let mut rows = statement.raw_query();
    let places = Places::default();
    let mut found = Vec::new();
    while found.len() < max
        && let Some(row) = rows.next()?
    {
        found.push(read(&AnyRow::Sqlite(SqliteRow::new(row, &places)))?);
    }
    Ok(found)
}

/// Runs a statement and says how many rows it changed.
pub(super) fn execute(connection: &Connection, sql: &str, values: &[Value]) -> Result<u64, StoreError> {
    let changed = prepare(connection, sql, values)?.raw_execute()?;
    Ok(changed as u64)
}

fn prepare<'a>(
    connection: &'a Connection,
    sql: &str,
    values: &[Value],
) -> Result<CachedStatement<'a>, StoreError> {
    let mut statement = connection.prepare_cached(&numbered(sql))?;
    for place in 1..=statement.parameter_count() {
        let value = values.get(place - 1).and_then(bound).ok_or_else(|| {
            StoreError::Database(format!("parameter {place} of a statement has no value").into())
        })?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(statement)
}

/// The statement with `?2` for `$2`: that is SQLite's own number, while `$2` is a name to it, which it looks for among all others.
fn numbered(sql: &str) -> String {
    let mut own = String::with_capacity(sql.len());
    for (place, part) in sql.split('$').enumerate() {
        if place > 0 {
            let is_number = part.starts_with(|first: char| first.is_ascii_digit());
            own.push(if is_number { '?' } else { '$' });
        }
        own.push_str(part);
    }
    own
}

/// A value as SQLite holds it; `None` for a kind that no statement of ours has.
fn bound(value: &Value) -> Option<ToSqlOutput<'_>> {
    fn integer(value: Option<impl Into<i64>>) -> ToSqlOutput<'static> {
        ToSqlOutput::Owned(value.map_or(OwnValue::Null, |value| OwnValue::Integer(value.into())))
    }
    fn borrowed(value: Option<ValueRef<'_>>) -> ToSqlOutput<'_> {
        ToSqlOutput::Borrowed(value.unwrap_or(ValueRef::Null))
    }
    Some(match value {
        Value::Bool(value) => integer(*value),
        Value::Int(value) => integer(*value),
        Value::Unsigned(value) => integer(*value),
        Value::BigInt(value) => integer(*value),
        Value::String(value) => borrowed(value.as_ref().map(|text| ValueRef::Text(text.as_bytes()))),
        Value::Bytes(value) => borrowed(value.as_ref().map(|bytes| ValueRef::Blob(bytes))),
        Value::Uuid(value) => borrowed(value.as_ref().map(|id| ValueRef::Blob(id.as_bytes()))),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbers() {
        for (sql, own) in [
            ("SELECT $2, $1, $1 + $10", "SELECT ?2, ?1, ?1 + ?10"),
            (
                "SELECT id FROM t WHERE a = '$.name'",
                "SELECT id FROM t WHERE a = '$.name'",
            ),
            ("BEGIN", "BEGIN"),
            ("SELECT 'ä', $1", "SELECT 'ä', ?1"),
        ] {
            assert_eq!(numbered(sql), own);
        }
    }

    /// The rows of a statement are read in one order, until one is read in another.
    #[test]
    fn columns_are_found_in_whatever_order_a_row_is_read() {
        let connection = Connection::open_in_memory().unwrap();
        let sql = "SELECT 1 AS a, 2 AS b, 10 AS n_a UNION ALL SELECT 3, 4, NULL UNION ALL SELECT 5, 6, 11 \
                   UNION ALL SELECT 7, 8, NULL";
        let read = |row: &AnyRow<'_>| {
            let joined: Option<i64> = row.get("n_", "a")?;
            let (a, b): (i64, i64) = if joined.is_some() {
                (row.get("", "a")?, row.get("", "b")?)
            } else {
                let b = row.get("", "b")?;
                (row.get("", "a")?, b)
            };
            Ok((a, b, joined))
        };
        let found = query(&connection, sql, &[], 9, read).unwrap();
        assert_eq!(
            found,
            [(1, 2, Some(10)), (3, 4, None), (5, 6, Some(11)), (7, 8, None)]
        );
        let unknown = |row: &AnyRow<'_>| row.get::<i64>("n_", "b");
        assert!(query(&connection, sql, &[], 9, unknown).is_err());
    }

    #[test]
    fn a_parameter_may_stand_twice_and_in_any_order_and_must_have_a_value() {
        let connection = Connection::open_in_memory().unwrap();
        let sql = "SELECT $2 || $1 || $2 AS text";
        let read = |row: &AnyRow<'_>| row.get::<String>("", "text");
        let found = query(&connection, sql, &["a".into(), "b".into()], 1, read).unwrap();
        assert_eq!(found, ["bab"]);
        assert!(query(&connection, sql, &["a".into()], 1, read).is_err());
    }
}
