//! The statements that name all columns of a row: each column stands once where it is read, in the struct of its row
//! (`columns.rs`), and once where it is written, beside its value. Every other statement is SQL where it is run.

use std::sync::LazyLock;

use sea_orm::Value;

use crate::{StoreError, Tx, columns::AnyRow};

/// A statement that is put together once, when it is first run.
pub(crate) type Sql = LazyLock<String>;

/// A column and the value that it gets.
pub(crate) type Cell = (&'static str, Value);

/// A SELECT of these columns; `tail` begins with the table.
pub(crate) fn select(columns: &[&str], tail: &str) -> String {
    format!("SELECT {} FROM {tail}", columns.join(", "))
}

/// The columns of a table that is called `table` within a join: each is called `<table>_<column>` in the result, so
/// that the prefix `<table>_` reads them.
pub(crate) fn joined(table: &str, columns: &[&str]) -> String {
    let named: Vec<String> = columns
        .iter()
        .map(|column| format!("{table}.{column} AS {table}_{column}"))
        .collect();
    named.join(", ")
}

impl Tx {
    /// Adds a row. One that is there already, by any of its keys, is a conflict.
    pub(crate) async fn insert(
        &self,
        table: &str,
        cells: impl IntoIterator<Item = Cell>,
    ) -> Result<(), StoreError> {
        let (sql, values) = insertion(table, cells);
        self.run(&sql, values).await?;
        Ok(())
    }

    /// Adds a row and reads what `returning` says. One that is there already is a conflict.
    pub(crate) async fn insert_and_read<T: Send>(
        &self,
        table: &str,
        cells: impl IntoIterator<Item = Cell>,
        returning: &str,
        read: impl Fn(&AnyRow<'_>) -> Result<T, StoreError> + Send + Sync,
    ) -> Result<Option<T>, StoreError> {
        let (sql, values) = insertion(table, cells);
        self.row(&format!("{sql} RETURNING {returning}"), values, read)
            .await
    }

    /// Adds a row unless one is there by its first cell; says whether it was added.
    pub(crate) async fn insert_if_new(
        &self,
        table: &str,
        cells: impl IntoIterator<Item = Cell>,
    ) -> Result<bool, StoreError> {
        let cells: Vec<Cell> = cells.into_iter().collect();
        let key = cells.first().map_or("", |(name, _)| *name);
        let (sql, values) = insertion(table, cells);
        let sql = format!("{sql} ON CONFLICT ({key}) DO NOTHING");
        Ok(self.run(&sql, values).await? == 1)
    }

    /// Adds a row, or makes the one that is there by this key what the other cells say.
    pub(crate) async fn put<const K: usize>(
        &self,
        table: &str,
        key: [Cell; K],
        others: impl IntoIterator<Item = Cell>,
    ) -> Result<(), StoreError> {
        let others: Vec<Cell> = others.into_iter().collect();
        let keys: Vec<&str> = key.iter().map(|(name, _)| *name).collect();
        let changes: Vec<String> = others
            .iter()
            .map(|(name, _)| format!("{name} = excluded.{name}"))
            .collect();
        let end = format!(
            "ON CONFLICT ({}) DO UPDATE SET {}",
            keys.join(", "),
            changes.join(", ")
        );
        let (sql, values) = insertion(table, key.into_iter().chain(others));
        self.run(&format!("{sql} {end}"), values).await?;
        Ok(())
    }

    /// Makes the row of the first cell what the other cells say. Where the row is gone, nothing happens.
    pub(crate) async fn update(
        &self,
        table: &str,
        cells: impl IntoIterator<Item = Cell>,
    ) -> Result<(), StoreError> {
        let (names, values): (Vec<&str>, Vec<Value>) = cells.into_iter().unzip();
        let mut numbered = (1..)
            .zip(&names)
            .map(|(number, name)| format!("{name} = ${number}"));
        let key = numbered.next().unwrap_or_default();
        let changes: Vec<String> = numbered.collect();
        let sql = format!("UPDATE {table} SET {} WHERE {key}", changes.join(", "));
        self.run(&sql, values).await?;
        Ok(())
    }
}

fn insertion(table: &str, cells: impl IntoIterator<Item = Cell>) -> (String, Vec<Value>) {
    let (names, values): (Vec<&str>, Vec<Value>) = cells.into_iter().unzip();
    let numbers: Vec<String> = (1..=names.len()).map(|number| format!("${number}")).collect();
    let sql = format!(
        "INSERT INTO {table} ({}) VALUES ({})",
        names.join(", "),
        numbers.join(", ")
    );
    (sql, values)
}
