//! Tenants that speak SAML, by the command line.

use crate::operator::Operator;

const ADD: [&str; 13] = [
    "tenant",
    "add",
    "contoso",
    "--domain",
    "contoso.example",
    "--domain-proof",
    "operator",
    "--entity-id",
    "https://login.contoso.example/saml",
    "--metadata-url",
    "https://127.0.0.1:1/metadata",
    "--no-test",
    "--trust-mfa=true",
];

#[test]
fn a_tenant_that_speaks_saml_is_added_and_changed() {
    let operator = Operator::ready();
    let added = operator.json(&ADD);
    let at = "https://login.acme.example/federation/contoso";
    assert_eq!(added["saml"]["our_metadata"], format!("{at}/metadata"));
    assert_eq!(added["saml"]["acs"], format!("{at}/acs"));
    assert_eq!(added["trust_mfa"], true);
    let said = operator.run(&["tenant", "show", "contoso"]);
    for words in [
        "persistent NameID",
        "our metadata and entity ID",
        "assertion consumer service",
    ] {
        assert!(said.out.contains(words), "{words}: {}", said.out);
    }
    assert!(!said.out.contains("redirect URI"), "{}", said.out);

    let set = [
        "tenant",
        "set",
        "contoso",
        "--subject-attribute",
        "number",
        "--no-test",
    ];
    let changed = operator.json(&set);
    assert_eq!(changed["saml"]["subject_attribute"], "number");
    let before = &added["saml"]["metadata_url"];
    assert_eq!(
        &changed["saml"]["metadata_url"], before,
        "what is not given stays"
    );
    assert_eq!(changed["trust_mfa"], true);
    let again = operator.run(&set);
    assert!(again.err.contains("nothing to change"), "{}", again.err);
    let events = operator.json(&["audit", "search", "--action", "tenant.changed"]);
    assert!(events.to_string().contains("attributes number"), "{events}");

    let tested = operator.run(&["tenant", "test", "contoso"]);
    assert_ne!(tested.code, 0, "nobody is there: {}", tested.out);
    assert!(tested.err.contains("127.0.0.1"), "{}", tested.err);
}

#[test]
fn contexts_that_stand_for_a_second_factor() {
    let operator = Operator::ready();
    let added = operator.json(&ADD);
    assert_eq!(added["mfa_contexts"][0], "https://refeds.org/profile/mfa");
    let set = [
        "tenant",
        "set",
        "contoso",
        "--mfa-context",
        "urn:a",
        "--mfa-context",
        "urn:b",
        "--no-test",
    ];
    assert_eq!(
        operator.json(&set)["mfa_contexts"],
        serde_json::json!(["urn:a", "urn:b"])
    );
    let said = operator.run(&["tenant", "show", "contoso"]);
    assert!(said.out.contains("yes; contexts urn:a, urn:b"), "{}", said.out);
}

#[test]
fn switched_off_it_leads_nowhere() {
    let operator = Operator::ready();
    operator.json(&ADD);
    operator.append("\n[saml]\nenabled = false\n");
    let tested = operator.run(&["tenant", "test", "contoso"]);
    assert!(
        tested.err.contains("switched off here (saml.enabled)"),
        "{}",
        tested.err
    );
}

#[test]
fn metadata_that_a_partner_has_handed_over() {
    let operator = Operator::ready();
    let file = operator.folder.path().join("contoso.xml");
    std::fs::write(&file, "<EntityDescriptor/>").unwrap_or_else(|error| panic!("{error}"));
    let reference = format!("file:{}", file.display());
    let mut add = ADD;
    (add[9], add[10]) = ("--metadata", &reference);
    let added = operator.json(&add);
    assert_eq!(added["saml"]["metadata_url"], serde_json::Value::Null);
    let tested = operator.run(&["tenant", "test", "contoso"]);
    assert!(tested.err.contains("no SAML 2.0 metadata"), "{}", tested.err);
}

#[test]
fn what_does_not_go_together_is_said() {
    let operator = Operator::ready();
    for (arguments, said) in [
        (
            &["tenant", "add", "a", "--entity-id", "https://a.example"][..],
            "--metadata-url is missing, and so is the metadata itself",
        ),
        (
            &[
                "tenant",
                "add",
                "a",
                "--metadata-url",
                "http://a.example",
                "--entity-id",
                "x",
            ],
            "is not https",
        ),
        (
            &[
                "tenant",
                "add",
                "a",
                "--entity-id",
                "x",
                "--issuer",
                "https://a.example",
            ],
            "choose one of the two",
        ),
        (
            &["provider", "add", "a", "--entity-id", "x"],
            "no provider of personal accounts speaks SAML",
        ),
        (
            &[
                "tenant",
                "add",
                "a",
                "--entity-id",
                "x",
                "--subject-attribute",
                "mail",
            ],
            "holds an address",
        ),
    ] {
        let refused = operator.run(arguments);
        assert_eq!(refused.code, 2, "{arguments:?}: {}{}", refused.out, refused.err);
        assert!(refused.err.contains(said), "{said}: {}", refused.err);
    }
    // Whose metadata it is is asked there, where nothing says it.
    let asked = operator.run(&[
        "tenant",
        "add",
        "a",
        "--metadata-url",
        "https://127.0.0.1:1/metadata",
    ]);
    assert!(matches!(asked.code, 1 | 4), "{}", asked.err);
    assert!(
        asked.err.contains("--entity-id says it without asking"),
        "{}",
        asked.err
    );
}
