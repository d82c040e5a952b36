//! Configurations as operators write them, and what Vestibule says of them.

mod errors;
mod layers;
mod providers;
mod saml;
mod secrets;
mod upstreams;

use std::path::PathBuf;

use domain::limits::LimitName;

use super::*;

/// A folder with a configuration of its own.
struct Folder(tempfile::TempDir);

const KEY: &str = "8f1d3c5b7a9e0f2d4c6b8a0e1f3d5c7b9a0e2f4d6c8b0a1e3f5d7c9b0a2e4f60";

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        folder.write("master.key", KEY, 0o600);
        folder
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, text: &str, mode: u32) -> PathBuf {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    /// Loads `text` as the only file.
    fn load(&self, text: &str, purpose: Purpose) -> Result<Loaded, ConfigRefused> {
        self.load_with(text, &[], purpose)
    }

    fn load_with(
        &self,
        text: &str,
        variables: &[(&str, &str)],
        purpose: Purpose,
    ) -> Result<Loaded, ConfigRefused> {
        let sources = Sources {
            files: vec![self.write("vestibule.toml", text, 0o600)],
            environment: environment(variables),
            flags: Vec::new(),
        };
        load(&sources, purpose)
    }
}

fn environment(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// A configuration that `serve` takes.
const GOOD: &str = r#"
public_url = "https://login.acme.example"
[secrets]
master_key = "file:master.key"
[mail]
from = "Acme <signin@mail.acme.example>"
smtp = { url = "smtps://smtp.acme.example" }
"#;

/// What must be there.
const LEAST: &[(&str, &str)] = &[
    ("VESTIBULE_PUBLIC_URL", "https://login.acme.example"),
    ("VESTIBULE_SECRETS__MASTER_KEY", KEY),
];

#[test]
fn a_short_file_is_enough() {
    let folder = Folder::new();
    let loaded = folder.load(GOOD, Purpose::Serve).unwrap();
    let settings = loaded.settings;
    assert_eq!(settings.web.issuer.as_str(), "https://login.acme.example");
    assert_eq!(settings.web.organisation, "login.acme.example");
    assert_eq!(settings.web.passcode, domain::passcode::PasscodePolicy::default());
    assert_eq!(settings.web.limits, domain::limits::Limits::default());
    assert_eq!(settings.web.keys, domain::key_rotation::RotationPolicy::default());
    assert_eq!(settings.web.resolution, method_resolution::Policies::default());
    assert_eq!(settings.web.invitation_lifetime, chrono::TimeDelta::days(30));
    assert_eq!(settings.mail.from.name.as_deref(), Some("Acme"));
    let smtp = settings.mail.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port), ("smtp.acme.example", 465));
    assert!(settings.auto_migrate);
    assert!(!settings.web.dev);
    // Beside the file only when the file says where it is.
    assert_eq!(settings.store.url, "sqlite:vestibule.db");
}

/// What a subscriber's networks may do together follows what one may, unless it is set.
#[test]
fn a_site_may_do_eight_times_what_a_network_may() {
    let folder = Folder::new();
    for (more, network, site) in [
        ("", 30, 240),
        ("wrong_per_network_hour = 3", 3, 24),
        ("wrong_per_network_hour = 3\nwrong_per_site_hour = 240", 3, 240),
        ("wrong_per_site_hour = 24", 30, 24),
    ] {
        let loaded = folder
            .load(&format!("{GOOD}\n[limits]\n{more}\n"), Purpose::Serve)
            .unwrap();
        let limits = loaded.settings.web.limits;
        let of = |name: LimitName| limits[name].max;
        let both = (
            of(LimitName::WrongPerNetworkHour),
            of(LimitName::WrongPerSiteHour),
        );
        assert_eq!(both, (network, site), "{more}");
    }
}

#[test]
fn rules_of_a_guests_life_are_read_in_their_order() {
    use domain::guest_rule::{GuestRule, RuleAct, RuleCondition};

    let text = "[guests]\nrestorable_for = \"7d\"\n[[guests.rule]]\nwhen = \"inactive\"\nafter = \"180d\"\n\
                [[guests.rule]]\nwhen = \"unassigned\"\nafter = \"30d\"\nnotice = \"0s\"\naction = \"block\"";
    let loaded = Folder::new().load(&format!("{GOOD}\n{text}"), Purpose::Serve);
    let read = loaded.unwrap().settings;
    assert_eq!(read.web.removed_kept_for, chrono::TimeDelta::days(7));
    let rule = |when, after, notice, act| GuestRule {
        when,
        after: chrono::TimeDelta::days(after),
        notice: chrono::TimeDelta::days(notice),
        act,
    };
    assert_eq!(
        read.web.guest_rules,
        [
            rule(RuleCondition::Inactive, 180, 14, RuleAct::Remove),
            rule(RuleCondition::Unassigned, 30, 0, RuleAct::Block)
        ]
    );
}

#[test]
fn the_example_equals_the_defaults() {
    let load = |files: Vec<PathBuf>| {
        let sources = Sources {
            files,
            environment: environment(LEAST),
            flags: Vec::new(),
        };
        load(&sources, Purpose::Manage).unwrap()
    };
    let folder = Folder::new();
    let empty = folder.write("empty.toml", "", 0o600);
    let example = folder.write("example.toml", EXAMPLE, 0o600);
    let values = |loaded: &Loaded| -> Vec<(String, Option<String>)> {
        loaded
            .entries
            .iter()
            .map(|entry| (entry.key.clone(), entry.value.clone()))
            .collect()
    };
    assert_eq!(values(&load(vec![example])), values(&load(vec![empty])));
    for file in [include_str!("example.toml"), include_str!("example_lists.toml")] {
        assert!(file.lines().count() <= 130);
    }
    assert!(EXAMPLE.lines().all(|line| line.len() <= 125), "fits a terminal");
}

#[test]
fn the_example_names_every_setting() {
    let folder = Folder::new();
    let heads = ["[[", "[tenant", "[provider"];
    // Every commented setting, uncommented, and with files that are there.
    let mut text = String::new();
    for line in EXAMPLE.lines() {
        let line = line
            .strip_prefix("# ")
            .filter(|rest| rest.contains(" = ") || heads.iter().any(|head| rest.starts_with(head)))
            .unwrap_or(line);
        text.push_str(&line.replace("/etc/vestibule/", ""));
        text.push('\n');
    }
    folder.write("tls/fullchain.pem", "-", 0o600);
    folder.write("tls/privkey.pem", "-", 0o600);
    folder.write("smtp.password", "secret", 0o600);
    folder.write("smtp-ca.pem", "-", 0o600);
    folder.write(
        "dkim.pem",
        &format!("{}\n", data_encoding::BASE64.encode(&[9; 32])),
        0o600,
    );
    let secret = [("CONTOSO_SECRET", "hunter2"), ("GITHUB_SECRET", "hunter2")];
    let loaded = folder.load_with(&text, &secret, Purpose::Serve).unwrap();
    // What the first section of a kind names, the others need not.
    let first = |key: &str| key.replace("[1]", "[0]");
    let named = |key: &str| {
        let mut entries = loaded.entries.iter();
        entries.any(|entry| entry.key == first(key) && entry.origin.is_some())
    };
    let missing: Vec<&str> = loaded
        .entries
        .iter()
        .filter(|entry| entry.origin.is_none() && !named(&entry.key))
        .map(|entry| entry.key.as_str())
        .collect();
    assert!(missing.is_empty(), "not in example.toml: {missing:?}");
}

#[test]
fn the_profile_sets_several_numbers_at_once() {
    let folder = Folder::new();
    let settings = |text: &str| {
        folder
            .load(&format!("{GOOD}\n{text}"), Purpose::Serve)
            .unwrap()
            .settings
    };
    let strict = settings("[code]\nprofile = \"asvs-l2\"");
    assert_eq!(strict.web.passcode.lifetime, chrono::TimeDelta::minutes(10));
    assert_eq!(strict.web.invitation_lifetime, chrono::TimeDelta::days(14));
    let own = settings("[code]\nprofile = \"asvs-l2\"\nlifetime = \"5m\"\n[invitations]\nlifetime = \"7d\"");
    assert_eq!(own.web.passcode.lifetime, chrono::TimeDelta::minutes(5));
    assert_eq!(own.web.invitation_lifetime, chrono::TimeDelta::days(7));
}

#[test]
fn remarks_are_made_and_do_not_refuse() {
    let folder = Folder::new();
    let text = GOOD.replace("file:master.key", KEY) + "[session]\nlifetime = \"7d\"\n";
    let loaded = folder.load(&text, Purpose::Serve).unwrap();
    let about: Vec<(&str, Severity)> = loaded
        .remarks
        .iter()
        .map(|remark| (remark.key.as_deref().unwrap(), remark.severity))
        .collect();
    for expected in [
        ("secrets.master_key", Severity::Warning),
        ("session.lifetime", Severity::Warning),
        ("server.trusted_proxies", Severity::Warning),
        ("code.lifetime", Severity::Note),
        ("help.email", Severity::Note),
    ] {
        assert!(about.contains(&expected), "{expected:?} is missing in {about:?}");
    }
    assert!(
        about.is_sorted_by_key(|(_, severity)| std::cmp::Reverse(*severity)),
        "worst first"
    );
}

#[test]
fn development_stays_on_this_machine() {
    let folder = Folder::new();
    let text = |url: &str| format!("public_url = \"{url}\"\n[secrets]\nmaster_key = \"file:master.key\"\n");
    for url in [
        "http://localhost:8080",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://a.localhost",
    ] {
        let loaded = folder.load(&text(url), Purpose::Dev).unwrap();
        assert!(loaded.settings.web.dev);
        assert!(loaded.settings.mail.smtp.is_none());
        // Commands work on such a database as well.
        assert!(folder.load(&text(url), Purpose::Manage).is_ok());
        assert!(folder.load(&text(url), Purpose::Serve).is_err());
    }
    for url in [
        "https://login.acme.example",
        "http://192.168.1.7:8080",
        "http://localhost.acme.example",
    ] {
        assert!(folder.load(&text(url), Purpose::Dev).is_err(), "{url}");
    }
    let production = [("VESTIBULE_ENV", "production")];
    let refused = folder.load_with(&text("http://localhost:8080"), &production, Purpose::Dev);
    assert!(
        refused
            .unwrap_err()
            .to_string()
            .contains("VESTIBULE_ENV is production")
    );
}
