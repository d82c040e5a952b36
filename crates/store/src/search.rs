//! A SELECT whose conditions are chosen when it is asked: the lists that operators filter.

use sea_orm::Value;

use crate::{
    Db, Reads, StoreError,
    columns::{AnyRow, FromRow},
    row::select,
};

/// A list under way.
pub(crate) struct Search {
    sql: String,
    values: Vec<Value>,
    begun: bool,
}

impl Search {
    /// All rows of a table.
    pub(crate) fn of(columns: &[&str], table: &str) -> Self {
        Self {
            sql: select(columns, table),
            values: Vec::new(),
            begun: false,
        }
    }

    /// Only those for which this holds. Each `?` stands for the next of the values.
    pub(crate) fn only(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.sql.push_str(if self.begun { " AND (" } else { " WHERE (" });
        self.begun = true;
        self.push(condition, values);
        self.sql.push(')');
    }

    /// Only those whose column is that.
    pub(crate) fn is(&mut self, column: &str, value: impl Into<Value>) {
        self.only(&format!("{column} = ?"), [value.into()]);
    }

    /// In that order, and at most so many.
    pub(crate) fn ordered(mut self, by: &str, limit: u64) -> Self {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.push(&format!(" ORDER BY {by} LIMIT ?"), [limit.into()]);
        self
    }

    fn push(&mut self, text: &str, values: impl IntoIterator<Item = Value>) {
        self.values.extend(values);
        let mut number = self.values.len() - text.matches('?').count();
        for (place, part) in text.split('?').enumerate() {
            if place > 0 {
                number += 1;
                self.sql.push('$');
                self.sql.push_str(&number.to_string());
            }
            self.sql.push_str(part);
        }
    }
}

impl<C: Reads> Db<C> {
    /// What a search finds: it may take long.
    pub(crate) async fn find<T: FromRow + Send + 'static>(
        &self,
        search: Search,
    ) -> Result<Vec<T>, StoreError> {
        self.shared.count(&search.sql);
        let read = |row: &AnyRow<'_>| T::from_row(row, "");
        self.connection
            .query_apart(&search.sql, search.values, read)
            .await
    }
}

/// A text within `LIKE … ESCAPE '\'`, with its own wildcards taken literally.
pub(crate) fn literal(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_numbered_in_their_order() {
        let mut search = Search::of(&["id", "name"], "guests");
        search.only("id > ?", [1_i64.into()]);
        search.only(
            "method = ? AND upstream = ? OR pinned IS NULL",
            ["code".into(), 2_i64.into()],
        );
        search.is("status", "active");
        let search = search.ordered("id", 5);
        assert_eq!(
            search.sql,
            "SELECT id, name FROM guests WHERE (id > $1) AND (method = $2 AND upstream = $3 OR pinned IS NULL) \
             AND (status = $4) ORDER BY id LIMIT $5"
        );
        let expected: Vec<Value> = vec![
            1_i64.into(),
            "code".into(),
            2_i64.into(),
            "active".into(),
            5_i64.into(),
        ];
        assert_eq!(search.values, expected);
        assert_eq!(
            Search::of(&["id"], "apps").ordered("id", u64::MAX).sql,
            "SELECT id FROM apps ORDER BY id LIMIT $1"
        );
    }

    #[test]
    fn wildcards_are_taken_literally() {
        assert_eq!(literal(r"100%_\"), r"100\%\_\\");
    }
}
