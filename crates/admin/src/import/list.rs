//! What a file says: whom to invite, and what is wrong with the rest.

use crate::actions::Invite;

/// What a file says.
#[derive(Debug, Default)]
pub struct GuestList {
    /// The heads of the columns, as they stand there.
    pub heads: Vec<String>,
    /// Whom to invite, in the order of the file.
    pub guests: Vec<ListedGuest>,
    /// Rows that nobody can be invited by.
    pub faults: Vec<RowFault>,
    /// Who is on it and is no guest, and why: `Room 3 is a room`.
    pub left_out: Vec<String>,
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
    pub(super) fn at(line: u64, problem: impl Into<String>) -> Self {
        Self {
            line,
            problem: problem.into(),
        }
    }
}
