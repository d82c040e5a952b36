//! A meeting, as Outlook, Google and Apple save it (RFC 5545): its organiser invites those who take part and are not of the house.

use std::collections::HashSet;

use domain::{EmailAddress, upstream::consumer};
use icalendar::parser::{Component, Property, read_calendar, unfold};

use super::list::{GuestList, ListedGuest, RowFault, UnreadableList};
use crate::actions::Invite;

/// What a file of faults calls its columns.
const HEADS: [&str; 2] = ["email", "name"];
/// The longest subject that an invitation has, in characters.
const ABOUT_MAX: usize = 120;
/// A meeting has alarms, and a time zone has its halves; nothing lies deeper, and the parser calls itself for each level.
const DEEPEST: usize = 8;

pub(super) fn is_calendar(text: &str) -> bool {
    let start = text.trim_start().as_bytes();
    start
        .get(..15)
        .is_some_and(|start| start.eq_ignore_ascii_case(b"BEGIN:VCALENDAR"))
}

/// Reads who takes part. A meeting that repeats is one meeting; who takes part in any of it is invited once.
pub(super) fn read_meeting(text: &str, usual: &Invite, own: &[String]) -> Result<GuestList, UnreadableList> {
    let outline = Outline::of(text);
    if outline.depth > DEEPEST {
        return Err(UnreadableList::at(
            1,
            "the calendar file has parts within parts without end",
        ));
    }
    let unfolded = unfold(text);
    let calendar = read_calendar(&unfolded)
        .map_err(|_| UnreadableList::at(1, "the calendar file is damaged or cut off"))?;
    let meetings = || calendar.components.iter().filter(|part| part.name == "VEVENT");
    if meetings().next().is_none() {
        return Err(UnreadableList::at(1, "the calendar file has no meeting"));
    }
    // One of a row of meetings may be cancelled alone.
    let is_held = |meeting: &&Component<'_>| !says(&meeting.properties, "STATUS", "CANCELLED");
    let first = meetings()
        .find(is_held)
        .filter(|_| !says(&calendar.properties, "METHOD", "CANCEL"));
    let Some(first) = first else {
        return Err(UnreadableList::at(
            1,
            "the meeting is cancelled: nobody is invited",
        ));
    };
    let organiser = meetings()
        .find_map(|meeting| meeting.find_prop("ORGANIZER"))
        .map(Participant::of);
    let invite = with_terms(usual, first, organiser.as_ref());
    let house = OwnPeople::of(organiser.as_ref(), own);
    let mut list = GuestList {
        heads: HEADS.map(str::to_owned).to_vec(),
        ..GuestList::default()
    };
    let mut seen = HashSet::new();
    let attendees = meetings().flat_map(|meeting| {
        let named = meeting
            .properties
            .iter()
            .filter(|property| property.name == "ATTENDEE");
        named.map(move |attendee| (attendee, is_held(&meeting)))
    });
    for ((attendee, is_held), line) in attendees.zip(outline.attendees) {
        let person = Participant::of(attendee);
        if !is_held || !seen.insert(person.key()) {
            continue;
        }
        let cells = vec![person.email.clone(), person.name.clone().unwrap_or_default()];
        match person.part(attendee, &house) {
            Attendance::Guest => list.guests.push(ListedGuest {
                line,
                cells,
                invite: Invite {
                    email: person.email,
                    name: person.name,
                    ..invite.clone()
                },
            }),
            Attendance::LeftOut(why) => list.left_out.push(format!("{} {why}", person.called())),
            Attendance::Fault(problem) => list.faults.push(RowFault {
                line,
                cells,
                problem: format!("{} {problem}", person.called()),
            }),
        }
    }
    if invite.app.is_empty() {
        return Err(UnreadableList::at(
            1,
            "a meeting names no app: name it with --app",
        ));
    }
    Ok(list)
}

/// What the meeting says of itself, where the inviter does not.
fn with_terms(usual: &Invite, meeting: &Component<'_>, organiser: Option<&Participant>) -> Invite {
    let mut invite = usual.clone();
    let terms = &mut invite.terms;
    if terms.about.is_none() {
        let summary = meeting
            .find_prop("SUMMARY")
            .map(|summary| summary.val.as_str().trim());
        let one_line = summary.map(|summary| summary.replace(char::is_control, " "));
        terms.about = one_line.map(|text| text.chars().take(ABOUT_MAX).collect());
    }
    if let Some(organiser) = organiser {
        if terms.invited_by.is_empty() {
            organiser.called().clone_into(&mut terms.invited_by);
        }
        let address = EmailAddress::parse(&organiser.email).ok();
        if terms.reply_to.is_none() {
            terms.reply_to = address.map(|address| address.as_str().to_owned());
        }
    }
    invite
}

/// The organiser, and the domains of those who need no invitation.
struct OwnPeople<'a> {
    organiser: Option<String>,
    domains: HashSet<&'a str>,
}

impl<'a> OwnPeople<'a> {
    /// The organiser's domain is of the house, unless it is a large mail provider's.
    fn of(organiser: Option<&'a Participant>, own: &'a [String]) -> Self {
        let theirs = organiser.and_then(|person| person.domain());
        let theirs = theirs.filter(|domain| consumer::of_domain(domain).is_none());
        Self {
            organiser: organiser.map(|person| person.email.to_lowercase()),
            domains: own.iter().map(String::as_str).chain(theirs).collect(),
        }
    }
}

/// What somebody is in the meeting.
enum Attendance {
    Guest,
    LeftOut(String),
    Fault(&'static str),
}

/// Who is named by an `ORGANIZER` or an `ATTENDEE`.
struct Participant {
    email: String,
    name: Option<String>,
}

impl Participant {
    /// Apple names somebody without a mail address by a path, and the address beside it.
    fn of(property: &Property<'_>) -> Self {
        let value = property.val.as_str().trim();
        let is_mail = value
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
        let email = match (is_mail, parameter(property, "EMAIL")) {
            (true, _) => value[7..].to_owned(),
            (false, Some(email)) => email,
            (false, None) => String::new(),
        };
        let name = parameter(property, "CN").filter(|name| !name.is_empty() && !name.contains('@'));
        Self { email, name }
    }

    fn domain(&self) -> Option<&str> {
        self.email.rsplit_once('@').map(|(_, domain)| domain)
    }

    /// By which the same person is known again.
    fn key(&self) -> String {
        if self.email.is_empty() {
            self.called().to_owned()
        } else {
            self.email.to_lowercase()
        }
    }

    fn called(&self) -> &str {
        let address = if self.email.is_empty() {
            "somebody"
        } else {
            &self.email
        };
        self.name.as_deref().unwrap_or(address)
    }

    fn part(&self, attendee: &Property<'_>, house: &OwnPeople<'_>) -> Attendance {
        let kind = parameter(attendee, "CUTYPE").unwrap_or_default().to_uppercase();
        if matches!(kind.as_str(), "ROOM" | "RESOURCE") {
            return Attendance::LeftOut("is a room or a device".to_owned());
        }
        if kind == "GROUP" {
            return Attendance::Fault("is a group: invite its members by their own addresses");
        }
        if self.email.is_empty() {
            return Attendance::Fault("has no mail address in the file");
        }
        if house
            .organiser
            .as_ref()
            .is_some_and(|organiser| *organiser == self.email.to_lowercase())
        {
            return Attendance::LeftOut("organises the meeting".to_owned());
        }
        if let Some(domain) = self.domain().map(str::to_lowercase)
            && house.domains.iter().any(|own| own.eq_ignore_ascii_case(&domain))
        {
            return Attendance::LeftOut(format!("is of the house ({domain})"));
        }
        if parameter(attendee, "PARTSTAT").is_some_and(|answer| answer.eq_ignore_ascii_case("DECLINED")) {
            return Attendance::LeftOut("has declined the meeting".to_owned());
        }
        Attendance::Guest
    }
}

fn says(properties: &[Property<'_>], name: &str, value: &str) -> bool {
    let found = properties.iter().find(|property| property.name == name);
    found.is_some_and(|found| found.val.as_str().trim().eq_ignore_ascii_case(value))
}

/// A parameter, as it was meant (RFC 6868).
fn parameter(property: &Property<'_>, name: &str) -> Option<String> {
    let found = property
        .params
        .iter()
        .find(|found| found.key.as_str().eq_ignore_ascii_case(name))?;
    let text = found.val.as_ref()?.as_str().trim();
    Some(text.replace("^'", "\"").replace("^n", " ").replace("^^", "^"))
}

/// A file, as its lines tell it.
#[derive(Default)]
struct Outline {
    /// The lines at which the attendees of meetings stand, from 1. An alarm by mail has attendees of its own.
    attendees: Vec<u64>,
    /// How many parts lie within one another.
    depth: usize,
}

impl Outline {
    fn of(text: &str) -> Self {
        let mut outline = Self::default();
        let mut within: Vec<String> = Vec::new();
        for (place, line) in text.lines().enumerate() {
            let upper = line.trim().to_uppercase();
            let is_folded = line.starts_with([' ', '\t']);
            if let Some(name) = upper.strip_prefix("BEGIN:") {
                within.push(name.to_owned());
                outline.depth = outline.depth.max(within.len());
            } else if upper.starts_with("END:") {
                within.pop();
            } else if !is_folded
                && upper.starts_with("ATTENDEE")
                && within.last().is_some_and(|name| name == "VEVENT")
            {
                outline.attendees.push(place as u64 + 1);
            }
        }
        outline
    }
}
