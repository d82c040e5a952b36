use domain::upstream::{AssertionAudience, ClientAuthentication, Connection, Declaration, UpstreamKind};

use method_resolution::{Moving, Policy};

use super::*;

fn load(text: &str) -> Result<Loaded, ConfigRefused> {
    Folder::new().load(&format!("{GOOD}\n{text}"), Purpose::Serve)
}

fn names(declarations: &[Declaration]) -> Vec<&str> {
    declarations
        .iter()
        .map(|declaration| declaration.name.as_str())
        .collect()
}

#[test]
fn tenants_and_providers_as_they_are_written() {
    let declared = load(
        r#"
        [[tenant]]
        name = "contoso"
        display_name = "Contoso"
        domains = ["Contoso.example", "müller.example"]
        [[tenant]]
        name = "fabrikam"
        enabled = false
        domains = ["fabrikam.example"]
        [[provider]]
        name = "google"
        addresses = ["Boss@fabrikam.example"]
        "#,
    )
    .unwrap()
    .settings
    .upstreams;
    assert_eq!(names(&declared.tenants), ["contoso", "fabrikam"]);
    assert_eq!(
        declared.tenants[0].domains,
        ["contoso.example", "xn--mller-kva.example"]
    );
    assert_eq!(declared.tenants[1].display_name, "fabrikam");
    assert!(declared.tenants[0].enabled && !declared.tenants[1].enabled);
    let google = &declared.providers[0];
    assert_eq!(google.display_name, "Google", "it is known");
    assert_eq!(google.domains, ["gmail.com", "googlemail.com"]);
    assert_eq!(google.addresses[0].as_str(), "Boss@fabrikam.example");
}

#[test]
fn sections_of_several_files_come_after_one_another() {
    let folder = Folder::new();
    folder.write(
        "vestibule.d/a.toml",
        "[[tenant]]\nname = \"a\"\ndomains = [\"a.example\"]",
        0o600,
    );
    folder.write(
        "vestibule.d/b.toml",
        "[[tenant]]\nname = \"b\"\ndomains = [\"b.example\"]",
        0o600,
    );
    let text = format!("{GOOD}\n[[tenant]]\nname = \"c\"\ndomains = [\"c.example\"]");
    let settings = folder.load(&text, Purpose::Serve).unwrap().settings;
    assert_eq!(names(&settings.upstreams.tenants), ["c", "a", "b"]);
    let none = load("").unwrap().settings.upstreams;
    assert_eq!((none.tenants, none.providers), (vec![], vec![]));
}

#[test]
fn what_is_wrong_is_said_with_the_line() {
    for (text, said, help) in [
        (
            "[[tenant]]\ndomains = [\"a.example\"]",
            "`tenant[0].name` is missing",
            "name = \"contoso\"",
        ),
        (
            "[[tenant]]\nname = \"Contoso Ltd\"",
            "`tenant[0].name` is \"Contoso Ltd\"",
            "lower-case letters",
        ),
        (
            "[[tenant]]\nname = 7",
            "`tenant[0].name` must be text in quotes",
            "correct the value",
        ),
        (
            "[[tenant]]\nname = \"a\"\n[[tenant]]\nname = \"a\"",
            "`tenant[1].name` is \"a\", as it is at",
            "another name",
        ),
        (
            "[[tenant]]\nname = \"a\"\ndomains = [\"x.example\"]\n[[tenant]]\nname = \"b\"\n\
             domains = [\"X.example\"]",
            "`domains` of tenant \"b\" holds x.example, which leads to \"a\" already",
            "in one of them",
        ),
        (
            "[[provider]]\nname = \"a\"\naddresses = [\"A@x.example\"]\n[[provider]]\nname = \"b\"\n\
             addresses = [\"a@x.example\"]",
            "`addresses` of provider \"b\" holds a@x.example, which leads to \"a\" already",
            "in one of them",
        ),
        (
            "[[tenant]]\nname = \"a\"\ndomains = [\"outlook.com\"]",
            "`domains` of tenant \"a\" holds outlook.com, which is where people have mailboxes of their own, at Microsoft",
            "[[provider]]",
        ),
        (
            "[[tenant]]\nname = \"a\"\ndomains = [\"co.uk\"]",
            "`domains` of tenant \"a\" holds co.uk, which is a public suffix",
            "remove it",
        ),
        (
            "[[tenant]]\nname = \"a\"\ndomain = \"a.example\"",
            "unknown setting `domain` of tenant \"a\"",
            "domains",
        ),
        (
            "[tenant]\nname = \"a\"",
            "`tenant` must be a list of sections, not a table",
            "[[tenant]]",
        ),
        (
            "tenant = \"a\"",
            "`tenant` must be a list of sections, not \"a\"",
            "[[tenant]]",
        ),
        (
            "[[tenants]]\nname = \"a\"",
            "unknown setting `tenants`",
            "did you mean `tenant`?",
        ),
        ("[[mail]]\nfrom = \"x\"", "this is not TOML", ""),
    ] {
        // A key without a section goes to the front.
        let whole = if text.starts_with('[') {
            format!("{GOOD}\n{text}")
        } else {
            format!("{text}\n{GOOD}")
        };
        let refused = Folder::new()
            .load(&whole, Purpose::Serve)
            .unwrap_err()
            .to_string();
        assert!(refused.contains(said), "{text}: {refused}");
        assert!(refused.contains(help), "{text}: {refused}");
        assert!(refused.contains("vestibule.toml:"), "{text}: {refused}");
    }
}

pub(super) const CONTOSO: &str =
    "[[tenant]]\nname = \"contoso\"\ndomains = [\"contoso.example\"]\n[tenant.oidc]\n";

#[test]
fn a_connection_with_its_secret_by_reference() {
    let text = format!(
        "{GOOD}\n{CONTOSO}issuer = \"https://login.contoso.example/a\"\nclient_id = \"acme\"\n\
         client_secret = \"env:CONTOSO\"\nsubject_claims = [\"tid\", \"oid\"]\ntrust_mfa = true\n"
    );
    let folder = Folder::new();
    let loaded = folder
        .load_with(&text, &[("CONTOSO", "hunter2")], Purpose::Serve)
        .unwrap();
    let Some(Connection::Oidc(connection)) = loaded.settings.upstreams.tenants[0].connection.clone() else {
        panic!("no connection by OpenID Connect");
    };
    assert_eq!(connection.issuer, "https://login.contoso.example/a");
    assert_eq!(connection.client_auth.name(), "client_secret_basic");
    assert_eq!(connection.client_auth.secret().unwrap().expose(), "hunter2");
    assert_eq!(connection.claims.subject, ["tid", "oid"]);
    assert!(connection.trusts_mfa && !connection.trusts_email);
    assert!(!format!("{loaded:?}").contains("hunter2"));
    assert!(
        loaded
            .remarks
            .iter()
            .all(|remark| remark.key.as_deref() != Some("tenant[0].name"))
    );
}

#[test]
fn a_connection_with_a_key() {
    let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBZUPZ2yZbe39P7+ijeLuhbdDR7v0pNr8WrTJL1S/A4m\n\
               -----END PRIVATE KEY-----\n";
    let certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let text = format!(
        "{GOOD}\n{CONTOSO}issuer = \"https://login.contoso.example\"\nclient_id = \"acme\"\nclient_key = \"env:KEY\"\n\
         client_key_id = \"2026\"\nclient_certificate = \"env:CERTIFICATE\"\nassertion_audience = \"token-endpoint\"\n"
    );
    let environment = [("KEY", key), ("CERTIFICATE", certificate)];
    let folder = Folder::new();
    let loaded = folder.load_with(&text, &environment, Purpose::Serve).unwrap();
    let Some(Connection::Oidc(connection)) = loaded.settings.upstreams.tenants[0].connection.clone() else {
        panic!("no connection by OpenID Connect");
    };
    let ClientAuthentication::PrivateKeyJwt(read) = &connection.client_auth else {
        panic!("{:?}", connection.client_auth);
    };
    assert_eq!(read.pem.expose(), key);
    assert_eq!(read.key_id.as_deref(), Some("2026"));
    assert_eq!(read.audience, AssertionAudience::TokenEndpoint);
    // printf '\0\0\0' | openssl dgst -sha256 -binary | basenc --base64url
    let digest = "cJ6AyISHokEeHuTfufIqhhSS0gxHZRUMDHlKvXD4FHw";
    assert_eq!(read.certificate_sha256.as_deref(), Some(digest));
    assert!(!format!("{loaded:?}").contains("BZUPZ2y"));
    for (more, said) in [
        ("client_secret = \"x\"", "and there is a `client_key`"),
        ("client_auth = \"none\"", "and there is a `client_key`"),
        (
            "client_auth = \"private_key_jwt\"\nclient_secret = \"x\"",
            "and there is a `client_secret`",
        ),
    ] {
        let refused = folder.load_with(&format!("{text}{more}\n"), &environment, Purpose::Serve);
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains(said), "{more}: {refused}");
    }
}

#[test]
fn what_is_wrong_with_a_connection() {
    const ID: &str = "client_id = \"acme\"\n";
    for (text, said) in [
        (ID.to_owned(), "`oidc.issuer` of tenant \"contoso\" is missing"),
        (
            "issuer = \"https://a.example\"".into(),
            "`oidc.client_id` of tenant \"contoso\" is missing",
        ),
        (
            format!("{ID}issuer = \"a.example\""),
            "`oidc.issuer` of tenant \"contoso\" is \"a.example\"",
        ),
        (format!("{ID}issuer = \"http://a.example\""), "is not https"),
        (format!("{ID}issuer = \"http://localhost:9000\""), "is not https"),
        (
            format!("{ID}issuer = \"https://a.example?x=y\""),
            "has a query or a fragment",
        ),
        (
            format!("{ID}issuer = \"https://a.example\"\nclient_auth = \"client_secret_post\""),
            "needs a `client_secret`",
        ),
        (
            format!("{ID}issuer = \"https://a.example\"\nclient_auth = \"none\"\nclient_secret = \"x\""),
            "and there is a `client_secret`",
        ),
        (
            format!("{ID}issuer = \"https://a.example\"\nclient_secret = \"env:NOWHERE\""),
            "NOWHERE",
        ),
        (
            format!("{ID}issuer = \"https://a.example\"\nclient_auth = \"private_key_jwt\""),
            "needs a `client_key`",
        ),
        (
            format!("{ID}issuer = \"https://a.example\"\nclient_key = \"hunter2\""),
            "`oidc.client_key` of tenant \"contoso\" is no private key in PEM",
        ),
        (
            format!("{ID}issuer = \"https://a.example\"\nsubject_claims = []"),
            "nothing would name an account",
        ),
    ] {
        let refused = load(&format!("{CONTOSO}{text}")).unwrap_err().to_string();
        assert!(refused.contains(said), "{text}: {refused}");
    }
    // For trying out, a provider on this machine is fine.
    let local = format!("{CONTOSO}{ID}issuer = \"http://localhost:9000\"");
    let folder = Folder::new();
    let text = format!("public_url = \"http://localhost:8080\"\n[secrets]\nmaster_key = \"{KEY}\"\n{local}");
    assert!(folder.load(&text, Purpose::Dev).is_ok());
}

#[test]
fn one_fault_is_one_problem() {
    for (text, said, help) in [
        (
            "[[tenant]]\nenabled = true\ndomains = [\"a.example\"]",
            "`tenant[0].name` is missing",
            "name =",
        ),
        (
            "[[tenant]]\nname = \"Fabrikam\"\nenabled = true\ndomains = [\"a.example\"]",
            "`tenant[0].name` is \"Fabrikam\"",
            "lower-case",
        ),
        (
            "[[tenant]]\nname = \"a\"\nenabled = false\ndomains = [\"example\"]",
            "`domains` of tenant \"a\" holds \"example\", where a domain name",
            "correct that entry",
        ),
        (
            "[[provider]]\nname = \"a\"\nenabled = false\naddresses = [\"anna\"]",
            "`addresses` of provider \"a\" holds an address that needs exactly one @",
            "correct that entry",
        ),
        (
            "[[provider]]\nname = \"a\"\nenabled = false\ndomains = [\"a.example\"]\ndomain = [\"a.example\"]",
            "unknown setting `domain` of provider \"a\"",
            "did you mean `domains` of provider \"a\"?",
        ),
        (
            "[[tenant]]\nname = \"a\"\nenabled = false\ndomains = [\"a.example\"]\non_method_change = \"ask\"",
            "unknown setting `on_method_change` of tenant \"a\"",
            "it may hold name, display_name, enabled, domains",
        ),
    ] {
        let ConfigRefused(problems) = load(text).unwrap_err();
        let grave: Vec<_> = problems
            .iter()
            .filter(|problem| problem.severity == Severity::Error)
            .collect();
        let [only] = grave[..] else {
            panic!("{text}: {grave:?}");
        };
        assert!(only.message.contains(said), "{text}: {only}");
        assert!(only.help.as_deref().unwrap().contains(help), "{text}: {only}");
        let is_of_sections = |problem: &ConfigProblem| {
            problem.message.contains("is empty") && problem.message.contains("` of ")
        };
        assert!(!problems.iter().any(is_of_sections), "{text}: {problems:?}");
    }
}

#[test]
fn what_cannot_be_connected_is_said() {
    let about = |text: &str| -> Vec<String> {
        let remarks = load(text).unwrap().remarks.into_iter();
        remarks
            .filter(|remark| remark.severity == Severity::Warning)
            .filter_map(|remark| remark.key)
            .filter(|key| key.starts_with("tenant") || key.starts_with("provider"))
            .collect()
    };
    assert_eq!(
        about("[[tenant]]\nname = \"a\"\ndomains = [\"a.example\"]"),
        ["tenant[0].name"]
    );
    let off = "[[tenant]]\nname = \"a\"\nenabled = false\ndomains = [\"a.example\"]";
    assert_eq!(about(off), [""; 0]);
    assert_eq!(
        about("[[provider]]\nname = \"own\"\nenabled = false"),
        ["provider[0].domains"]
    );
}

#[test]
fn an_environment_variable_is_no_section() {
    let variables = [("VESTIBULE_TENANT__NAME", "contoso")];
    let refused = Folder::new()
        .load_with(GOOD, &variables, Purpose::Serve)
        .unwrap_err();
    let text = refused.to_string();
    assert!(
        text.contains("VESTIBULE_TENANT__NAME in the environment"),
        "{text}"
    );
    assert!(text.contains("write [[tenant]] in a file"), "{text}");
}

#[test]
fn a_domain_has_what_is_written_for_it_and_the_rest_from_everybody() {
    let text = "[resolution]\ncodes_when_federation_fails = \"while-down\"\nmoving = \"keep\"\n\
                [[resolution.domain]]\ndomain = \"Contoso.example\"\ncodes = false\nwebfinger = true\n\
                moving = \"2027-03-01T00:00:00Z\"\n\
                [[resolution.domain]]\ndomain = \"fabrikam.example\"\norder = [\"federation\"]";
    let policies = load(text).unwrap().settings.web.resolution;
    let usual = &policies.usual;
    assert!(usual.codes);
    assert_eq!(policies.domains.len(), 2);
    let contoso = &policies.domains["contoso.example"];
    let moved = usual.moving;
    assert!(matches!(contoso.moving, Moving::RequireFrom(_)) && moved == Moving::Keep);
    assert!(contoso.webfinger && !usual.webfinger);
    let as_usual = Policy {
        codes: true,
        webfinger: false,
        moving: moved,
        ..contoso.clone()
    };
    assert_eq!(&as_usual, usual);
    let fabrikam = &policies.domains["fabrikam.example"];
    assert_eq!(fabrikam.order, [UpstreamKind::Tenant]);
    assert_eq!((fabrikam.codes, fabrikam.moving), (true, Moving::Keep));
}
