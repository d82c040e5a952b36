//! One statement on one connection: its values, its rows.

use rusqlite::{
    CachedStatement, Connection,
    types::{ToSqlOutput, Value as OwnValue, ValueRef},
};
use sea_orm::Value;

use crate::{
    StoreError,
    columns::{AnyRow, SqliteRow},
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
    let mut found = Vec::new();
    while found.len() < max
        && let Some(row) = rows.next()?
    {
        found.push(read(&AnyRow::Sqlite(SqliteRow::new(row)))?);
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
    let mut statement = connection.prepare_cached(sql)?;
    for place in 1..=statement.parameter_count() {
        // To SQLite `$2` is a name. It numbers names in the order in which it meets them.
        let number = statement
            .parameter_name(place)
            .and_then(|name| name.strip_prefix('$'));
        let value = number
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| values.get(number.checked_sub(1)?));
        let value = value.and_then(bound).ok_or_else(|| {
            StoreError::Database(format!("parameter {place} of a statement has no value").into())
        })?;
        statement.raw_bind_parameter(place, value)?;
    }
    Ok(statement)
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
