//! What a file says: whom to invite, and what is wrong with the rest.

use actions::Invite;

/// What a file says.
#[derive(Debug, Default)]
pub struct GuestList {
    /// The heads of the columns, as they stand there.
    pub heads: Vec<String>,
    /// What separates the cells, in a list.
    pub delimiter: Option<u8>,
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

/// A stranger's text in one line, without what a terminal or a page would follow: control characters, and those that turn the
/// direction of writing.
pub(super) fn plain(text: &str) -> String {
    let is_left_out = |c: char| matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    let kept = text.chars().filter(|c| !is_left_out(*c));
    let is_break = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    let one_line: String = kept.map(|c| if is_break(c) { ' ' } else { c }).collect();
    one_line.trim().to_owned()
}
