//! From a tenant that was just added to one that guests come by: each command says what is next.

use sha2::{Digest as _, Sha256};

use crate::operator::Operator;

const ADD: [&str; 11] = [
    "tenant",
    "add",
    "contoso",
    "--issuer",
    "https://127.0.0.1:1",
    "--client-id",
    "acme",
    "--client-secret",
    "env:SMTP_PASSWORD",
    "--domain",
    "contoso.example",
];

#[test]
fn nobody_is_sent_to_a_tenant_before_it_is_told_to() {
    let operator = Operator::ready();
    let vouched = ["--domain-proof", "operator", "--no-test"];
    let added = operator.run(&[&ADD[..], &vouched[..]].concat());
    assert_eq!(added.code, 0, "{}", added.err);
    for words in [
        "register the redirect URI there",
        "vestibule tenant test contoso --as ADDRESS",
        "vestibule tenant enable contoso",
    ] {
        assert!(added.err.contains(words), "{words}: {}", added.err);
    }
    let method = || operator.json(&["route", "explain", "anna@contoso.example"])["method"].clone();
    assert_eq!(method(), "passcode");
    let enabled = operator.run(&["tenant", "enable", "contoso"]);
    assert!(!enabled.err.contains("next:"), "{}", enabled.err);
    assert_eq!(method(), "federation");
}

#[test]
fn a_domain_that_is_not_proven_is_the_next_step() {
    let operator = Operator::ready();
    let added = operator.run(&[&ADD[..], &["--enabled", "--no-test"]].concat());
    assert!(
        added.err.contains("next: set the TXT record of contoso.example"),
        "{}",
        added.err
    );
    assert!(added.out.contains("_vestibule-challenge"), "{}", added.out);
    let nothing = operator.run(&["tenant", "add", "fabrikam"]);
    assert!(
        nothing.err.contains("vestibule tenant set fabrikam --issuer"),
        "{}",
        nothing.err
    );
}

#[test]
fn a_provider_to_which_nothing_leads_says_what_would() {
    let operator = Operator::ready();
    let client = ["--client-id", "acme", "--client-secret", "env:SMTP_PASSWORD"];
    let add = ["provider", "add", "github", "--enabled", "--no-test"];
    let added = operator.run(&[&add[..], &client[..]].concat());
    assert!(added.err.contains("nothing leads to it"), "{}", added.err);
    operator.edit(
        "[help]",
        "[resolution]\npersonal_accounts_beside_codes = true\n\n[help]",
    );
    let shown = operator.run(&["provider", "show", "github"]);
    assert!(!shown.err.contains("next:"), "{}", shown.err);
    let explained = operator.json(&["route", "explain", "anna@contoso.example"]);
    assert_eq!(explained["method"], "choice", "{explained}");
}

#[test]
fn the_certificates_of_a_partner_are_shown_as_the_partner_shows_them() {
    let operator = Operator::ready();
    let certified = rcgen::generate_simple_self_signed(vec!["contoso.example".into()])
        .unwrap_or_else(|error| panic!("{error}"));
    let base64 = data_encoding::BASE64.encode(certified.cert.der());
    let metadata = format!(
        "<EntityDescriptor xmlns=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"https://contoso.example\">\
         <IDPSSODescriptor protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
         <KeyDescriptor use=\"signing\"><KeyInfo xmlns=\"http://www.w3.org/2000/09/xmldsig#\"><X509Data>\
         <X509Certificate>{base64}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>\
         <SingleSignOnService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect\" \
         Location=\"https://contoso.example/sso\"/></IDPSSODescriptor></EntityDescriptor>"
    );
    let file = operator.folder.path().join("contoso.xml");
    std::fs::write(&file, metadata).unwrap_or_else(|error| panic!("{error}"));
    let add = [
        "tenant",
        "add",
        "contoso",
        "--metadata",
        &file.display().to_string(),
    ];
    let added = operator.run(&add);
    assert_eq!(added.code, 0, "{}", added.err);
    assert!(
        added.err.contains("give the partner our metadata"),
        "{}",
        added.err
    );
    let digest = Sha256::digest(certified.cert.der());
    let pairs: Vec<String> = digest.iter().map(|byte| format!("{byte:02X}")).collect();
    let shown = operator.json(&["tenant", "show", "contoso"]);
    let certificate = &shown["saml"]["certificates"][0];
    assert_eq!(certificate["sha256"], pairs.join(":"));
    assert_eq!(certificate["ends_at"], "4096-01-01T00:00:00Z");
    let tested = operator.json(&["tenant", "test", "contoso"]);
    assert_eq!(&tested["certificates"][0], certificate);
}

/// At a terminal, which `script` (Debian's bsdutils) makes: who is locked out is offered a new start.
#[cfg(target_os = "linux")]
#[test]
fn whoever_disables_a_tenant_at_a_terminal_is_offered_the_reset() {
    let operator = Operator::ready();
    let vouched = ["--domain-proof", "operator", "--enabled", "--no-test"];
    operator.json(&[&ADD[..], &vouched[..]].concat());
    let callback = "https://notes.example/callback";
    operator.json(&["app", "add", "notes", "--redirect-uri", callback]);
    operator.json(&["invite", "send", "anna@contoso.example", "--app", "notes"]);
    operator.json(&[
        "guest",
        "pin-method",
        "anna@contoso.example",
        "--tenant",
        "contoso",
    ]);
    let shown = operator.run(&["guest", "show", "anna@contoso.example"]);
    assert!(shown.out.contains("federation (contoso)"), "{}", shown.out);
    let disable = ["tenant", "disable", "contoso"];
    let said = operator.at_terminal(&disable, "n\n");
    assert!(said.contains("nothing was changed"), "{said}");
    assert!(!said.contains("Reset them as well"), "{said}");
    let said = operator.at_terminal(&disable, "y\nn\n");
    assert!(said.contains("1 guest can no longer sign in."), "{said}");
    assert!(said.contains("Reset them as well"), "{said}");
    assert_eq!(operator.json(&["tenant", "show", "contoso"])["enabled"], false);
}
