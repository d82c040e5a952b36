//! `vestibule invite import`: a list that people have filled in, broken off and run again.

use std::{
    collections::HashMap,
    fmt::Write as _,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::Value;

use crate::operator::Operator;

const LIST: &str = "Email;Name;Access until\r\n\
    anna@contoso.example;Anna;2999-03-01\r\n\
    bob@contoso.example;Bob;soon\r\n\
    ;Nobody;\r\n\
    carl@contoso;Carl;\r\n\
    dora@contoso.example;Dora;\r\n\
    anna@contoso.example;Anna;\r\n";

impl Operator {
    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap_or_else(|error| panic!("{error}"));
    }

    /// How many invitations each guest has.
    fn invited(&self) -> HashMap<String, usize> {
        let listed = self.json(&["invite", "list", "--limit", "100000"]);
        let mut invited = HashMap::new();
        for invitation in listed.as_array().into_iter().flatten() {
            let email = invitation["email"].as_str().unwrap_or_default().to_owned();
            *invited.entry(email).or_default() += 1;
        }
        invited
    }
}

fn lines(told: &Value) -> Vec<u64> {
    let faults = told["faults"].as_array().into_iter().flatten();
    faults.filter_map(|fault| fault["line"].as_u64()).collect()
}

#[test]
fn a_list_is_looked_through_imported_and_mended() {
    let operator = Operator::ready();
    operator.add_notes();
    operator.write("guests.csv", LIST);
    let import = ["invite", "import", "guests.csv", "--app", "notes"];

    let dry = operator.run(&[&import[..], &["--dry-run", "-o", "json"][..]].concat());
    assert_eq!(dry.code, 6, "{}", dry.err);
    let told = dry.json();
    assert_eq!(
        (&told["new_guests"], &told["invited"]),
        (&2.into(), &false.into()),
        "{told}"
    );
    assert_eq!(lines(&told), [3, 4, 5, 7], "{told}");
    assert_eq!(operator.invited().len(), 0);
    let asked = operator.run(&import);
    assert_eq!(asked.code, 2, "{}", asked.err);
    assert!(
        asked
            .err
            .contains("an invitation to 2 guests; 4 rows with faults are skipped"),
        "{}",
        asked.err
    );

    let done = operator.run(
        &[
            &import[..],
            &["--yes", "--by", "Lee", "--faults", "faults.csv"][..],
        ]
        .concat(),
    );
    assert_eq!(done.code, 6, "{}", done.err);
    assert!(
        done.err.contains("4 rows have faults; they are in faults.csv"),
        "{}",
        done.err
    );
    assert!(done.out.contains("access_until is «soon»"), "{}", done.out);
    let both = HashMap::from([
        ("anna@contoso.example".to_owned(), 1),
        ("dora@contoso.example".to_owned(), 1),
    ]);
    assert_eq!(operator.invited(), both);
    let anna = operator.json(&["invite", "list", "--guest", "anna@contoso.example"])[0].clone();
    let anna = operator.json(&["invite", "show", anna["id"].as_str().unwrap_or_default()]);
    assert_eq!(anna["access_until"], "2999-03-02T00:00:00Z", "{anna}");
    assert_eq!(anna["invited_by"], "Lee", "{anna}");

    // Once more: nobody is invited twice.
    let again = operator
        .run(&[&import[..], &["--yes", "-o", "json"][..]].concat())
        .json();
    assert_eq!(
        (&again["already"], &again["new_guests"]),
        (&2.into(), &0.into()),
        "{again}"
    );
    assert_eq!(operator.invited(), both);

    // The file of faults is mended and imported.
    let faults = std::fs::read_to_string(operator.folder.path().join("faults.csv"));
    let faults = faults.unwrap_or_else(|error| panic!("{error}"));
    let mended: String = faults
        .lines()
        .filter(|line| !line.contains("Nobody") && !line.contains("anna@"))
        .fold(String::new(), |text, line| {
            text + &line.replace("soon", "").replace("@contoso;", "@contoso.example;") + "\n"
        });
    operator.write("mended.csv", &mended);
    let done = operator.json(&["invite", "import", "mended.csv", "--app", "notes", "--yes"]);
    assert_eq!(done["new_guests"], 2, "{done}\n{mended}");
    assert_eq!(operator.invited().len(), 4);
    // Blocked since, and from a domain that is refused.
    operator.json(&["guest", "block", "anna@contoso.example", "--yes"]);
    operator.append("[resolution]\nrefused_domains = [\"fabrikam.example\"]\n");
    operator.write(
        "more.csv",
        "email,app\nanna@contoso.example,notes\neve@fabrikam.example,notes\nfred@acme.example,files\n",
    );
    let told = operator
        .run(&["invite", "import", "more.csv", "--dry-run", "-o", "json"])
        .json();
    assert_eq!(lines(&told), [2, 3, 4], "{told}");
}

#[test]
fn those_who_take_part_in_a_meeting_are_invited_by_its_organiser() {
    let operator = Operator::ready();
    operator.add_notes();
    let meeting = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n\
        ORGANIZER;CN=Lee Chan:mailto:lee@acme.example\r\n\
        ATTENDEE;CN=Anna:mailto:anna@contoso.example\r\n\
        ATTENDEE;CN=Kim:mailto:kim@acme-labs.example\r\n\
        SUMMARY:Q3 kickoff\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    operator.write("meeting.ics", meeting);
    let import = [
        "invite",
        "import",
        "meeting.ics",
        "--app",
        "notes",
        "--own",
        "acme-labs.example",
        "--own",
        "acme.example",
        "--yes",
    ];
    let done = operator.json(&import);
    assert_eq!(
        (&done["new_guests"], &done["invited"]),
        (&1.into(), &true.into()),
        "{done}"
    );
    assert_eq!(
        done["left_out"][0], "Kim is of the house (acme-labs.example)",
        "{done}"
    );
    let listed = operator.json(&["invite", "list"]);
    let anna = operator.json(&["invite", "show", listed[0]["id"].as_str().unwrap_or_default()]);
    assert_eq!(
        [
            &anna["email"],
            &anna["invited_by"],
            &anna["reply_to"],
            &anna["about"]
        ],
        [
            "anna@contoso.example",
            "Lee Chan",
            "lee@acme.example",
            "Q3 kickoff"
        ],
        "{anna}"
    );
}

#[test]
fn a_file_that_is_no_list_changes_nothing() {
    let operator = Operator::ready();
    operator.add_notes();
    operator.write("guests.csv", "email,untill\nanna@contoso.example,2999-03-01\n");
    let said = operator.run(&["invite", "import", "guests.csv", "--app", "notes", "--yes"]);
    assert_eq!(said.code, 1, "{}", said.err);
    assert!(
        said.err
            .contains("guests.csv: line 1: there is no column «untill»; there are: email, app"),
        "{}",
        said.err
    );
    let missing = operator.run(&["invite", "import", "nowhere.csv", "--app", "notes"]);
    assert_eq!(missing.code, 1, "{}", missing.err);
    assert_eq!(operator.invited().len(), 0);
}

/// Killed wherever it happens to be, twice, and run again: everybody is invited once.
#[test]
fn an_import_that_was_killed_is_run_once_more() {
    const GUESTS: usize = 600;
    let operator = Operator::ready();
    operator.add_notes();
    let mut list = "email\n".to_owned();
    for guest in 0..GUESTS {
        let _ = writeln!(list, "guest{guest}@partner{}.example", guest % 7);
    }
    operator.write("guests.csv", &list);
    let import = ["invite", "import", "guests.csv", "--app", "notes", "--yes"];
    let mut before = 0;
    for _ in 0..2 {
        let mut running = Command::new(env!("CARGO_BIN_EXE_vestibule"))
            .args(import)
            .current_dir(operator.folder.path())
            .env("SMTP_PASSWORD", "hunter2")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("{error}"));
        while operator.invited().len() < before + 50 && matches!(running.try_wait(), Ok(None)) {
            thread::sleep(Duration::from_millis(1));
        }
        let _ = running.kill();
        let _ = running.wait();
        before = operator.invited().len();
        assert!(before > 0, "nobody was invited before it was killed");
    }
    let done = operator.json(&import);
    assert_eq!(done["already"], before, "{done}");
    let invited = operator.invited();
    assert_eq!(invited.len(), GUESTS);
    assert!(invited.values().all(|times| *times == 1), "{invited:?}");
    let mails = operator.json(&["mail", "list", "--limit", "1000"]);
    assert_eq!(mails.as_array().map(Vec::len), Some(GUESTS), "one mail each");
}

#[test]
fn several_addresses_are_invited_and_what_is_wrong_with_one_stops_no_other() {
    let operator = Operator::ready();
    operator.add_notes();
    let to = ["--app", "notes"];
    let send =
        |emails: &[&str]| operator.run(&[&["invite", "send"], emails, &to[..], &["-o", "json"]].concat());
    let all = send(&["anna@contoso.example", "bob@contoso.example"]);
    assert_eq!(
        (all.code, all.json().as_array().map(Vec::len)),
        (0, Some(2)),
        "{}",
        all.err
    );
    let some = send(&["carl@contoso", "dora@contoso.example"]);
    assert_eq!((some.code, some.json().as_array().map(Vec::len)), (6, Some(1)));
    assert!(
        some.err.contains("1 of 2 were not invited")
            && some.err.contains("carl@contoso: email has a part behind the @"),
        "{}",
        some.err
    );
    let none = send(&["carl@contoso", "eve"]);
    assert!(
        none.code == 1 && none.err.contains("nobody was invited"),
        "{}",
        none.err
    );
    let named = operator.run(&[
        "invite",
        "send",
        "a@b.example",
        "c@d.example",
        "--app",
        "notes",
        "--name",
        "A",
    ]);
    assert!(
        named.code == 2 && named.err.contains("invite import"),
        "{}",
        named.err
    );
    assert_eq!(operator.invited().len(), 3);
}
