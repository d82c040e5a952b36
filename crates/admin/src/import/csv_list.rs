//! A spreadsheet: RFC 4180, and what Excel makes of it. The first line names the columns, in any order.

use std::collections::HashMap;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use csv::{ReaderBuilder, StringRecord, WriterBuilder};
use domain::EmailAddress;

use super::list::{GuestList, ListedGuest, RowFault, UnreadableList};
use crate::actions::Invite;

/// The columns that there may be, as the API names the fields of an invitation. Only `email` must be there.
const COLUMNS: [&str; 9] = [
    "email",
    "app",
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
    if let Some(line) = rows.unpaired() {
        let problem = "quotation marks do not pair up in the row that begins here: one that belongs to a text is written \"\"";
        return Err(UnreadableList::at(line, problem));
    }
    Ok(list)
}

/// Rows with faults, as a list that can be mended and read again: `line` and `problem` are left out then.
pub fn write_faults(heads: &[String], faults: &[RowFault]) -> Vec<u8> {
    let mut writer = WriterBuilder::new().flexible(true).from_writer(Vec::new());
    let is_for_people = |head: &&String| FOR_PEOPLE.contains(&normal(head).as_str());
    let kept: Vec<usize> = (0..heads.len())
        .filter(|place| !is_for_people(&&heads[*place]))
        .collect();
    let line = |cells: &[String], people: [&str; 2]| {
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
        .trim_end()
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
            return Err(format!("there is no column «{}»; there are: {all}", head.trim()));
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

/// A time; a day counts to its end, as whoever fills in a spreadsheet means it.
fn end_of(cell: &str) -> Result<DateTime<Utc>, String> {
    if let Ok(at) = DateTime::parse_from_rfc3339(cell) {
        return Ok(at.to_utc());
    }
    let day = NaiveDate::parse_from_str(cell, "%Y-%m-%d").ok();
    let next = day.and_then(|day| day.checked_add_days(Days::new(1)));
    next.map(|next| next.and_time(NaiveTime::MIN).and_utc()).ok_or_else(|| {
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

    /// The line of the first row in which a quotation mark has no other: what follows it would be taken for one cell.
    fn unpaired(&self) -> Option<u64> {
        let ends = self.begins.iter().skip(1).map(|(byte, _)| *byte);
        let ends = ends.chain([self.text.len()]);
        let is_odd = |((start, _), end): &(&(usize, u64), usize)| {
            let marks = self.text[*start..*end].iter().filter(|byte| **byte == b'"');
            marks.count() % 2 == 1
        };
        self.begins
            .iter()
            .zip(ends)
            .find(is_odd)
            .map(|((_, line), _)| *line)
    }
}
