//! The command line from the outside: the program itself, its output, its exit codes.

mod groups;
mod guests;
mod import;
mod keys;
mod mail;
mod next_steps;
mod operator;
#[cfg(unix)]
mod pooler;
mod previews;
mod restore;
mod saml;
mod tenants;
mod tls;

use operator::{Operator, vestibule};
use serde_json::Value;

#[test]
fn version_and_help() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    let said = vestibule(folder.path(), &["version"]);
    assert_eq!(
        (said.code, said.out.trim()),
        (0, concat!("vestibule ", env!("CARGO_PKG_VERSION")))
    );
    let said = vestibule(folder.path(), &["version", "-o", "json"]).json();
    assert_eq!(
        (&said["version"], &said["saml"]),
        (&env!("CARGO_PKG_VERSION").into(), &true.into())
    );
    let help = vestibule(folder.path(), &["--help"]);
    assert_eq!(help.code, 0);
    assert!(
        help.out.contains("Examples:") && help.out.contains("Exit codes:"),
        "{}",
        help.out
    );
    let nothing = vestibule(folder.path(), &[]);
    assert_eq!(nothing.code, 2);
}

#[test]
fn what_shows_every_mail_stays_on_this_machine() {
    // The configuration of a real provider, with its database and keys: refused, not bent to this machine.
    let operator = Operator::new();
    for arguments in [
        &["dev", "--data-dir", "."][..],
        &["dev", "-c", "vestibule.toml"],
        &["demo", "-c", "vestibule.toml"],
    ] {
        let said = operator.run(arguments);
        assert!([2, 3].contains(&said.code), "{arguments:?}: {}", said.err);
    }
    let said = operator.run(&["dev", "--data-dir", "."]);
    assert!(said.err.contains("is not on this machine"), "{}", said.err);
}

#[test]
fn no_configuration_is_begun_with_an_address_that_is_none() {
    let folder = tempfile::tempdir().unwrap_or_else(|error| panic!("{error}"));
    for address in [
        "nonsense",
        "https://a.example/\"x",
        "https://acme.example/path",
        "mailto:x",
    ] {
        let said = vestibule(folder.path(), &["config", "init", ".", "--public-url", address]);
        assert_eq!(said.code, 2, "{address}: {}", said.err);
        assert!(!folder.path().join("master.key").exists(), "{address}");
    }
    let said = vestibule(folder.path(), &["check"]);
    assert!(said.err.contains("/etc/vestibule/vestibule.toml"), "{}", said.err);
}

#[test]
fn a_first_configuration_is_valid_and_its_faults_are_shown_with_the_place() {
    let operator = Operator::new();
    let said = operator.run(&["check"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.err.contains("note: "), "{}", said.err);
    assert_eq!(operator.run(&["check", "--strict"]).code, 3, "no proxy is named");

    operator.edit("name = \"Acme helpdesk\"", "nmae = \"Acme helpdesk\"");
    let said = operator.run(&["check"]);
    assert_eq!(said.code, 3);
    assert!(said.err.contains("vestibule.toml:"), "{}", said.err);
    assert!(said.err.contains("unknown setting `help.nmae`"), "{}", said.err);
    assert!(said.err.contains("did you mean `help.name`?"), "{}", said.err);
    let json = operator.run(&["check", "-o", "json"]);
    assert_eq!(json.code, 3);
    let verdict = json.json();
    assert_eq!(verdict["ok"], false);
    assert_eq!(verdict["problems"][0]["severity"], "error");
    assert_eq!(verdict["problems"][0]["key"], "help.nmae");
    assert_eq!(verdict["problems"][0]["column"], 1);
    assert!(
        verdict["problems"][0]["line"]
            .as_u64()
            .is_some_and(|line| line > 20)
    );
    // Whatever needs the configuration refuses it in the same way.
    assert_eq!(operator.run(&["app", "list"]).code, 3);
    assert_eq!(operator.run(&["serve"]).code, 3);
}

#[test]
fn what_is_shown_holds_no_secret() {
    let operator = Operator::new();
    let said = operator.run(&["config", "show"]);
    assert!(
        said.out.contains("public_url = \"https://login.acme.example\""),
        "{}",
        said.out
    );
    assert!(
        said.out.contains("password = (secret)") && !said.out.contains("hunter2"),
        "{}",
        said.out
    );
    let rows = operator.json(&["config", "show"]);
    let of = |key: &str| {
        let rows = rows.as_array().into_iter().flatten();
        rows.into_iter()
            .find(|row| row["key"] == key)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(of("code.lifetime")["value"], "\"30m\"");
    assert_eq!(of("code.lifetime")["origin"], "default");
    assert_eq!(of("mail.smtp.password")["value"], "(secret)");
    assert!(
        of("public_url")["origin"]
            .as_str()
            .is_some_and(|origin| origin.starts_with("vestibule.toml:"))
    );
    let sample = operator.run(&["config", "sample"]);
    assert!(sample.out.contains("[limits]"));
}

#[test]
fn the_schema_comes_first() {
    let operator = Operator::new();
    let said = operator.run(&["app", "list"]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("vestibule migrate up"), "{}", said.err);
    let status = operator.json(&["migrate", "status"]);
    assert_eq!(status["database"], "SQLite");
    assert!(!status["pending"].as_array().is_none_or(Vec::is_empty));
    let applied = operator.json(&["migrate", "up"]);
    assert_eq!(applied["applied"], status["pending"]);
    assert_eq!(
        operator.json(&["migrate", "status"])["pending"],
        Value::Array(Vec::new())
    );
    assert!(operator.run(&["migrate", "up"]).out.contains("up to date"));
}

#[test]
fn an_app_from_the_first_command_to_the_list() {
    let operator = Operator::ready();
    let add = [
        "app",
        "add",
        "Acme Notes",
        "--redirect-uri",
        "https://notes.acme.example/callback",
        "--home",
        "https://notes.acme.example/",
        "--alg",
        "ES256",
        "--offline-access",
    ];
    let app = operator.json(&add);
    assert_eq!(app["client_id"], "acme-notes");
    assert_eq!(app["issuer"], "https://login.acme.example");
    assert_eq!(app["algorithm"], "ES256");
    assert_eq!(app["client_secret"].as_str().map(str::len), Some(43));
    let short = operator.json(&[
        "app",
        "add",
        "files",
        "--name",
        "Acme Files",
        "--redirect-uri",
        "https://files.acme.example/callback",
    ]);
    assert_eq!(
        (&short["client_id"], &short["name"], &short["home"]),
        (
            &"files".into(),
            &"Acme Files".into(),
            &"https://files.acme.example/".into()
        )
    );
    let again = operator.run(&add);
    assert_eq!(again.code, 1, "the client id is taken");

    let shown = operator.json(&["app", "show", "acme-notes"]);
    assert!(
        shown.get("client_secret").is_none(),
        "the secret is shown once: {shown}"
    );
    assert_eq!(shown["redirect_uris"][0], "https://notes.acme.example/callback");
    assert_eq!(operator.json(&["app", "list"])[1]["name"], "Acme Notes");
    let table = operator.run(&["app", "list"]);
    assert!(
        table.out.starts_with("CLIENT ID") || table.out.starts_with(" CLIENT ID"),
        "{}",
        table.out
    );
    assert_eq!(operator.run(&["app", "show", "nowhere"]).code, 5);
    let bad = operator.run(&[
        "app",
        "add",
        "Bad",
        "--redirect-uri",
        "http://notes.acme.example/cb",
    ]);
    assert_eq!(bad.code, 2);
    assert!(bad.err.contains("must use https"), "{}", bad.err);
    let twice = operator.run(&[
        "app",
        "add",
        "X",
        "--redirect-uri",
        "https://x.example/",
        "--domain",
        "a.example",
    ]);
    assert_eq!(twice.code, 2, "--domain without --access domain");

    let jwks = operator.folder.path().join("keys.json");
    std::fs::write(
        &jwks,
        r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg"}]}"#,
    )
    .unwrap_or_else(|error| panic!("{error}"));
    let robot = operator.json(&[
        "app",
        "add",
        "Robot",
        "--redirect-uri",
        "https://r.example/",
        "--auth",
        "private_key_jwt",
        "--jwks",
        "keys.json",
    ]);
    assert!(robot.get("client_secret").is_none());
    assert_eq!(robot["authentication"], "private_key_jwt");
}

#[test]
fn a_guest_from_invitation_to_being_shut_out() {
    let operator = Operator::ready();
    operator.add_notes();
    let stranger = operator.json(&["route", "explain", "anna@contoso.test", "--app", "notes"]);
    assert_eq!(
        (&stranger["method"], &stranger["known"]),
        (&"passcode".into(), &false.into())
    );
    assert_eq!(stranger["access"], "refused: not_invited");

    let invited = operator.json(&[
        "invite",
        "send",
        "anna@contoso.test",
        "--app",
        "notes",
        "--by",
        "Lee",
    ]);
    assert_eq!(invited["method"], "passcode");
    assert_eq!(
        operator.json(&["guest", "list", "--search", "contoso"])[0]["status"],
        "invited"
    );
    let route = operator.run(&["route", "explain", "anna@contoso.test", "--app", "notes"]);
    assert!(
        route.out.contains("→ fallback") && route.out.contains("notes: allowed"),
        "{}",
        route.out
    );

    let unsure = operator.run(&["guest", "block", "anna@contoso.test"]);
    assert_eq!(
        unsure.code, 2,
        "nobody is at the terminal, and --yes was not given"
    );
    assert_eq!(
        operator.json(&["guest", "show", "anna@contoso.test"])["status"],
        "invited"
    );
    let blocked = operator.json(&["guest", "block", "anna@contoso.test", "--reason", "over", "--yes"]);
    assert_eq!(blocked["changed"], true);
    let refused = operator.run(&["invite", "send", "anna@contoso.test", "--app", "notes"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("blocked"), "{}", refused.err);
    let unblocked = operator.json(&["guest", "unblock", "anna@contoso.test"]);
    assert_eq!(unblocked["changed"], true);
    assert_eq!(
        operator.json(&["guest", "unblock", "anna@contoso.test"])["changed"],
        false
    );
    let reset = operator.json(&["guest", "reset-codes", "anna@contoso.test"]);
    assert_eq!(
        (&reset["email"], &reset["changed"]),
        (&"anna@contoso.test".into(), &false.into())
    );
    assert_eq!(operator.run(&["guest", "reset-codes", "anna"]).code, 2);
    assert_eq!(
        operator.json(&["guest", "show", "anna@contoso.test"])["passkeys"],
        0
    );
    let none = operator.run(&["guest", "passkeys", "anna@contoso.test"]);
    assert_eq!((none.code, none.out.as_str()), (0, ""));
    let of_anna = |passkey| operator.run(&["guest", "remove-passkey", "anna@contoso.test", passkey]);
    let said = of_anna("01a40051-6a80-7e8d-8775-d1abf24678ae");
    assert_eq!(said.code, 5);
    assert!(said.err.contains("has no passkey"), "{}", said.err);
    let said = of_anna("phone");
    assert_eq!(said.code, 2);
    assert!(said.err.contains("vestibule guest passkeys"), "{}", said.err);
    assert_eq!(operator.run(&["guest", "show", "bob@contoso.test"]).code, 5);
    assert_eq!(operator.run(&["guest", "show", "bob"]).code, 2);

    let audit = operator.json(&["audit", "search", "--guest", "anna@contoso.test"]);
    let actions: Vec<&str> = audit
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|row| row["action"].as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "guest.unblocked",
            "guest.blocked",
            "invitation.created",
            "guest.added"
        ]
    );
    assert_eq!(audit[1]["actor"], "cli:lee");
    assert_eq!(audit[1]["reason"], "over");
    assert_eq!(
        operator.json(&["audit", "search", "--app", "notes", "--action", "app."])[0]["action"],
        "app.added"
    );
    assert_eq!(operator.run(&["audit", "search", "--app", "nowhere"]).code, 5);
    let none = operator.run(&["audit", "search", "--until", "2020-01-01T00:00:00Z"]);
    assert_eq!((none.code, none.out.as_str()), (0, ""));
}

/// What a caller reads out, or types, leads to what happened.
#[test]
fn the_help_desk_asks_by_reference_and_by_address() {
    let operator = Operator::ready();
    let unknown = operator.run(&["signin", "show", "ZZZZ"]);
    assert_eq!(unknown.code, 5, "{}", unknown.err);
    assert!(unknown.err.contains("ZZZZ"), "{}", unknown.err);
    for search in [["--address", "stranger@nowhere.test"], ["--reference", "k7qf"]] {
        let found = operator.json(&["audit", "search", search[0], search[1]]);
        assert_eq!(found.as_array().map(Vec::len), Some(0), "{search:?}");
    }
    assert_eq!(
        operator.run(&["audit", "search", "--address", "no address"]).code,
        2
    );
}

#[test]
fn what_cannot_be_reached() {
    let operator = Operator::new();
    let said = operator.run(&["healthcheck", "--url", "http://127.0.0.1:9/readyz"]);
    assert_eq!(said.code, 4, "{}", said.err);
    operator.edit(
        "url = \"sqlite:vestibule.db\"",
        "url = \"sqlite:/nowhere/vestibule.db\"",
    );
    let said = operator.run(&["migrate", "status"]);
    assert_eq!(said.code, 4, "{}", said.err);
}

#[test]
fn a_link_is_handed_on_where_no_mail_is_sent() {
    let operator = Operator::ready();
    operator.add_notes();
    let invite = ["invite", "send", "anna@contoso.example", "--app", "notes"];
    let sent = operator.json(&[&invite[..], &["--no-mail"][..]].concat());
    let link = sent["link"].as_str().unwrap_or_default();
    assert!(link.contains("/invitation/"), "{sent}");
    let id = sent["id"].as_str().unwrap_or_default();
    let shown = operator.json(&["invite", "show", id]);
    assert_eq!(
        shown["mail"], "none: whoever invited hands the link on",
        "{shown}"
    );
    let mails = operator.json(&["mail", "list"]);
    assert_eq!(mails.as_array().map(Vec::len), Some(0), "{mails}");
    assert_eq!(operator.run(&["invite", "resend", id]).code, 0);
    let shown = operator.json(&["invite", "show", id]);
    assert!(
        shown["mail"].as_str().unwrap_or_default().starts_with("waits"),
        "{shown}"
    );
    assert!(
        operator
            .json(&["invite", "send", "bob@contoso.example", "--app", "notes"])
            .get("link")
            .is_none()
    );
}

#[test]
fn a_guest_is_assigned_without_an_invitation() {
    let operator = Operator::ready();
    for app in ["notes", "wiki"] {
        let uri = format!("https://{app}.acme.example/callback");
        let added = operator.run(&["app", "add", app, "--redirect-uri", &uri]);
        assert_eq!(added.code, 0, "{}", added.err);
    }
    let anna = "anna@contoso.example";
    let invited = operator.run(&["invite", "send", anna, "--app", "wiki"]);
    assert_eq!(invited.code, 0, "{}", invited.err);
    let assign = ["guest", "assign", anna, "--app", "notes"];
    let until = ["--until", "2999-03-01T00:00:00Z", "--sponsor", "Lee"];
    let assigned = operator.json(&[&assign[..], &until[..]].concat());
    assert_eq!(assigned["until"], "2999-03-01T00:00:00Z", "{assigned}");
    assert_eq!(assigned["sponsor"], "Lee", "{assigned}");
    let apps = operator.json(&["guest", "show", anna])["apps"].clone();
    assert_eq!(apps[0], "notes", "{apps}");
    let audit = operator.json(&["audit", "search", "--action", "assignment.added"]);
    assert_eq!(audit.as_array().map(Vec::len), Some(1), "{audit}");

    let over = operator.run(&[&assign[..], &["--until", "2020-01-01T00:00:00Z"][..]].concat());
    assert_ne!(over.code, 0);
    assert!(over.err.contains("must lie ahead"), "{}", over.err);
    let unknown = operator.run(&["guest", "assign", "bob@contoso.example", "--app", "notes"]);
    assert_eq!(unknown.code, 5, "{}", unknown.err);

    // And taken back; only with a word, where nobody can be asked.
    let unassign = ["guest", "unassign", anna, "--app", "notes"];
    let asked = operator.run(&unassign);
    assert_eq!(asked.code, 2, "{}", asked.err);
    assert!(asked.err.contains("add --yes to go on"), "{}", asked.err);
    let listed = operator.json(&["guest", "assignments", anna]);
    assert_eq!(
        (&listed[0]["app"], &listed[0]["active"]),
        (&"notes".into(), &true.into()),
        "{listed}"
    );
    for changed in [true, false] {
        let ended = operator.json(&[&unassign[..], &["--yes", "--reason", "over"][..]].concat());
        assert_eq!(ended["changed"], changed, "{ended}");
    }
    let listed = operator.json(&["guest", "assignments", "--app", "notes"]);
    assert_eq!(
        (&listed[0]["email"], &listed[0]["active"]),
        (&anna.into(), &false.into()),
        "{listed}"
    );
    let shown = operator.json(&["guest", "show", anna])["apps"].clone();
    assert_eq!(shown[0], "notes (not now)", "{shown}");
}
