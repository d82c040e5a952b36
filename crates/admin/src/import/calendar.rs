//! The lines of a calendar file (RFC 5545 §3.1), put together before they are parsed: what is counted is what is parsed.

use icalendar::parser::{Calendar, Component, read_calendar};

use super::list::UnreadableList;

/// A meeting has alarms, and a time zone has its halves; nothing lies deeper, and the parser calls itself for each level.
const DEEPEST: usize = 8;

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
