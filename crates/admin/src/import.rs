//! Guests to invite, from a file: whoever is on it, and every fault with its line. Pure; `actions::invite_listed` invites.

mod csv_list;
mod decoded;

use crate::actions::Invite;

pub use csv_list::{COLUMNS, read_csv, write_faults};

/// The longest file that is read, in bytes.
pub const FILE_MAX: u64 = 64 * 1024 * 1024;

/// What a file says.
#[derive(Debug, Default)]
pub struct GuestList {
    /// The heads of the columns, as they stand there.
    pub heads: Vec<String>,
    /// Whom to invite, in the order of the file.
    pub guests: Vec<ListedGuest>,
    /// Rows that nobody can be invited by.
    pub faults: Vec<RowFault>,
}

/// One row.
#[derive(Clone, Debug)]
pub struct ListedGuest {
    /// The line at which it begins, from 1.
    pub line: u64,
    /// Its cells, as they stand there.
    pub cells: Vec<String>,
    /// What it says, with what was said for all rows. Addresses and texts have not been checked.
    pub invite: Invite,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFault {
    /// The line at which it begins, from 1.
    pub line: u64,
    /// Its cells, as they stand there.
    pub cells: Vec<String>,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl ListedGuest {
    /// The row, with what turned out to be wrong with it.
    pub fn refused(self, problem: impl Into<String>) -> RowFault {
        RowFault {
            line: self.line,
            cells: self.cells,
            problem: problem.into(),
        }
    }
}

/// Why a file cannot be read at all.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct UnreadableList {
    /// Where it was noticed, from 1.
    pub line: u64,
    /// What is wrong and what would be right.
    pub problem: String,
}

impl UnreadableList {
    fn at(line: u64, problem: impl Into<String>) -> Self {
        Self {
            line,
            problem: problem.into(),
        }
    }
}

#[cfg(test)]
mod tests;
