//! Meetings, in the spelling of the calendars that save them.

use super::*;

const OUTLOOK: &str = "BEGIN:VCALENDAR\r\n\
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r\n\
VERSION:2.0\r\n\
METHOD:REQUEST\r\n\
X-MS-OLK-FORCEINSPECTOROPEN:TRUE\r\n\
BEGIN:VTIMEZONE\r\n\
TZID:W. Europe Standard Time\r\n\
BEGIN:STANDARD\r\n\
DTSTART:16011028T030000\r\n\
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\n\
TZOFFSETFROM:+0200\r\n\
TZOFFSETTO:+0100\r\n\
END:STANDARD\r\n\
END:VTIMEZONE\r\n\
BEGIN:VEVENT\r\n\
ATTENDEE;CN=\"Berg, Anna\";RSVP=TRUE:MAILTO:anna@contoso.test\r\n\
ATTENDEE;CN=bob@fabrikam.test;RSVP=TRUE:mailto:bob@fabrikam.test\r\n\
ATTENDEE;CN=\"Priya Nair with a name that is so long that the line is folded \r\n\
\x20in two\";ROLE=OPT-PARTICIPANT;RSVP=TRUE:mailto:priya@acme.test\r\n\
ATTENDEE;CN=\"Room 3\";CUTYPE=RESOURCE;ROLE=NON-PARTICIPANT;RSVP=TRUE:mailto:room3@acme.test\r\n\
CLASS:PUBLIC\r\n\
DTSTART;TZID=\"W. Europe Standard Time\":20270701T100000\r\n\
ORGANIZER;CN=\"Lee Chan\":mailto:lee@acme.test\r\n\
PRIORITY:5\r\n\
SUMMARY;LANGUAGE=de-de:Q3 kickoff\\, part 1\r\n\
UID:040000008200E00074C5B7101A82E008\r\n\
X-ALT-DESC;FMTTYPE=text/html:<html><body>Hello\\, all</body></html>\r\n\
BEGIN:VALARM\r\n\
TRIGGER:-PT15M\r\n\
ACTION:EMAIL\r\n\
ATTENDEE:mailto:alarm@acme.test\r\n\
DESCRIPTION:Reminder\r\n\
END:VALARM\r\n\
END:VEVENT\r\n\
END:VCALENDAR\r\n";

const GOOGLE: &str = "BEGIN:VCALENDAR\r\n\
PRODID:-//Google Inc//Google Calendar 70.9054//EN\r\n\
VERSION:2.0\r\n\
CALSCALE:GREGORIAN\r\n\
METHOD:PUBLISH\r\n\
BEGIN:VEVENT\r\n\
DTSTART:20270701T080000Z\r\n\
ORGANIZER;CN=Lee Chan:mailto:lee.chan@gmail.com\r\n\
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Lee Cha\r\n\
\x20n;X-NUM-GUESTS=0:mailto:lee.chan@gmail.com\r\n\
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=\r\n\
\x20TRUE;CN=anna@gmail.com;X-NUM-GUESTS=0:mailto:anna@gmail.com\r\n\
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;CN=Dora:mailto:dora@contoso.test\r\n\
ATTENDEE;CUTYPE=GROUP;ROLE=REQ-PARTICIPANT;CN=All of Contoso:mailto:all@contoso.test\r\n\
SUMMARY:Planning\r\n\
END:VEVENT\r\n\
BEGIN:VEVENT\r\n\
RECURRENCE-ID:20270708T080000Z\r\n\
ATTENDEE;CN=anna@gmail.com:mailto:Anna@gmail.com\r\n\
DTSTART;VALUE=DATE:20270708\r\n\
ATTENDEE;CN=Eve;MEMBER=\"mailto:team@fabrikam.test\",\"mailto:all@fabrikam.test\":mailto:eve@fabrikam.test\r\n\
DESCRIPTION:Join: https://meet.example/abc?x=1;y=2\\n\\nATTENDEE:nobody\r\n\
X-EMPTY:\r\n\
SUMMARY:Planning\r\n\
END:VEVENT\r\n\
END:VCALENDAR\r\n";

const APPLE: &str = "BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Apple Inc.//macOS 15.1//EN
BEGIN:VEVENT
ATTENDEE;CN=\"Lee Chan\";CUTYPE=INDIVIDUAL;EMAIL=\"lee@acme.test\";PARTSTAT=
 ACCEPTED;ROLE=CHAIR:/aMTEyMzQ1Njc4OTExMjM0NQ/principal/
ATTENDEE;CN=\"Anna ^'Ann^' Berg\";CUTYPE=INDIVIDUAL;EMAIL=\"anna@contoso.test\":
 /aMTEyMzQ1Njc4OTExMjM0Ng/principal/
ATTENDEE;CN=\"Max\";CUTYPE=INDIVIDUAL:invalid:nomail
ORGANIZER;CN=\"Lee Chan\";EMAIL=\"lee@acme.test\":/aMTEyMzQ1Njc4OTExMjM0NQ/principal/
SUMMARY:Site visit
END:VEVENT
END:VCALENDAR
";

fn usual_of_a_meeting() -> Invite {
    Invite {
        app: "notes".into(),
        ..Invite::default()
    }
}

fn meeting(text: &str) -> GuestList {
    super::super::read(text.as_bytes(), &usual_of_a_meeting(), &[]).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_meeting_of_outlook() {
    let list = meeting(OUTLOOK);
    assert_eq!(emails(&list), ["anna@contoso.test", "bob@fabrikam.test"]);
    let [anna, bob] = &list.guests[..] else {
        panic!("{list:?}")
    };
    assert_eq!((anna.line, anna.invite.name.as_deref()), (16, Some("Berg, Anna")));
    assert_eq!((bob.line, bob.invite.name.as_deref()), (17, None));
    let terms = &anna.invite.terms;
    assert_eq!(terms.about.as_deref(), Some("Q3 kickoff, part 1"));
    assert_eq!(
        (terms.invited_by.as_str(), terms.reply_to.as_deref()),
        ("Lee Chan", Some("lee@acme.test"))
    );
    assert_eq!(
        list.left_out,
        [
            "Priya Nair with a name that is so long that the line is folded in two is of the house (acme.test)",
            "Room 3 is a room or a device",
        ]
    );
    assert_eq!(list.faults, []);
}

#[test]
fn a_meeting_of_google_that_repeats() {
    let list = meeting(GOOGLE);
    // At a large mail provider nobody is of the organiser's house.
    assert_eq!(emails(&list), ["anna@gmail.com", "eve@fabrikam.test"]);
    assert_eq!(
        list.left_out,
        ["Lee Chan organises the meeting", "Dora has declined the meeting"]
    );
    let [group] = &list.faults[..] else {
        panic!("{list:?}")
    };
    assert_eq!(group.line, 14);
    assert!(
        group.problem.starts_with("All of Contoso is a group"),
        "{}",
        group.problem
    );
}

/// Lines go on being counted past those who are left out with their meeting.
#[test]
fn one_of_a_row_is_cancelled() {
    let text = GOOGLE.replacen("SUMMARY:Planning", "STATUS:CANCELLED\r\nSUMMARY:Planning", 1);
    let list = meeting(&text);
    assert_eq!(emails(&list), ["Anna@gmail.com", "eve@fabrikam.test"]);
    let lines: Vec<u64> = list.guests.iter().map(|guest| guest.line).collect();
    assert_eq!(lines, [20, 22]);
}

#[test]
fn a_meeting_of_apple() {
    let list = meeting(APPLE);
    assert_eq!(emails(&list), ["anna@contoso.test"]);
    assert_eq!(list.guests[0].invite.name.as_deref(), Some("Anna \"Ann\" Berg"));
    assert_eq!(list.faults[0].problem, "Max has no mail address in the file");
    assert_eq!(list.left_out, ["Lee Chan organises the meeting"]);
}

#[test]
fn what_the_inviter_says_counts_and_who_else_is_of_the_house() {
    let said = Invite {
        terms: InvitationTerms {
            about: Some("Minutes".into()),
            reply_to: Some("office@acme.test".into()),
            ..InvitationTerms::by("Kim")
        },
        ..usual_of_a_meeting()
    };
    let own = ["Fabrikam.test".to_owned(), "acme.test".to_owned()];
    let list = super::super::read(OUTLOOK.as_bytes(), &said, &own).unwrap();
    assert_eq!(emails(&list), ["anna@contoso.test"]);
    assert_eq!(list.guests[0].invite.terms, said.terms);
}

/// Some writers fold after so many bytes, whatever stands there.
#[test]
fn a_fold_within_a_character_is_put_together_again() {
    for fold in ["\r\n ", "\n ", "\r\n\t"] {
        let named = OUTLOOK.replace("\"Berg, Anna\"", "\"Jörg 🙂 Åse\"");
        let mut split = Vec::new();
        for byte in named.bytes() {
            // Before each byte that is within a character, and where there are several, once more.
            if (0x80..0xC0).contains(&byte) {
                split.extend(fold.bytes());
            }
            split.push(byte);
        }
        let list = super::super::read(&split, &usual_of_a_meeting(), &[]).unwrap();
        assert_eq!(
            list.guests[0].invite.name.as_deref(),
            Some("Jörg 🙂 Åse"),
            "{fold:?}"
        );
        assert_eq!(list.guests[0].line, 16, "{fold:?}: lines are those of the file");
    }
    // What is no character stays none.
    let damaged = OUTLOOK.replace("\"Berg, Anna\"", "\"J!rg\"");
    let damaged: Vec<u8> = damaged
        .bytes()
        .map(|byte| if byte == b'!' { 0xF6 } else { byte })
        .collect();
    let refused = super::super::read(&damaged, &usual_of_a_meeting(), &[]).unwrap_err();
    assert_eq!(refused.line, 16, "{refused}");
}

/// Calendars of others write names in lower case, end lines as they like, and fold wherever a line is long.
#[test]
fn whatever_way_its_lines_are_written() {
    let first_lf = OUTLOOK
        .replace("\r\n", "\n")
        .replace("CLASS:PUBLIC\n", "CLASS:PUBLIC\r\n");
    let lower = OUTLOOK
        .replace("ATTENDEE;", "attendee;")
        .replace("ORGANIZER;", "organizer;")
        .replace("VEVENT", "vevent");
    // What is folded is no part of its own, whatever it begins with.
    let folded = OUTLOOK.replace("CLASS:PUBLIC\r\n", "");
    let folded = folded.replacen(
        "BEGIN:VEVENT\r\n",
        "BEGIN:VEVENT\r\nDESCRIPTION:Agenda\r\n END:VEVENT\r\n ATTENDEE:nobody\r\n",
        1,
    );
    for text in [&first_lf, &lower, &folded] {
        let list = meeting(text);
        assert_eq!(
            emails(&list),
            ["anna@contoso.test", "bob@fabrikam.test"],
            "{text}"
        );
        assert_eq!(list.guests[0].invite.terms.invited_by, "Lee Chan");
        assert_eq!(list.left_out.len(), 2);
    }
    let hidden = "BEGIN:VCALENDAR\r\n".to_owned() + &"BEGIN:A\r\nX:1\r\n END:\r\n".repeat(100_000);
    let error = super::super::read(hidden.as_bytes(), &usual_of_a_meeting(), &[]).unwrap_err();
    assert!(error.problem.contains("without end"), "{error}");
}

#[test]
fn what_a_stranger_wrote_is_one_plain_line() {
    let text = OUTLOOK
        .replace(
            "CN=bob@fabrikam.test",
            "CN=\"=HYPERLINK(1) \u{1b}]0;x\u{202e}bob\"",
        )
        .replace("Room 3", "\u{1b}[2JRoom 3");
    let list = meeting(&text);
    assert_eq!(
        list.guests[1].invite.name.as_deref(),
        Some("HYPERLINK(1)  ]0;xbob")
    );
    assert!(
        list.left_out.iter().all(|one| !one.contains(char::is_control)),
        "{:?}",
        list.left_out
    );
}

#[test]
fn who_is_of_the_house() {
    let of = |organiser: &str, own: &[&str], by: &str| {
        let text = OUTLOOK.replace("mailto:lee@acme.test", &format!("mailto:{organiser}"));
        let usual = Invite {
            terms: InvitationTerms::by(by),
            ..usual_of_a_meeting()
        };
        let own: Vec<String> = own.iter().map(|domain| (*domain).to_owned()).collect();
        super::super::read(text.as_bytes(), &usual, &own)
    };
    for (organiser, own, by, guests) in [
        (
            "lee@ACME.test",
            &[][..],
            "",
            &["anna@contoso.test", "bob@fabrikam.test"][..],
        ),
        // Where many people have mailboxes nobody is of the house, but whoever organises.
        (
            "lee@gmx.de",
            &[],
            "",
            &["anna@contoso.test", "bob@fabrikam.test", "priya@acme.test"],
        ),
        (
            "lee@Gmail.com",
            &[],
            "",
            &["anna@contoso.test", "bob@fabrikam.test", "priya@acme.test"],
        ),
        // A partner's meeting: they are no sponsor here, and their people are guests.
        (
            "anna@contoso.test",
            &["@Acme.test"],
            "Kim",
            &["anna@contoso.test", "bob@fabrikam.test"],
        ),
        (
            "lee@mail.acme.test",
            &["acme.test"],
            "",
            &["anna@contoso.test", "bob@fabrikam.test"],
        ),
    ] {
        let list = of(organiser, own, by).unwrap_or_else(|error| panic!("{organiser}: {error}"));
        assert_eq!(emails(&list), guests, "{organiser} {own:?}");
        let reply_to = list.guests[0].invite.terms.reply_to.as_deref();
        assert_eq!(reply_to.is_some(), by.is_empty(), "{organiser}: {reply_to:?}");
    }
    let error = of("anna@contoso.test", &["acme.test"], "").unwrap_err();
    assert!(error.problem.contains("with --by"), "{error}");
    let nobody = OUTLOOK.replace("ORGANIZER;", "X-ORGANIZER;");
    let error = super::super::read(nobody.as_bytes(), &usual_of_a_meeting(), &[]).unwrap_err();
    assert!(error.problem.contains("with --own"), "{error}");
}

#[test]
fn who_comes_to_one_of_a_row_takes_part() {
    let declined = "ATTENDEE;CN=anna@gmail.com:mailto:Anna@gmail.com";
    let text = GOOGLE.replace(declined, "ATTENDEE;CN=Dora:mailto:dora@contoso.test");
    let list = meeting(&text);
    assert!(emails(&list).contains(&"dora@contoso.test"), "{list:?}");
}

#[test]
fn a_meeting_to_which_nobody_is_invited() {
    let cancelled = OUTLOOK.replace("METHOD:REQUEST", "METHOD:CANCEL");
    let off = OUTLOOK.replace("PRIORITY:5", "STATUS:CANCELLED");
    let several = GOOGLE.replacen("SUMMARY:", "UID:1\r\nSUMMARY:", 1).replacen(
        "RECURRENCE-ID:20270708T080000Z",
        "UID:2",
        1,
    );
    let empty = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n";
    for (text, said) in [
        (cancelled.as_str(), "is cancelled"),
        (off.as_str(), "is cancelled"),
        (empty, "has no meeting"),
        (&several, "several meetings"),
        (&OUTLOOK[..900], "is damaged"),
        (&"BEGIN:VCALENDAR\r\n".repeat(100_000), "without end"),
    ] {
        let error = super::super::read(text.as_bytes(), &usual_of_a_meeting(), &[]).unwrap_err();
        assert!(error.problem.contains(said), "{said}: {error}");
    }
    let error = super::super::read(OUTLOOK.as_bytes(), &Invite::default(), &[]).unwrap_err();
    assert!(error.problem.contains("--app"), "{error}");
}
