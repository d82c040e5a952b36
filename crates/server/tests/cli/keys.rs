//! Tokens of the API, and signing keys.

use serde_json::Value;

use crate::operator::Operator;

#[test]
fn tokens_and_keys() {
    let operator = Operator::ready();
    let create = ["token", "create", "backend", "--scope", "guests:read"];
    let made = operator.run(&[&create[..], &["-q"]].concat());
    assert_eq!((made.code, made.err.as_str()), (0, ""));
    assert_eq!(operator.run(&create).code, 1);
    let wrong = operator.run(&["token", "create", "other", "--scope", "all"]);
    assert!(
        wrong.code == 2 && wrong.err.contains("guests:write"),
        "{}",
        wrong.err
    );
    let list = operator.json(&["token", "list"]);
    assert_eq!(
        (&list[0]["name"], &list[0]["revoked_at"]),
        (&"backend".into(), &Value::Null)
    );
    assert_eq!(list[0]["scopes"], serde_json::json!(["guests:read"]));
    assert!(list[0].get("token").is_none());
    assert_eq!(operator.run(&["token", "revoke", "backend"]).code, 0);
    assert_eq!(operator.run(&["token", "revoke", "backend"]).code, 5);
    assert_eq!(operator.json(&["keys", "list"]), Value::Array(Vec::new()));
    let early = operator.run(&["keys", "rotate"]);
    assert!(
        early.code == 0 && early.err.contains("There are no keys yet"),
        "{}",
        early.err
    );
    assert_eq!(
        operator.run(&["keys", "rotate", "--now"]).code,
        2,
        "without --yes nobody says yes"
    );
}
