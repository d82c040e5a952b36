//! A meeting, as Outlook, Google and Apple save it (RFC 5545): its organiser invites those who take part and are not of the house.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use actions::Invite;
use domain::{
    EmailAddress,
    upstream::{claimable, registrable},
};
use icalendar::parser::{Component, Property};

use super::{
    calendar::{Unfolded, meetings},
    list::{GuestList, ListedGuest, RowFault, UnreadableList, plain},
};

/// The columns of a file of faults: whatever the meeting says of itself, so that it is said again.
const HEADS: [&str; 6] = ["email", "name", "app", "invited_by", "reply_to", "about"];
/// The longest subject that an invitation has, in characters.
const ABOUT_MAX: usize = 120;
/// The longest name, in characters.
const NAME_MAX: usize = 100;

/// Reads who takes part. A meeting that repeats is one meeting; who takes part in any of it is invited once. People at the domains
/// `own` are no guests; where none are named, those at the organiser's.
pub(super) fn read_meeting(text: &str, usual: &Invite, own: &[String]) -> Result<GuestList, UnreadableList> {
    let refuse = |problem: &str| Err(UnreadableList::at(1, problem));
    let unfolded = Unfolded::of(text);
    let calendar = unfolded.parsed()?;
    if meetings(&calendar).next().is_none() {
        return refuse("the calendar file has no meeting");
    }
    let names: HashSet<&str> = meetings(&calendar)
        .filter_map(|meeting| meeting.find_prop("UID"))
        .map(|uid| uid.val.as_str().trim())
        .collect();
    if names.len() > 1 {
        return refuse("the calendar file has several meetings: save the one that is meant by itself");
    }
    // One of a row of meetings may be cancelled alone.
    let is_held = |meeting: &&Component<'_>| !says(&meeting.properties, "STATUS", "CANCELLED");
    let first = meetings(&calendar)
        .find(is_held)
        .filter(|_| !says(&calendar.properties, "METHOD", "CANCEL"));
    let Some(first) = first else {
        return refuse("the meeting is cancelled: nobody is invited");
    };
    let organiser = meetings(&calendar)
        .find_map(|meeting| meeting.find_prop("ORGANIZER"))
        .map(Participant::of)
        .filter(|organiser| !organiser.email.is_empty());
    let house = OwnPeople::of(organiser.as_ref(), own);
    let invite = with_terms(usual, first, house.organiser);
    if invite.app.is_empty() {
        return refuse("a meeting names no app: name it with --app");
    }
    if house.domains.is_empty() && house.organiser.is_none() {
        return refuse("the meeting names no organiser: name your own domains with --own");
    }
    if invite.terms.invited_by.is_empty() {
        return refuse("the organiser is not at one of your domains: name who invites with --by");
    }

    let mut mentions: Vec<Mention> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    let attendees = meetings(&calendar).flat_map(|meeting| {
        let named = meeting
            .properties
            .iter()
            .filter(|property| property.name == "ATTENDEE");
        named.map(move |attendee| (attendee, is_held(&meeting)))
    });
    for ((attendee, is_held), line) in attendees.zip(unfolded.lines_of_attendees()) {
        if !is_held {
            continue;
        }
        let person = Participant::of(attendee);
        let mention = Mention {
            line: *line,
            attendance: person.attendance(attendee, &house),
            person,
        };
        match places.entry(mention.person.key()) {
            Entry::Vacant(place) => {
                place.insert(mentions.len());
                mentions.push(mention);
            }
            // Who comes to one of a row of meetings takes part.
            Entry::Occupied(place) if matches!(mention.attendance, Attendance::Guest) => {
                mentions[*place.get()].attendance = Attendance::Guest;
            }
            Entry::Occupied(_) => {}
        }
    }
    let mut list = GuestList {
        heads: HEADS.map(str::to_owned).to_vec(),
        ..GuestList::default()
    };
    for mention in mentions {
        mention.stands_on(&mut list, &invite);
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
            .map(|summary| plain(summary.val.as_str()));
        terms.about = summary.map(|text| text.chars().take(ABOUT_MAX).collect());
    }
    if let Some(organiser) = organiser {
        if terms.invited_by.is_empty() {
            organiser.called().clone_into(&mut terms.invited_by);
        }
        if terms.reply_to.is_none() {
            let address = EmailAddress::parse(&organiser.email).ok();
            terms.reply_to = address.map(|address| address.as_str().to_owned());
        }
    }
    invite
}

/// Those who need no invitation.
struct OwnPeople<'a> {
    /// Who organises the meeting, unless they come from outside.
    organiser: Option<&'a Participant>,
    domains: HashSet<String>,
}

impl<'a> OwnPeople<'a> {
    /// The organiser's domain is of the house where no other is named, unless it is one at which many people have mailboxes.
    fn of(organiser: Option<&'a Participant>, own: &[String]) -> Self {
        let own = own
            .iter()
            .map(|domain| domain.trim_start_matches('@').to_lowercase());
        let mut domains: HashSet<String> = own.filter(|domain| !domain.is_empty()).collect();
        if domains.is_empty() {
            let theirs = organiser.and_then(Participant::domain);
            domains.extend(theirs.filter(|domain| claimable(domain).is_ok()));
            return Self { organiser, domains };
        }
        let organiser = organiser.filter(|person| has(&domains, person));
        Self { organiser, domains }
    }
}

/// Whether somebody is at one of these domains, or below one.
fn has(domains: &HashSet<String>, person: &Participant) -> bool {
    person.domain().is_some_and(|domain| {
        let registered = registrable(&domain).unwrap_or_default();
        domains.contains(&domain) || domains.contains(registered)
    })
}

/// What somebody is in the meeting.
enum Attendance {
    Guest,
    LeftOut(String),
    Fault(&'static str),
}

/// Somebody at a line.
struct Mention {
    line: u64,
    person: Participant,
    attendance: Attendance,
}

impl Mention {
    fn stands_on(self, list: &mut GuestList, invite: &Invite) {
        let Participant { email, name } = &self.person;
        let terms = &invite.terms;
        let cells = [
            Some(email),
            name.as_ref(),
            Some(&invite.app),
            Some(&terms.invited_by),
            terms.reply_to.as_ref(),
            terms.about.as_ref(),
        ];
        let cells = cells.map(|cell| cell.cloned().unwrap_or_default()).to_vec();
        let line = self.line;
        match self.attendance {
            Attendance::Guest => list.guests.push(ListedGuest {
                line,
                cells,
                invite: Invite {
                    email: email.clone(),
                    name: name.clone(),
                    ..invite.clone()
                },
            }),
            Attendance::LeftOut(why) => list.left_out.push(format!("{} {why}", self.person.called())),
            Attendance::Fault(problem) => list.faults.push(RowFault {
                line,
                cells,
                problem: format!("{} {problem}", self.person.called()),
            }),
        }
    }
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
        let mailto = value
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
        let email = if mailto {
            value[7..].split('?').next().map(plain)
        } else {
            parameter(property, "EMAIL")
        };
        let name = parameter(property, "CN").map(|name| {
            // A spreadsheet would take the rest for a formula.
            let name = name
                .trim_matches('"')
                .trim_start_matches(['=', '+', '-', '@'])
                .trim();
            name.chars().take(NAME_MAX).collect::<String>()
        });
        Self {
            email: email.unwrap_or_default(),
            name: name.filter(|name| !name.is_empty() && !name.contains('@')),
        }
    }

    fn domain(&self) -> Option<String> {
        let address = EmailAddress::parse(&self.email).ok()?;
        Some(address.domain().to_owned())
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

    fn attendance(&self, attendee: &Property<'_>, own: &OwnPeople<'_>) -> Attendance {
        let says = |name| parameter(attendee, name).unwrap_or_default().to_uppercase();
        let kind = says("CUTYPE");
        if matches!(kind.as_str(), "ROOM" | "RESOURCE") {
            return Attendance::LeftOut("is a room or a device".to_owned());
        }
        if kind == "GROUP" {
            return Attendance::Fault("is a group: invite its members by their own addresses");
        }
        if self.email.is_empty() {
            return Attendance::Fault("has no mail address in the file");
        }
        if own
            .organiser
            .is_some_and(|organiser| organiser.key() == self.key())
        {
            return Attendance::LeftOut("organises the meeting".to_owned());
        }
        if let Some(domain) = self.domain().filter(|_| has(&own.domains, self)) {
            return Attendance::LeftOut(format!("is of the house ({domain})"));
        }
        match says("PARTSTAT").as_str() {
            "DECLINED" => Attendance::LeftOut("has declined the meeting".to_owned()),
            "DELEGATED" => Attendance::LeftOut("has sent somebody else".to_owned()),
            _ => Attendance::Guest,
        }
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
    let text = found.val.as_ref()?.as_str();
    Some(plain(
        &text.replace("^'", "\"").replace("^n", " ").replace("^^", "^"),
    ))
}
