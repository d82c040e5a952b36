//! Tenants as an operator declares and inspects them.

use std::net::TcpListener;

use crate::Operator;

impl Operator {
    /// Appends to the configuration.
    fn append(&self, text: &str) {
        let file = self.folder.path().join("vestibule.toml");
        let before = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{error}"));
        std::fs::write(file, before + text).unwrap_or_else(|error| panic!("{error}"));
    }
}

const CONTOSO: &str = "
[[tenant]]
name = \"contoso\"
display_name = \"Contoso\"
domains = [\"contoso.example\"]
[tenant.oidc]
issuer = \"https://127.0.0.1:1\"
client_id = \"acme\"
";

#[test]
fn a_start_that_fails_changes_nothing() {
    let operator = Operator::ready();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap_or_else(|error| panic!("{error}"));
    let address = taken.local_addr().unwrap_or_else(|error| panic!("{error}"));
    operator.append(&format!("{CONTOSO}\n[server]\nlisten = \"{address}\"\n"));
    let said = operator.run(&["serve"]);
    assert_ne!(said.code, 0, "{}", said.out);
    assert!(said.err.contains("another program listens there"), "{}", said.err);
    assert_eq!(operator.json(&["tenant", "list"]), serde_json::json!([]));
    assert_eq!(
        operator.json(&["audit", "search", "--action", "tenant"]),
        serde_json::json!([])
    );
}

#[test]
fn what_is_declared_and_not_brought_in_yet_is_said() {
    let operator = Operator::ready();
    let quiet = operator.run(&["route", "explain", "anna@contoso.example"]);
    assert!(!quiet.err.contains("note:"), "{}", quiet.err);
    operator.append(CONTOSO);
    let said = operator.run(&["route", "explain", "anna@contoso.example"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err
            .contains("note: the configuration declares other tenants"),
        "{}",
        said.err
    );
    assert!(said.out.contains("an email code"), "{}", said.out);
    for command in [["tenant", "show", "contoso"], ["tenant", "test", "contoso"]] {
        let said = operator.run(&command);
        assert_eq!(said.code, 5, "{}", said.err);
        assert!(
            said.err.contains("comes in when the server starts"),
            "{}",
            said.err
        );
    }
}
