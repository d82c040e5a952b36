//! How the columns of a row are read, whichever driver it comes from.

use std::{
    cell::{Cell, RefCell},
    ptr,
};

use rusqlite::{Statement, types::FromSql};
use sea_orm::{QueryResult, TryGetable};
use uuid::Uuid;

use crate::StoreError;

/// A row while it is read.
pub enum AnyRow<'a> {
    /// From rusqlite.
    Sqlite(SqliteRow<'a>),
    /// From sea-orm.
    Sea(&'a QueryResult),
}

/// What a column can hold, on either database.
pub(crate) trait Field: TryGetable + FromSql {}

impl<T: TryGetable + FromSql> Field for T {}

impl AnyRow<'_> {
    /// The value of the column that is called `prefix` and then `column`.
    pub(crate) fn get<T: Field>(&self, prefix: &'static str, column: &'static str) -> Result<T, StoreError> {
        match self {
            Self::Sqlite(row) => row.get(prefix, column),
            Self::Sea(row) => Ok(row.try_get(prefix, column)?),
        }
    }

    /// The part whose columns begin with `prefix`; `None` where the outer join found nothing, which its column `key` tells: it is never
    /// NULL in a row of its table.
    pub(crate) fn optional<T: FromRow>(
        &self,
        prefix: &'static str,
        key: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let found: Option<Uuid> = self.get(prefix, key)?;
        found.map(|_| T::from_row(self, prefix)).transpose()
    }
}

/// What a statement answers with; declared by [`row!`].
pub(crate) trait FromRow: Sized {
    /// Its columns, in the order of its fields.
    const COLUMNS: &'static [&'static str];

    /// Reads the columns that begin with `prefix`.
    fn from_row(row: &AnyRow<'_>, prefix: &'static str) -> Result<Self, StoreError>;
}

/// Declares what a statement answers with, one field for each column.
macro_rules! row {
    ($(#[$meta:meta])* $visible:vis struct $name:ident {
        $($(#[$of_column:meta])* $column:ident: $type:ty),+ $(,)?
    }) => {
        $(#[$meta])*
        $visible struct $name { $($(#[$of_column])* pub(crate) $column: $type),+ }

        impl $crate::columns::FromRow for $name {
            const COLUMNS: &'static [&'static str] = &[$(stringify!($column)),+];

            fn from_row(
                row: &$crate::columns::AnyRow<'_>,
                prefix: &'static str,
            ) -> Result<Self, $crate::StoreError> {
                Ok(Self { $($column: row.get(prefix, stringify!($column))?),+ })
            }
        }
    };
}

pub(crate) use row;

/// A row of rusqlite's.
pub struct SqliteRow<'a> {
    row: &'a rusqlite::Row<'a>,
    places: &'a Places,
    /// How many columns it was asked for.
    asked: Cell<usize>,
    /// Where the column that is asked for next most likely is.
    next: Cell<usize>,
}

/// Where the columns of a statement are, in the order in which its first row was asked for them. The others are asked in the same
/// order, mostly, and need not be searched.
#[derive(Default)]
pub(crate) struct Places(RefCell<Vec<(&'static str, &'static str, usize)>>);

impl Places {
    /// The place, if the column that is asked for as the `nth` is the very one that was asked for then.
    fn known(&self, nth: usize, prefix: &'static str, column: &'static str) -> Option<usize> {
        let places = self.0.borrow();
        let (of, called, place) = places.get(nth)?;
        (ptr::eq(*of, prefix) && ptr::eq(*called, column)).then_some(*place)
    }

    fn learn(&self, nth: usize, prefix: &'static str, column: &'static str, place: usize) {
        let mut places = self.0.borrow_mut();
        if nth == places.len() {
            places.push((prefix, column, place));
        }
    }
}

impl<'a> SqliteRow<'a> {
    pub(crate) fn new(row: &'a rusqlite::Row<'a>, places: &'a Places) -> Self {
        Self {
            row,
            places,
            asked: Cell::new(0),
            next: Cell::new(0),
        }
    }

    fn get<T: FromSql>(&self, prefix: &'static str, column: &'static str) -> Result<T, StoreError> {
        let nth = self.asked.replace(self.asked.get() + 1);
        let place = if let Some(place) = self.places.known(nth, prefix, column) {
            place
        } else {
            let place = self.find(prefix, column)?;
            self.places.learn(nth, prefix, column, place);
            place
        };
        self.next.set(place + 1);
        Ok(self.row.get(place)?)
    }

    fn find(&self, prefix: &str, column: &str) -> Result<usize, StoreError> {
        let statement: &Statement<'_> = self.row.as_ref();
        let count = statement.column_count();
        let from = self.next.get();
        let is_asked_for = |place: &usize| {
            let name = statement.column_name(*place).unwrap_or_default();
            name.strip_prefix(prefix) == Some(column)
        };
        let found = (from..count).chain(0..from.min(count)).find(is_asked_for);
        found
            .ok_or_else(|| StoreError::Database(format!("a statement has no column {prefix}{column}").into()))
    }
}
