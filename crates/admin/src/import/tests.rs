//! Lists as people and spreadsheets write them.

use chrono::DateTime;
use domain::invitation::InvitationTerms;

use super::*;

mod meetings;

fn usual() -> Invite {
    Invite {
        app: "notes".into(),
        terms: InvitationTerms::by("Lee"),
        ..Invite::default()
    }
}

fn read(text: &str) -> GuestList {
    super::read(text.as_bytes(), &usual(), &[]).unwrap_or_else(|error| panic!("{text:?}: {error}"))
}

fn refused(bytes: &[u8]) -> (u64, String) {
    let error = super::read(bytes, &usual(), &[]).expect_err("it was read");
    (error.line, error.problem)
}

fn emails(list: &GuestList) -> Vec<&str> {
    list.guests
        .iter()
        .map(|guest| guest.invite.email.as_str())
        .collect()
}

#[test]
fn every_column_and_what_is_said_for_all_rows() {
    assert_eq!(read("Name,EMAIL,Message\n").heads, ["Name", "EMAIL", "Message"]);
    let list = read(
        "access until,email,app,name,invited_by,reply-to,about,message,language,Groups\n\
         2027-03-01,anna@contoso.test,files,Anna,Kim,kim@acme.test,Audit,\"Hello,\n\"\"Anna\"\"\",de,auditors;board\n\
         2027-03-01T12:00:00+02:00,bob@contoso.test,,,,,,,,\n",
    );
    assert_eq!(list.faults, []);
    let [anna, bob] = &list.guests[..] else {
        panic!("{list:?}")
    };
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    assert_eq!(
        (anna.invite.app.as_str(), anna.invite.name.as_deref()),
        ("files", Some("Anna"))
    );
    assert_eq!(
        anna.invite.terms,
        InvitationTerms {
            invited_by: "Kim".into(),
            reply_to: Some("kim@acme.test".into()),
            about: Some("Audit".into()),
            message: Some("Hello,\n\"Anna\"".into()),
            language: Some("de".into()),
            access_until: Some(at("2027-03-02T00:00:00Z")),
        }
    );
    assert_eq!(anna.invite.groups, ["auditors", "board"]);
    assert_eq!((bob.line, bob.invite.app.as_str()), (4, "notes"));
    assert_eq!(bob.invite.terms.invited_by, "Lee");
    assert_eq!(bob.invite.terms.access_until, Some(at("2027-03-01T10:00:00Z")));
}

/// Groups of a row are all that it names; where it names none, those that were said for all rows.
#[test]
fn groups_stand_in_one_cell() {
    let usual = Invite {
        groups: vec!["guests".into()],
        ..usual()
    };
    for (cell, expected) in [
        ("", &["guests"][..]),
        ("board", &["board"]),
        ("board;auditors", &["board", "auditors"]),
        ("\"board, auditors\"", &["board", "auditors"]),
        ("\" board ;\n auditors; \"", &["board", "auditors"]),
        (";", &[]),
    ] {
        let text = format!("email,groups\nanna@contoso.test,{cell}\n");
        let list = super::read(text.as_bytes(), &usual, &[]).unwrap();
        assert_eq!(list.guests[0].invite.groups, expected, "{cell:?}");
    }
}

#[test]
fn what_spreadsheets_make_of_it() {
    let two = ["anna@contoso.test", "bjørn@contoso.test"];
    for text in [
        "email,name\nanna@contoso.test,Anna\nbjørn@contoso.test,Bjørn\n",
        "email;name\r\nanna@contoso.test;Anna\r\nbjørn@contoso.test;Bjørn",
        "name\temail\nAnna\tanna@contoso.test\n\n\t\nBjørn\tbjørn@contoso.test\n",
        "sep=;\r\n\"email\";\"name\"\r\n\"anna@contoso.test\";\"A;B\"\r\nbjørn@contoso.test;B",
        "email\nanna@contoso.test\nbjørn@contoso.test",
    ] {
        assert_eq!(emails(&read(text)), two, "{text:?}");
        let marked = format!("\u{feff}{text}");
        assert_eq!(emails(&read(&marked)), two, "{text:?}, with a mark");
        for (mark, bytes) in [
            (vec![0xFF, 0xFE], u16::to_le_bytes as fn(u16) -> [u8; 2]),
            (vec![0xFE, 0xFF], u16::to_be_bytes),
        ] {
            let units = text.encode_utf16().flat_map(bytes);
            let file: Vec<u8> = mark.into_iter().chain(units).collect();
            let list = super::read(&file, &usual(), &[]).unwrap();
            assert_eq!(emails(&list), two, "{text:?}, in UTF-16");
        }
    }
}

#[test]
fn each_fault_stands_with_its_line() {
    let text = "email,name,access_until\n\
         anna@contoso.test,Anna,\n\
         bob@contoso.test\n\
         carl@contoso.test,\"C\nD\",soon\n\
         ,Nobody,\n\
         ANNA@contoso.test,Anna again,\n\
         dora@contoso.test,Dora,2027-02-30\n\
         \n\
         eve@contoso.test,Eve,2027-02-28,more\n";
    for text in [text.to_owned(), text.replace('\n', "\r\n")] {
        each_fault(&read(&text));
    }
    let nowhere = super::read(b"email\nanna@contoso.test\n", &Invite::default(), &[]).unwrap();
    assert!(
        nowhere.faults[0].problem.starts_with("app is empty"),
        "{nowhere:?}"
    );
}

fn each_fault(list: &GuestList) {
    assert_eq!(emails(list), ["anna@contoso.test"]);
    let told: Vec<(u64, &str)> = list
        .faults
        .iter()
        .map(|fault| {
            (
                fault.line,
                fault.problem.split([':', ';']).next().unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (3, "the row has 1 cells, and the first line has 3"),
            (
                4,
                "access_until is «soon», and neither a day such as 2027-03-01 nor a time such as 2027-03-01T00"
            ),
            (6, "email is empty"),
            (7, "the same guest and app are in line 2"),
            (
                8,
                "access_until is «2027-02-30», and neither a day such as 2027-03-01 nor a time such as 2027-03-01T00"
            ),
            (10, "the row has 4 cells, and the first line has 3"),
        ]
    );
}

/// As long as lists get: every fault has its line, and whoever is right is there.
#[test]
fn five_hundred_faults_in_ten_thousand_rows() {
    let row = |number: u64| match number % 100 {
        7 => format!("guest{number}@contoso.test,soon\n"),
        33 => ",2027-03-01\n".to_owned(),
        50 => format!("guest{number}@contoso.test\n"),
        51 => format!("guest{}@contoso.test,\n", number - 2),
        90 => format!("guest{number}@contoso.test,2027-03-01,more\n"),
        _ => format!("guest{number}@contoso.test,2027-03-01\n"),
    };
    let rows: String = (0..10_000).map(row).collect();
    let list = read(&format!("email,access_until\n{rows}"));
    let lines: Vec<u64> = list.faults.iter().map(|fault| fault.line).collect();
    let is_wrong = |number: &u64| [7, 33, 50, 51, 90].contains(&(number % 100));
    let expected: Vec<u64> = (0..10_000).filter(is_wrong).map(|number| number + 2).collect();
    assert_eq!((lines.len(), lines), (500, expected));
    assert_eq!(list.guests.len(), 9_500);
    assert!(list.guests.iter().all(|guest| !is_wrong(&(guest.line - 2))));
    // The file of faults has them all, and no other.
    let again = super::read(&write_faults(&list), &usual(), &[]).unwrap();
    assert_eq!((again.guests.len(), again.faults.len()), (100, 400));
}

#[test]
fn a_file_that_is_no_list_says_why() {
    for (file, line, said) in [
        (&b""[..], 1, "the file is empty"),
        (b"name\nAnna\n", 1, "no column is called"),
        (b"email,untill\n", 1, "there is no column «untill»"),
        (b"email,E-Mail\n", 1, "there is no column"),
        (b"email,Email\n", 1, "is there twice"),
        (b"sep=;\nemail,name\n", 2, "there is no column"),
        (b"email,name\nanna@contoso.test,J\xf6rg\n", 2, "not in UTF-8"),
        (b"e\0m\0a\0i\0l\0\n\0", 1, "not in UTF-8"),
        (b"\xff\xfee\0m\0\n", 1, "cut off"),
        (
            b"email,name\na@x.test,A\nb@x.test,\"B\nc@x.test,C\n",
            3,
            "quotation mark",
        ),
        (
            b"email,name\na@x.test,A\nb@x.test,5\"\nc@x.test,C\n",
            3,
            "quotation mark",
        ),
        // Two that pair up, with other people's rows between them.
        (
            b"email,name\r\na@x.test,\"Hello\r\nb@x.test,B\r\nc@x.test,\"Bye\r\n",
            2,
            "quotation mark",
        ),
    ] {
        let (at, problem) = refused(file);
        assert!(at == line && problem.contains(said), "{file:?}: {at}: {problem}");
    }
}

#[test]
fn faults_can_be_mended_and_read_again() {
    let mut list = read("email;name;line\nanna;\"A;B\";7\n;C;8\n");
    let guests = std::mem::take(&mut list.guests);
    let faults = guests.into_iter().map(|guest| guest.refused("email has no @"));
    list.faults.extend(faults);
    list.faults.sort_by_key(|fault| fault.line);
    let written = write_faults(&list);
    let text = std::str::from_utf8(&written).unwrap();
    assert_eq!(
        text,
        "\u{feff}email;name;line;problem\nanna;\"A;B\";2;email has no @\n;C;3;email is empty\n"
    );
    let mended = text
        .replace("anna;", "anna@contoso.test;")
        .replace("\n;C", "\ncarl@contoso.test;C");
    assert_eq!(emails(&read(&mended)), ["anna@contoso.test", "carl@contoso.test"]);
}

/// What has slipped into another column stays a fault until somebody has looked at it.
#[test]
fn a_row_of_another_length_is_no_row_when_it_is_read_again() {
    for list in [
        "email,name,about\nanna@x.test,Berg, Anna,Q3\nbob@x.test\n",
        "email,name,line,problem\nanna@x.test,Berg, Anna,7,Q3\nbob@x.test,B\n",
    ] {
        let first = read(list);
        assert_eq!((first.guests.len(), first.faults.len()), (0, 2), "{first:?}");
        let written = write_faults(&first);
        let again = read(std::str::from_utf8(&written).unwrap());
        assert_eq!((again.guests.len(), again.faults.len()), (0, 2), "{again:?}");
        let text = std::str::from_utf8(&written).unwrap();
        assert!(text.contains("Berg, Anna"), "nothing is lost: {text}");
    }
}
