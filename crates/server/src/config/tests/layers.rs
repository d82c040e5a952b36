//! What goes before what.

use super::*;

fn lifetime(loaded: &Loaded) -> i64 {
    loaded.settings.web.passcode.lifetime.num_minutes()
}

#[test]
fn flags_go_before_variables_before_files_before_defaults() {
    let folder = Folder::new();
    let base = folder.write(
        "base.toml",
        &format!("{GOOD}\n[code]\nlifetime = \"20m\"\ntries = 3\n"),
        0o600,
    );
    let over = folder.write("over.toml", "[code]\nlifetime = \"15m\"\n", 0o600);
    let mut sources = Sources {
        files: vec![base],
        ..Sources::default()
    };
    assert_eq!(lifetime(&load(&sources, Purpose::Serve).unwrap()), 20);
    sources.files.push(over);
    let loaded = load(&sources, Purpose::Serve).unwrap();
    assert_eq!((lifetime(&loaded), loaded.settings.web.passcode.tries), (15, 3));
    sources.environment = environment(&[("VESTIBULE_CODE__LIFETIME", "10m")]);
    assert_eq!(lifetime(&load(&sources, Purpose::Serve).unwrap()), 10);
    sources.flags.push(Flag {
        name: "--lifetime",
        key: "code.lifetime",
        value: "5m".into(),
    });
    let loaded = load(&sources, Purpose::Serve).unwrap();
    assert_eq!(lifetime(&loaded), 5);
    let entry = loaded
        .entries
        .iter()
        .find(|entry| entry.key == "code.lifetime")
        .unwrap();
    assert_eq!(entry.origin, Some(Origin::Flag("--lifetime")));
    assert_eq!(entry.value.as_deref(), Some("\"5m\""));
}

#[test]
fn variables_of_every_kind() {
    let folder = Folder::new();
    let loaded = folder
        .load_with(
            GOOD,
            &[
                ("VESTIBULE_ORGANISATION__NAME", "Acme"),
                ("VESTIBULE_CODE__TRIES", "4"),
                ("VESTIBULE_SESSION__SHARED_COMPUTER_BOX", "false"),
                ("VESTIBULE_SERVER__TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8"),
                ("VESTIBULE_MAIL__REPLY_TO", ""),
                ("UNRELATED", "x"),
            ],
            Purpose::Serve,
        )
        .unwrap();
    let settings = loaded.settings.web;
    assert_eq!(settings.organisation, "Acme");
    assert_eq!(settings.passcode.tries, 4);
    assert!(!settings.session.shared_computer_box);
    let proxies: Vec<String> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["127.0.0.1/32", "10.0.0.0/8"]);
    assert!(loaded.settings.mail.reply_to.is_none());
}

#[test]
fn a_variable_may_name_a_file() {
    let folder = Folder::new();
    let file = folder.write("db.url", "postgres://u:p@localhost/v\n", 0o600);
    let file = file.display().to_string();
    let by_file = ("VESTIBULE_DATABASE__URL_FILE", file.as_str());
    let loaded = folder.load_with(GOOD, &[by_file], Purpose::Serve).unwrap();
    assert_eq!(loaded.settings.store.url, "postgres://u:p@localhost/v");
    assert!(!loaded.settings.auto_migrate, "PostgreSQL is migrated by hand");
    let shown = loaded
        .entries
        .iter()
        .find(|entry| entry.key == "database.url")
        .unwrap();
    assert_eq!(shown.value.as_deref(), Some("\"postgres://u:•••@localhost/v\""));

    let both = [by_file, ("VESTIBULE_DATABASE__URL", "sqlite:x.db")];
    let refused = folder
        .load_with(GOOD, &both, Purpose::Serve)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("VESTIBULE_DATABASE__URL and VESTIBULE_DATABASE__URL_FILE are both set"),
        "{refused}"
    );

    let missing = [("VESTIBULE_DATABASE__URL_FILE", "/nowhere")];
    let refused = folder
        .load_with(GOOD, &missing, Purpose::Serve)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("names /nowhere, which cannot be read"),
        "{refused}"
    );

    // A setting whose own name ends so.
    let ca = folder.write("ca.pem", "-", 0o644).display().to_string();
    let own = [("VESTIBULE_MAIL__SMTP__CA_FILE", ca.as_str())];
    let loaded = folder.load_with(GOOD, &own, Purpose::Serve).unwrap();
    assert_eq!(
        loaded.settings.mail.smtp.unwrap().ca_file,
        Some(PathBuf::from(ca))
    );
}

#[test]
fn every_setting_that_ends_in_file_is_known_to_the_environment() {
    let folder = Folder::new();
    let entries = folder.load(GOOD, Purpose::Serve).unwrap().entries;
    let named_file: Vec<&str> = entries
        .iter()
        .map(|entry| entry.key.as_str())
        .filter(|key| key.ends_with("_file"))
        .collect();
    assert_eq!(
        named_file,
        ["mail.smtp.ca_file", "egress.ca_file"],
        "see `environment::NAMED_FILE`"
    );
}

#[test]
fn a_kubernetes_service_called_vestibule_does_no_harm() {
    let folder = Folder::new();
    let links = [
        ("VESTIBULE_SERVICE_HOST", "10.0.0.1"),
        ("VESTIBULE_SERVICE_PORT", "80"),
        ("VESTIBULE_SERVICE_PORT_HTTP", "80"),
        ("VESTIBULE_PORT", "tcp://10.0.0.1:80"),
        ("VESTIBULE_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];
    assert!(folder.load_with(GOOD, &links, Purpose::Serve).is_ok());
}

#[test]
fn files_by_variable_and_fragments_beside_a_file() {
    let folder = Folder::new();
    let first = folder.write("vestibule.toml", GOOD, 0o600);
    folder.write("vestibule.d/20-late.toml", "[code]\nlifetime = \"5m\"\n", 0o600);
    folder.write(
        "vestibule.d/10-early.toml",
        "[code]\nlifetime = \"6m\"\ntries = 2\n",
        0o600,
    );
    folder.write("vestibule.d/readme.txt", "not read", 0o600);
    let second = folder.write("second.toml", "[session]\nlifetime = \"1h\"\n", 0o600);
    let list = format!("{}:{}", first.display(), second.display());
    let sources = Sources {
        environment: environment(&[("VESTIBULE_CONFIG", &list)]),
        ..Sources::default()
    };
    let loaded = load(&sources, Purpose::Serve).unwrap();
    assert_eq!((lifetime(&loaded), loaded.settings.web.passcode.tries), (5, 2));
    assert_eq!(loaded.settings.web.session.lifetime.num_hours(), 1);
}

#[test]
fn paths_count_from_the_file_that_names_them() {
    let folder = Folder::new();
    let loaded = folder
        .load(
            &format!("{GOOD}\n[database]\nurl = \"sqlite:data/v.db?mode=rwc\"\n"),
            Purpose::Serve,
        )
        .unwrap();
    let expected = format!("sqlite:{}?mode=rwc", folder.path("data/v.db").display());
    assert_eq!(loaded.settings.store.url, expected);
    let absolute = format!("{GOOD}\n[database]\nurl = \"sqlite:///var/lib/v.db\"\n");
    assert_eq!(
        folder.load(&absolute, Purpose::Serve).unwrap().settings.store.url,
        "sqlite:/var/lib/v.db"
    );
}

#[test]
fn the_usual_places() {
    let places = files::usual_places(&environment(&[("HOME", "/home/lee")]));
    let expected = [
        "vestibule.toml",
        "/home/lee/.config/vestibule/vestibule.toml",
        "/etc/vestibule/vestibule.toml",
    ];
    assert_eq!(places, expected.map(PathBuf::from));
    let places = files::usual_places(&environment(&[
        ("HOME", "/home/lee"),
        ("XDG_CONFIG_HOME", "/cfg"),
    ]));
    assert_eq!(places[1], PathBuf::from("/cfg/vestibule/vestibule.toml"));
}
