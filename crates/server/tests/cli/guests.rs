//! A guest's life by commands.

use crate::operator::Operator;

#[test]
fn a_guest_is_removed_restored_and_erased_and_the_log_still_knows_what_was_done() {
    let operator = Operator::ready();
    operator.add_notes();
    let anna = "anna@contoso.example";
    operator.json(&["invite", "send", anna, "--app", "notes"]);
    let id = operator.json(&["guest", "show", anna])["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let early = operator.run(&["guest", "erase", anna, "--yes"]);
    assert!(
        early.code == 1 && early.err.contains("remove them first"),
        "{}",
        early.err
    );
    operator.json(&["guest", "remove", anna, "--yes"]);
    assert_eq!(
        operator.json(&["guest", "list", "--status", "removed"])[0]["id"],
        id
    );
    operator.json(&["guest", "restore", anna]);
    operator.json(&["guest", "remove", anna, "--yes"]);
    operator.json(&["guest", "erase", anna, "--reason", "asked for it", "--yes"]);

    for named in [anna, id.as_str()] {
        assert_eq!(operator.run(&["guest", "show", named]).code, 5, "{named}");
    }
    let shown = operator.run(&["guest", "show", &id]);
    assert!(shown.err.contains("was erased at"), "{}", shown.err);
    let events = operator.json(&["audit", "search", "--guest", &id]);
    assert_eq!(
        (
            &events[0]["action"],
            &events[0]["reason"],
            &events[0]["guest_email"]
        ),
        (
            &"guest.erased".into(),
            &"asked for it".into(),
            &serde_json::Value::Null
        )
    );
    assert_eq!(operator.run(&["audit", "search", "--guest", anna]).code, 5);
}
