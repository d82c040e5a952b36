//! A spreadsheet: RFC 4180, and what Excel makes of it. The first line names the columns, in any order.

use std::collections::HashMap;

use actions::Invite;
use chrono::{DateTime, Utc};
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use domain::{EmailAddress, time::end_of_day};

use super::list::{GuestList, ListedGuest, RowFault, UnreadableList, plain};

/// The columns that there may be, as the API names the fields of an invitation. Only `email` must be there.
const COLUMNS: [&str; 10] = [
    "email",
    "app",
    "groups",
    "name",
    "invited_by",
    "reply_to",
    "about",
    "message",
    "language",
    "access_until",
];
/// Those of a file of faults, which are for people.
const FOR_PEOPLE: [&str; 2] = ["line", "problem"];

/// Reads a list. What a row does not say is taken from `usual`.
pub(super) fn read_csv(text: &str, usual: &Invite) -> Result<GuestList, UnreadableList> {
    let (delimiter, text, first) = delimiter_of(text);
    let mut records = ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .into_records();
    let Some(Ok(heads)) = records.next() else {
        return Err(UnreadableList::at(1, "the file is empty"));
    };
    let columns = columns_of(&heads).map_err(|problem| UnreadableList::at(first, problem))?;
    let mut list = GuestList {
        heads: cells(&heads),
        delimiter: Some(delimiter),
        ..GuestList::default()
    };
    let mut seen = HashMap::new();
    let mut rows = Rows::of(text, first);
    for record in records {
        let record = record.map_err(|error| UnreadableList::at(first, error.to_string()))?;
        let line = rows.begins(record.position().map_or(0, csv::Position::byte));
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let cells = cells(&record);
        match row(&record, &columns, usual).and_then(|invite| once(&mut seen, line, invite)) {
            Ok(invite) => list.guests.push(ListedGuest { line, cells, invite }),
            Err(problem) => list.faults.push(RowFault { line, cells, problem }),
        }
    }
    if let Some(place) = stray_mark(text.as_bytes(), delimiter) {
        let problem = "a quotation mark stands alone in the row that begins here: a cell with one in it begins and ends with \", and \
                       has \"\" in place of each";
        return Err(UnreadableList::at(rows.line_of(place), problem));
    }
    Ok(list)
}

/// The rows of a list that have faults, as a list that can be mended and read again: `line` and `problem` are left out then. A row
/// with too many cells or too few has them still, so that it is a fault until somebody has mended it.
pub fn write_faults(list: &GuestList) -> Vec<u8> {
    let GuestList {
        heads,
        delimiter,
        faults,
        ..
    } = list;
    let mut writer = WriterBuilder::new()
        .flexible(true)
        .delimiter(delimiter.unwrap_or(b','))
        .from_writer(Vec::new());
    let is_for_people = |head: &&String| FOR_PEOPLE.contains(&normal(head).as_str());
    let kept: Vec<usize> = (0..heads.len())
        .filter(|place| !is_for_people(&&heads[*place]))
        .collect();
    let line = |cells: &[String], people: [&str; 2]| {
        if cells.len() != heads.len() {
            let mut all: Vec<String> = cells.iter().cloned().chain(people.map(str::to_owned)).collect();
            if all.len() == kept.len() + people.len() {
                all.push(String::new());
            }
            return all;
        }
        let kept = kept
            .iter()
            .map(|place| cells.get(*place).cloned().unwrap_or_default());
        kept.chain(people.map(str::to_owned)).collect::<Vec<_>>()
    };
    // Into memory: there is no error to have.
    let _ = writer.write_record(line(heads, FOR_PEOPLE));
    for fault in faults {
        let _ = writer.write_record(line(&fault.cells, [&fault.line.to_string(), &fault.problem]));
    }
    // Spreadsheets take a file without the mark for one of another encoding.
    let mut bytes = vec![0xEF, 0xBB, 0xBF];
    bytes.extend(writer.into_inner().unwrap_or_default());
    bytes
}

/// What separates the cells, the text without a line `sep=;` of Excel's, and the line at which it begins: the separator by which the
/// first line has a column `email`.
fn delimiter_of(text: &str) -> (u8, &str, u64) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    if let [separator] = first
        .trim_end_matches('\r')
        .strip_prefix("sep=")
        .unwrap_or_default()
        .as_bytes()
    {
        return (*separator, rest, 2);
    }
    let names_email = |delimiter: &u8| {
        let heads = first.split(char::from(*delimiter));
        heads
            .map(|head| normal(head.trim().trim_matches('"')))
            .any(|head| head == "email")
    };
    let delimiter = *b",;\t"
        .iter()
        .find(|delimiter| names_email(delimiter))
        .unwrap_or(&b',');
    (delimiter, text, 1)
}

/// Which field each column holds; `None` for those that are for people.
fn columns_of(heads: &StringRecord) -> Result<Vec<Option<&'static str>>, String> {
    let mut columns = Vec::new();
    for head in heads {
        let name = normal(head);
        let known = COLUMNS.iter().find(|column| **column == name).copied();
        if known.is_none() && !FOR_PEOPLE.contains(&name.as_str()) {
            let all = COLUMNS.join(", ");
            return Err(format!("there is no column «{}»; there are: {all}", plain(head)));
        }
        if known.is_some() && columns.contains(&known) {
            return Err(format!("the column «{name}» is there twice"));
        }
        columns.push(known);
    }
    if columns.contains(&Some("email")) {
        Ok(columns)
    } else {
        Err("no column is called «email»".to_owned())
    }
}

/// A column's name without what people vary: `Access until` is `access_until`.
fn normal(head: &str) -> String {
    head.trim().to_lowercase().replace([' ', '-'], "_")
}

fn cells(record: &StringRecord) -> Vec<String> {
    record.iter().map(str::to_owned).collect()
}

fn row(record: &StringRecord, columns: &[Option<&str>], usual: &Invite) -> Result<Invite, String> {
    if record.len() != columns.len() {
        return Err(format!(
            "the row has {} cells, and the first line has {}: a cell with a separator in it stands in quotation marks",
            record.len(),
            columns.len()
        ));
    }
    let mut invite = usual.clone();
    for (cell, column) in record.iter().zip(columns) {
        let cell = cell.trim();
        let (Some(column), false) = (column, cell.is_empty()) else {
            continue;
        };
        let (terms, some) = (&mut invite.terms, Some(cell.to_owned()));
        match *column {
            "email" => cell.clone_into(&mut invite.email),
            "app" => cell.clone_into(&mut invite.app),
            "groups" => invite.groups = names_in(cell),
            "name" => invite.name = some,
            "invited_by" => cell.clone_into(&mut terms.invited_by),
            "reply_to" => terms.reply_to = some,
            "about" => terms.about = some,
            "message" => terms.message = some,
            "language" => terms.language = some,
            "access_until" => terms.access_until = Some(end_of(cell)?),
            _ => {}
        }
    }
    if invite.email.is_empty() {
        return Err("email is empty".to_owned());
    }
    if invite.app.is_empty() {
        return Err("app is empty: name the app in the row, or for all rows with --app".to_owned());
    }
    Ok(invite)
}

/// The names of a cell, whatever separates them: none of it can stand in a name.
fn names_in(cell: &str) -> Vec<String> {
    let separates = |c: char| matches!(c, ';' | ',') || c.is_whitespace();
    let names = cell.split(separates).filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

/// A time; a day counts to its end, as whoever fills in a spreadsheet means it.
fn end_of(cell: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(cell) {
        return Ok(at.to_utc());
    }
    end_of_day(cell).ok_or_else(|| {
        let cell = plain(cell);
        format!("access_until is «{cell}», and neither a day such as 2027-03-01 nor a time such as 2027-03-01T00:00:00Z")
    })
}

/// The second row of a guest and an app is a fault.
fn once(seen: &mut HashMap<(String, String), u64>, line: u64, invite: Invite) -> Result<Invite, String> {
    let key = EmailAddress::parse_typed(&invite.email)
        .map_or_else(|_| invite.email.clone(), |email| email.key().clone());
    match seen.insert((key, invite.app.clone()), line) {
        None => Ok(invite),
        Some(before) => Err(format!("the same guest and app are in line {before}")),
    }
}

/// Where the rows of a text begin.
struct Rows<'a> {
    text: &'a [u8],
    /// The byte and the line of each.
    begins: Vec<(usize, u64)>,
}

impl<'a> Rows<'a> {
    /// `first` is the line of the heads.
    fn of(text: &'a str, first: u64) -> Self {
        Self {
            text: text.as_bytes(),
            begins: vec![(0, first)],
        }
    }

    /// The line of the next row. The reader's own count is one behind where lines end with CR LF.
    fn begins(&mut self, byte: u64) -> u64 {
        let end = self.text.len();
        let byte = usize::try_from(byte).unwrap_or(end).min(end);
        let breaks = self.text[byte..].iter().take_while(|byte| b"\r\n".contains(byte));
        let byte = byte + breaks.count();
        let (before, line) = self.begins.last().copied().unwrap_or_default();
        let lines = self.text[before..byte].iter().filter(|byte| **byte == b'\n');
        let line = line + lines.count() as u64;
        self.begins.push((byte, line));
        line
    }

    /// The line of the row in which a byte lies.
    fn line_of(&self, place: usize) -> u64 {
        let before = self.begins.partition_point(|(begins, _)| *begins <= place);
        self.begins[before.saturating_sub(1)].1
    }
}

/// Where a quotation mark is none of RFC 4180 §2: within a cell that does not begin with one, behind one that has ended a cell, or
/// without an end. The reader would take what follows for one cell, and other people's rows with it.
fn stray_mark(text: &[u8], delimiter: u8) -> Option<usize> {
    #[derive(Clone, Copy)]
    enum Within {
        Begin,
        Bare,
        Quoted(usize),
        Ended(usize),
    }
    let mut within = Within::Begin;
    for (place, byte) in text.iter().enumerate() {
        let is_mark = *byte == b'"';
        let is_end = *byte == delimiter || matches!(*byte, b'\r' | b'\n');
        within = match within {
            Within::Quoted(begin) if is_mark => Within::Ended(begin),
            Within::Quoted(begin) => Within::Quoted(begin),
            Within::Ended(begin) if is_mark => Within::Quoted(begin),
            Within::Ended(_) if !is_end => return Some(place),
            Within::Bare if is_mark => return Some(place),
            Within::Begin if is_mark => Within::Quoted(place),
            _ if is_end => Within::Begin,
            _ => Within::Bare,
        };
    }
    match within {
        Within::Quoted(begin) => Some(begin),
        _ => None,
    }
}
