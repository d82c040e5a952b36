//! Tenants as an operator declares and inspects them.

use std::{net::TcpListener, time::Duration};

use crate::{operator::Operator, restore::Serving};

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

/// The least that adds a tenant which does not answer.
const ADD: [&str; 15] = [
    "tenant",
    "add",
    "contoso",
    "--domain",
    "contoso.example",
    "--domain-proof",
    "operator",
    "--issuer",
    "https://127.0.0.1:1",
    "--client-id",
    "acme",
    "--client-secret",
    "env:SMTP_PASSWORD",
    "--enabled",
    "--no-test",
];

#[test]
fn a_tenant_is_added_changed_disabled_and_removed() {
    let operator = Operator::ready();
    let added = operator.json(&ADD);
    assert_eq!(
        added["redirect_uri"],
        "https://login.acme.example/federation/contoso/callback"
    );
    assert_eq!(added["client_auth"], "client_secret_basic");
    assert!(!added.to_string().contains("hunter2"), "{added}");
    let explained = operator.json(&["route", "explain", "anna@contoso.example"]);
    assert_eq!(explained["method"], "federation", "{explained}");

    let set = [
        "tenant",
        "set",
        "contoso",
        "--display-name",
        "Contoso AG",
        "--no-test",
    ];
    let changed = operator.json(&set);
    assert_eq!(changed["display_name"], "Contoso AG");
    assert_eq!(changed["client_id"], "acme", "what is not given stays");
    let again = operator.run(&set);
    assert!(again.err.contains("nothing to change"), "{}", again.err);

    let disabled = operator.json(&["tenant", "disable", "contoso", "--yes"]);
    assert_eq!(disabled["locked_out"], 0);
    assert_eq!(operator.json(&["tenant", "show", "contoso"])["enabled"], false);
    let enabled = operator.json(&["tenant", "enable", "contoso"]);
    assert_eq!(enabled["enabled"], true);
    operator.json(&["tenant", "remove", "contoso", "--yes"]);
    assert_eq!(operator.json(&["tenant", "list"]), serde_json::json!([]));
}

#[test]
fn who_can_no_longer_sign_in_is_shown_first_and_reset_when_asked() {
    let operator = Operator::ready();
    operator.json(&ADD);
    operator.add_notes();
    operator.json(&["invite", "send", "anna@contoso.example", "--app", "notes"]);
    operator.json(&[
        "guest",
        "pin-method",
        "anna@contoso.example",
        "--tenant",
        "contoso",
    ]);

    let listed = operator.run(&["tenant", "disable", "contoso", "--dry-run"]);
    assert_eq!(listed.code, 0, "{}", listed.err);
    assert!(
        listed.err.contains("1 guest can no longer sign in."),
        "{}",
        listed.err
    );
    assert!(listed.out.contains("anna@contoso.example"), "{}", listed.out);
    assert_eq!(operator.json(&["tenant", "show", "contoso"])["enabled"], true);

    // There is no terminal to ask at.
    let asked = operator.run(&["tenant", "disable", "contoso"]);
    assert_ne!(asked.code, 0, "{}", asked.out);
    assert!(
        asked.err.contains("1 guest can no longer sign in."),
        "{}",
        asked.err
    );
    assert_eq!(operator.json(&["tenant", "show", "contoso"])["enabled"], true);

    operator.json(&["tenant", "remove", "contoso", "--yes"]);
    let explained = operator.json(&["route", "explain", "anna@contoso.example"]);
    assert_eq!(explained["method"], "refused", "{explained}");
}

#[test]
fn what_does_not_fit_is_refused_in_words_and_secrets_are_only_named() {
    let operator = Operator::ready();
    let with = |option: &str, value: &str| -> Vec<String> {
        let mut arguments: Vec<String> = ADD.iter().map(|&word| word.to_owned()).collect();
        match arguments.iter().position(|word| word == option) {
            Some(place) => value.clone_into(&mut arguments[place + 1]),
            None => arguments.extend([option.to_owned(), value.to_owned()]),
        }
        arguments
    };
    for (option, value, code, words) in [
        (
            "--client-secret",
            "hunter2",
            2,
            "write file:/path/to/the/secret or env:NAME",
        ),
        ("--client-secret", "env:NO_SUCH", 2, "NO_SUCH"),
        (
            "--issuer",
            "http://login.contoso.example",
            2,
            "issuer is not https",
        ),
        ("--domain", "gmail.com", 2, "gmail.com"),
        (
            "--client-auth",
            "magic",
            2,
            "client_secret_basic or client_secret_post",
        ),
    ] {
        let arguments = with(option, value);
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let said = operator.run(&arguments);
        assert_eq!(said.code, code, "{option} {value}: {}", said.err);
        assert!(said.err.contains(words), "{option} {value}: {}", said.err);
        assert!(!said.err.contains("hunter2"), "{}", said.err);
    }
    // Its provider is asked before it is stored.
    let said = operator.run(&ADD[..ADD.len() - 1]);
    assert_ne!(said.code, 0, "{}", said.out);
    assert!(said.err.contains("--no-test stores it"), "{}", said.err);
    assert_eq!(operator.json(&["tenant", "list"]), serde_json::json!([]));
}

#[test]
fn a_provider_that_everybody_knows_needs_only_its_client() {
    let operator = Operator::ready();
    let added = operator.json(&[
        "provider",
        "add",
        "google",
        "--client-id",
        "acme",
        "--client-secret",
        "env:SMTP_PASSWORD",
        "--enabled",
        "--no-test",
    ]);
    assert_eq!(added["issuer"], "https://accounts.google.com");
    assert_eq!(added["display_name"], "Google");
    assert_eq!(
        added["redirect_uri"],
        "https://login.acme.example/personal-account/google/callback"
    );
    let explained = operator.json(&["route", "explain", "anna@gmail.com"]);
    assert_eq!(explained["method"], "personal_account", "{explained}");
    operator.json(&["provider", "disable", "google", "--yes"]);
    let explained = operator.json(&["route", "explain", "anna@gmail.com"]);
    assert_eq!(explained["method"], "passcode", "{explained}");
}

#[test]
fn a_configuration_says_whom_it_would_shut_out() {
    let operator = Operator::ready();
    operator.json(&ADD);
    operator.add_notes();
    for address in ["anna@contoso.example", "bo@elsewhere.example"] {
        operator.json(&["invite", "send", address, "--app", "notes"]);
    }
    assert_eq!(operator.json(&["config", "impact"]), serde_json::json!([]));

    operator.edit("[help]", "[resolution]\ncodes = false\n\n[help]");
    let said = operator.run(&["config", "impact"]);
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("1 guest can no longer sign in."),
        "{}",
        said.err
    );
    assert!(
        said.out.contains("bo@elsewhere.example") && !said.out.contains("anna@contoso.example"),
        "{}",
        said.out
    );

    // A tenant that no server has brought into the database yet.
    operator.edit(
        "[help]",
        "[[tenant]]\nname = \"fabrikam\"\ndomains = [\"elsewhere.example\"]\ndomain_proof = \"operator\"\n\n[help]",
    );
    assert_eq!(
        operator.json(&["config", "impact"]),
        serde_json::json!([]),
        "it takes them in"
    );
    let early = operator.run(&["config", "impact", "--reset", "--yes"]);
    assert_eq!(early.code, 1, "{}", early.out);
    assert!(early.err.contains("start it, then reset"), "{}", early.err);
}

#[test]
fn a_provider_that_speaks_oauth_2_needs_its_client_and_its_secret_and_nothing_else() {
    let operator = Operator::ready();
    let add = |more: &[&str]| {
        operator.run(&[&["provider", "add", "github", "--enabled", "--no-test"], more].concat())
    };
    for (more, words) in [
        (&["--client-id", "acme"][..], "--client-secret"),
        (&["--client-secret", "env:SMTP_PASSWORD"][..], "--client-id"),
        (
            &[
                "--client-id",
                "acme",
                "--client-secret",
                "env:SMTP_PASSWORD",
                "--trust-email",
                "true",
            ][..],
            "--trust-email says nothing at GitHub",
        ),
    ] {
        let said = add(more);
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(said.err.contains(words), "{}", said.err);
    }
    let added = add(&[
        "--client-id",
        "acme",
        "--client-secret",
        "env:SMTP_PASSWORD",
        "--address",
        "anna@contoso.example",
    ]);
    assert_eq!(added.code, 0, "{}", added.err);
    let shown = operator.json(&["provider", "show", "github"]);
    assert_eq!(shown["display_name"], "GitHub");
    assert_eq!(shown["issuer"], "https://api.github.com");
    assert_eq!(shown["client_auth"], "client_secret_post");
    let changed = operator.json(&["provider", "set", "github", "--client-id", "other", "--no-test"]);
    assert_eq!(changed["client_id"], "other");
    let explained = operator.json(&["route", "explain", "anna@contoso.example"]);
    assert_eq!(explained["method"], "personal_account", "{explained}");
}

/// Domains are added and removed one by one, and what `set` would do is shown first.
#[test]
fn a_tenant_is_changed_after_a_look() {
    let operator = Operator::ready();
    operator.json(&ADD);
    let domains = |change: &[&str]| {
        let set = [&["tenant", "set", "contoso", "--no-test"], change].concat();
        operator.json(&set)["domains"].clone()
    };
    assert_eq!(
        domains(&[
            "--add-domain",
            "mail.contoso.example",
            "--add-domain",
            "contoso.example"
        ]),
        serde_json::json!(["contoso.example", "mail.contoso.example"])
    );
    assert_eq!(
        domains(&["--remove-domain", "contoso.example"]),
        serde_json::json!(["mail.contoso.example"])
    );
    let nowhere = operator.run(&[
        "tenant",
        "set",
        "contoso",
        "--no-test",
        "--remove-domain",
        "x.example",
    ]);
    assert_eq!(nowhere.code, 5, "{}", nowhere.err);
    let both = [
        "tenant",
        "set",
        "contoso",
        "--domain",
        "a.example",
        "--add-domain",
        "b.example",
    ];
    assert_eq!(operator.run(&both).code, 2);
    let looked = operator.run(&[
        "tenant",
        "set",
        "contoso",
        "--no-test",
        "--issuer",
        "https://127.0.0.1:2",
        "--dry-run",
    ]);
    assert_eq!(looked.code, 0, "{}", looked.err);
    assert!(
        looked.err.contains("Everyone who can sign in now still can"),
        "{}",
        looked.err
    );
    let shown = operator.json(&["tenant", "show", "contoso"]);
    assert!(
        shown.to_string().contains("https://127.0.0.1:1"),
        "nothing changed: {shown}"
    );
}

/// Before the start, it is said what the file takes over.
#[test]
fn what_the_file_takes_over_is_said_before_the_start() {
    let operator = Operator::ready();
    operator.json(&ADD);
    operator.append(CONTOSO);
    let said = operator.run(&["check", "--database"]);
    assert_eq!(said.code, 0, "{}", said.err);
    let words = "\"contoso\", which an operator added, is the configuration's from then on";
    assert!(said.err.contains(words), "{}", said.err);
    let impact = operator.run(&["config", "impact"]);
    assert!(impact.err.contains(words), "{}", impact.err);

    let operator = Operator::ready();
    operator.json(&ADD);
    let vouched = "domain_proof = \"operator\"\n[tenant.oidc]";
    let other = CONTOSO.replace("\"contoso\"", "\"other\"");
    operator.append(&other.replace("[tenant.oidc]", vouched));
    let said = operator.run(&["check", "--database"]);
    assert_eq!(said.code, 3, "{}", said.err);
    assert!(
        said.err.contains("contoso.example would lead to two tenants"),
        "{}",
        said.err
    );
}

/// Flags that do not go together are refused, and the act with two effects has a dry run.
#[test]
fn a_new_address_is_for_one_guest() {
    let operator = Operator::ready();
    operator.json(&[
        "app",
        "add",
        "notes",
        "--redirect-uri",
        "https://notes.example/cb",
    ]);
    operator.json(&["invite", "send", "anna@contoso.test", "--app", "notes"]);
    let reset = |more: &[&str]| operator.run(&[&["guest", "reset-method"], more].concat());
    let to = ["--new-address", "anna@fabrikam.test"];
    assert_eq!(
        reset(&[&["--domain", "contoso.test", "--yes"], &to[..]].concat()).code,
        2
    );
    let looked = reset(&[&["anna@contoso.test", "--dry-run"], &to[..]].concat());
    assert_eq!(looked.code, 0, "{}", looked.err);
    assert!(
        looked.err.contains("becomes anna@fabrikam.test"),
        "{}",
        looked.err
    );
    assert_eq!(operator.run(&["guest", "show", "anna@contoso.test"]).code, 0);
}

/// On SIGHUP the declared tenants come in, and a configuration that is not valid changes nothing and ends nothing.
#[cfg(target_os = "linux")]
#[test]
fn declared_tenants_come_in_on_sighup() {
    let operator = Operator::ready();
    let serving = Serving::start(&operator, &[]);
    let limits = serving.proc("limits");
    let core = limits.lines().find(|line| line.starts_with("Max core file size"));
    let words: Vec<&str> = core.unwrap_or_default().split_whitespace().collect();
    assert_eq!(words[4..6], ["0", "0"], "no core dumps: {limits}");

    operator.append(&CONTOSO.replace("domains", "enabled = false\ndomains"));
    serving.hang_up();
    let names = || operator.json(&["tenant", "list"]).as_array().map(Vec::len);
    for _ in 0..100 {
        if names() == Some(1) {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(names(), Some(1));
    // The configuration made it, and only the configuration changes it: the next step names its section, and no command.
    let next = operator.run(&["tenant", "show", "contoso"]).err;
    let words = [
        "test contoso --as ADDRESS",
        "enabled = true in its [[tenant]] section, then SIGHUP",
    ];
    assert!(words.iter().all(|words| next.contains(words)), "{next}");
    assert!(!next.contains("tenant enable"), "{next}");
    operator.append("nonsense = [");
    serving.hang_up();
    std::thread::sleep(Duration::from_millis(300));
    // The file cannot be read any more; the server goes on, and ends as it should.
    serving.stop();
}
