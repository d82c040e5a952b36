use domain::upstream::Declaration;

use super::*;

fn load(text: &str) -> Result<Loaded, Refused> {
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
            "`tenant[1].domains` holds x.example, which leads to \"a\" already",
            "in one of them",
        ),
        (
            "[[provider]]\nname = \"a\"\naddresses = [\"A@x.example\"]\n[[provider]]\nname = \"b\"\n\
             addresses = [\"a@x.example\"]",
            "`provider[1].addresses` holds a@x.example, which leads to \"a\" already",
            "in one of them",
        ),
        (
            "[[tenant]]\nname = \"a\"\ndomains = [\"outlook.com\"]",
            "`tenant[0].domains` holds outlook.com, whose addresses are people's own accounts at Microsoft",
            "[[provider]]",
        ),
        (
            "[[tenant]]\nname = \"a\"\ndomain = \"a.example\"",
            "unknown setting `tenant[0].domain`",
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
