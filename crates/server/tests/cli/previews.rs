//! What a change would mean is listed up to a length that a person reads.

use crate::operator::Operator;

#[test]
fn a_preview_lists_the_first_guests_and_all_when_asked() {
    let operator = Operator::ready();
    operator.add_notes();
    operator.append("[limits]\ninvitations_per_inviter_day = 100\n");
    for guest in 10..62 {
        let address = format!("guest{guest}@fabrikam.example");
        operator.json(&["invite", "send", &address, "--app", "notes"]);
    }
    operator.append("[resolution]\ncodes = false\n");

    let said = operator.run(&["config", "impact"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("52 guests can no longer sign in"),
        "{}",
        said.err
    );
    assert!(
        said.err.contains("and 2 more; --list-all lists them"),
        "{}",
        said.err
    );
    assert_eq!(said.out.matches("@fabrikam.example").count(), 50, "{}", said.out);
    assert!(
        said.out.contains("guest10@") && !said.out.contains("guest61@"),
        "{}",
        said.out
    );

    let said = operator.run(&["config", "impact", "--list-all"]);
    assert!(!said.err.contains("more"), "{}", said.err);
    assert_eq!(said.out.matches("@fabrikam.example").count(), 52, "{}", said.out);

    // Nobody would be told that there are more.
    let quiet = operator.run(&["config", "impact", "-q"]);
    assert_eq!((quiet.out.as_str(), quiet.err.as_str()), (said.out.as_str(), ""));

    let programs = operator.json(&["config", "impact"]);
    assert_eq!(programs.as_array().map(Vec::len), Some(52));
}
