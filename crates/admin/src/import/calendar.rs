//! The lines of a calendar file (RFC 5545 §3.1), put together before they are parsed: what is counted is what is parsed.

use std::borrow::Cow;

use icalendar::parser::{Calendar, Component, read_calendar};

use super::list::UnreadableList;

const BEGINNING: &[u8] = b"BEGIN:VCALENDAR";

/// A meeting has alarms, and a time zone has its halves; nothing lies deeper, and the parser calls itself for each level.
const DEEPEST: usize = 8;

/// Whether a file is a calendar.
pub(super) fn is_calendar(file: &[u8]) -> bool {
    let start = file.trim_ascii_start().get(..BEGINNING.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(BEGINNING))
}

/// A calendar whose lines were folded without a look at what is within a character (RFC 5545 §3.1 has readers put it together again):
/// each fold stands behind the character. Other files stay as they are.
pub(super) fn with_whole_characters(file: &[u8]) -> Cow<'_, [u8]> {
    if !is_calendar(file) || std::str::from_utf8(file).is_ok() {
        return Cow::Borrowed(file);
    }
    let mut whole = Vec::with_capacity(file.len());
    let mut rest = file;
    while !rest.is_empty() {
        let mut folds = Vec::new();
        while let Some((fold, within, after)) = fold_within_character(rest) {
            whole.extend(within);
            folds.extend(fold);
            rest = after;
        }
        whole.append(&mut folds);
        if let Some((byte, after)) = rest.split_first() {
            whole.push(*byte);
            rest = after;
        }
    }
    Cow::Owned(whole)
}

/// The fold with which this begins, the rest of the character that it has split, and what follows.
fn fold_within_character(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let length = match bytes {
        [b'\r', b'\n', b' ' | b'\t', ..] => 3,
        [b'\n', b' ' | b'\t', ..] => 2,
        _ => return None,
    };
    let (fold, after) = bytes.split_at(length);
    let within = after
        .iter()
        .take_while(|byte| (0x80..0xC0).contains(*byte))
        .count();
    let (within, after) = after.split_at(within);
    (!within.is_empty()).then_some((fold, within, after))
}

/// A calendar's lines without folds, each ended by CR LF, names in upper case.
pub(super) struct Unfolded {
    text: String,
    /// The lines at which the attendees of meetings stand, from 1. An alarm by mail has attendees of its own.
    attendees: Vec<u64>,
    /// How many parts lie within one another.
    depth: usize,
}

impl Unfolded {
    pub(super) fn of(file: &str) -> Self {
        let mut lines: Vec<(u64, String)> = Vec::new();
        for (place, line) in file.split('\n').enumerate() {
            let line = line.strip_suffix('\r').unwrap_or(line);
            match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
                (Some(rest), Some((_, before))) => before.push_str(rest),
                _ => lines.push((place as u64 + 1, line.to_owned())),
            }
        }
        let mut unfolded = Self {
            text: String::with_capacity(file.len()),
            attendees: Vec::new(),
            depth: 0,
        };
        let mut within: Vec<String> = Vec::new();
        for (number, line) in lines.iter().filter(|(_, line)| !line.trim().is_empty()) {
            let (name, rest) = line.split_at(line.find([';', ':']).unwrap_or(line.len()));
            let name = name.trim().to_ascii_uppercase();
            let value = rest.trim_start_matches(':').trim().to_ascii_uppercase();
            match name.as_str() {
                "BEGIN" => within.push(value.clone()),
                "END" => drop(within.pop()),
                "ATTENDEE" if within.last().is_some_and(|part| part == "VEVENT") => {
                    unfolded.attendees.push(*number);
                }
                _ => {}
            }
            unfolded.depth = unfolded.depth.max(within.len());
            unfolded.text.push_str(&name);
            if matches!(name.as_str(), "BEGIN" | "END") {
                unfolded.text.push(':');
                unfolded.text.push_str(&value);
            } else {
                unfolded.text.push_str(rest);
            }
            unfolded.text.push_str("\r\n");
        }
        unfolded
    }

    /// What it says.
    pub(super) fn parsed(&self) -> Result<Calendar<'_>, UnreadableList> {
        if self.depth > DEEPEST {
            let problem = "the calendar file has parts within parts without end";
            return Err(UnreadableList::at(1, problem));
        }
        let damaged = || UnreadableList::at(1, "the calendar file is damaged, cut off, or more than one");
        let calendar = read_calendar(&self.text).map_err(|_| damaged())?;
        let attendees = meetings(&calendar).flat_map(|meeting| &meeting.properties);
        let attendees = attendees.filter(|property| property.name == "ATTENDEE");
        if attendees.count() == self.attendees.len() {
            Ok(calendar)
        } else {
            Err(damaged())
        }
    }

    /// The lines at which attendees stand, in the order in which they are parsed.
    pub(super) fn lines_of_attendees(&self) -> &[u64] {
        &self.attendees
    }
}

/// The meetings of a calendar.
pub(super) fn meetings<'a>(calendar: &'a Calendar<'_>) -> impl Iterator<Item = &'a Component<'a>> {
    calendar.components.iter().filter(|part| part.name == "VEVENT")
}
