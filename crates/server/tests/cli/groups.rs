//! Groups, by the command line.

use serde_json::json;

use crate::operator::Operator;

#[test]
fn guests_are_in_groups() {
    let operator = Operator::ready();
    for app in ["notes", "wiki"] {
        let uri = format!("https://{app}.acme.example/callback");
        let added = operator.run(&["app", "add", app, "--redirect-uri", &uri]);
        assert_eq!(added.code, 0, "{}", added.err);
    }
    let anna = "anna@contoso.example";
    let invited = operator.run(&["invite", "send", anna, "--app", "wiki"]);
    assert_eq!(invited.code, 0, "{}", invited.err);
    let added = operator.json(&["group", "add", "auditors", "--app", "notes"]);
    assert_eq!(added["apps"], json!(["notes"]), "{added}");
    let assign = ["guest", "assign", anna, "--group", "auditors"];
    let assigned = operator.json(&[&assign[..], &["--sponsor", "Lee"][..]].concat());
    assert_eq!(assigned["group"], "auditors", "{assigned}");
    let shown = operator.json(&["guest", "show", anna])["apps"].clone();
    assert_eq!(shown[0], "notes (group auditors)", "{shown}");
    let listed = operator.json(&["guest", "assignments", "--group", "auditors"]);
    assert_eq!(
        (&listed[0]["app"], &listed[0]["group"]),
        (&"notes".into(), &"auditors".into()),
        "{listed}"
    );
    let both = operator.run(&[&assign[..], &["--app", "notes"][..]].concat());
    assert_eq!(both.code, 2, "{}", both.err);
    let neither = operator.run(&["guest", "unassign", anna, "--yes"]);
    assert_eq!(neither.code, 2, "{}", neither.err);

    let set = [
        "group",
        "set",
        "auditors",
        "--add-app",
        "wiki",
        "--remove-app",
        "notes",
    ];
    assert_eq!(operator.run(&set).code, 2, "not without a word");
    let changed = operator.json(&[&set[..], &["--name", "board", "--yes"][..]].concat());
    assert_eq!(changed["apps"], json!(["wiki"]), "{changed}");
    assert_eq!(operator.json(&["group", "show", "board"]), changed);
    assert_eq!(operator.json(&["group", "list"]), json!([changed]));
    assert_eq!(operator.run(&["group", "show", "auditors"]).code, 5);

    let unassign = ["guest", "unassign", anna, "--group", "board", "--yes"];
    for changed in [true, false] {
        let ended = operator.json(&unassign);
        assert_eq!(ended["changed"], changed, "{ended}");
    }
    let guests = operator.json(&["group", "guests", "board"]);
    assert_eq!(
        (&guests[0]["email"], &guests[0]["active"]),
        (&anna.into(), &false.into()),
        "{guests}"
    );
    assert_eq!(operator.run(&["group", "remove", "board", "--yes"]).code, 0);
    assert_eq!(operator.json(&["group", "list"]), json!([]));
}
