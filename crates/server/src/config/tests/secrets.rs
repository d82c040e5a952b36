//! Secrets: where they may come from, what is refused, and that none is ever said.

use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

use super::*;

fn with_key(reference: &str) -> String {
    GOOD.replace("file:master.key", reference)
}

#[test]
fn the_master_key_in_every_spelling_and_from_every_place() {
    let folder = Folder::new();
    let bytes = HEXLOWER.decode(KEY.as_bytes()).unwrap();
    let expected = folder.load(GOOD, Purpose::Serve).unwrap().settings.master_keys;
    let upper = HEXUPPER.encode(&bytes);
    for text in [
        KEY.to_owned(),
        // A byte order mark, as some editors write it.
        format!("\u{feff}{KEY}"),
        upper,
        BASE64URL_NOPAD.encode(&bytes),
        BASE64.encode(&bytes),
    ] {
        folder.write("other.key", &format!("{text}\n"), 0o400);
        let keys = folder
            .load(&with_key("file:other.key"), Purpose::Serve)
            .unwrap()
            .settings
            .master_keys;
        assert_eq!(
            keys.current().id(),
            expected.current().id(),
            "{} characters",
            text.len()
        );
    }
    let by_name = folder.load_with(&with_key("env:OUR_KEY"), &[("OUR_KEY", KEY)], Purpose::Serve);
    assert_eq!(
        by_name.unwrap().settings.master_keys.current().id(),
        expected.current().id()
    );
    let directory = folder.0.path().display().to_string();
    let by_systemd = folder.load_with(
        &with_key("systemd-credential:master.key"),
        &[("CREDENTIALS_DIRECTORY", &directory)],
        Purpose::Serve,
    );
    assert_eq!(
        by_systemd.unwrap().settings.master_keys.current().id(),
        expected.current().id()
    );
}

#[test]
fn what_is_no_master_key() {
    let folder = Folder::new();
    folder.write("short.key", "abcdef", 0o600);
    folder.write("empty.key", "\n", 0o600);
    folder.write("zero.key", &"00".repeat(32), 0o600);
    folder.write("open.key", KEY, 0o644);
    for (reference, expected) in [
        ("file:short.key", "is not 32 bytes"),
        ("file:empty.key", "which is empty"),
        ("file:zero.key", "is one byte, repeated"),
        ("file:open.key", "which every user of this machine can read"),
        ("file:nowhere.key", "cannot be read"),
        ("env:NOBODY_SET_THIS", "NOBODY_SET_THIS, which is not set"),
        ("systemd-credential:k", "CREDENTIALS_DIRECTORY is not set"),
        ("hunter2", "is not 32 bytes"),
        ("", "is empty"),
    ] {
        let refused = folder
            .load(&with_key(reference), Purpose::Serve)
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("`secrets.master_key`") && refused.contains(expected),
            "{reference}\n{refused}"
        );
        assert!(
            !refused.contains("hunter2"),
            "a secret is in the message: {refused}"
        );
    }
    let refused = folder
        .load(&with_key("file:open.key"), Purpose::Serve)
        .unwrap_err()
        .to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
}

#[test]
fn a_world_readable_key_is_refused_when_a_variable_names_it_as_well() {
    let folder = Folder::new();
    let open = folder.write("open.key", KEY, 0o644).display().to_string();
    let text = GOOD.replace("[secrets]\nmaster_key = \"file:master.key\"", "");
    let variables = [("VESTIBULE_SECRETS__MASTER_KEY_FILE", open.as_str())];
    let refused = folder
        .load_with(&text, &variables, Purpose::Serve)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("which every user of this machine can read"),
        "{refused}"
    );
    let key = folder.path("master.key").display().to_string();
    let variables = [("VESTIBULE_SECRETS__MASTER_KEY_FILE", key.as_str())];
    assert!(folder.load_with(&text, &variables, Purpose::Serve).is_ok());
}

#[test]
fn older_master_keys_stay_known() {
    let folder = Folder::new();
    folder.write(
        "older.key",
        &HEXLOWER.encode(&[5; 31].iter().copied().chain([6]).collect::<Vec<u8>>()),
        0o600,
    );
    let text = GOOD.replace(
        "master_key = \"file:master.key\"",
        "master_key = \"file:master.key\"\nolder_master_keys = [\"file:older.key\"]",
    );
    let keys = folder.load(&text, Purpose::Serve).unwrap().settings.master_keys;
    let mut bytes = [5; 32];
    bytes[31] = 6;
    let older = domain::master_key::MasterKey::new(bytes);
    assert!(keys.get(older.id()).is_some());
    assert_ne!(keys.current().id(), older.id());
}

#[test]
fn no_secret_is_shown() {
    let folder = Folder::new();
    let text = GOOD.replace(
        "{ url = \"smtps://smtp.acme.example\" }",
        "{ url = \"smtps://smtp.acme.example\", username = \"u\", password = \"hunter2\" }",
    ) + "[database]\nurl = \"postgres://u:hunter3@localhost/v\"\n";
    let loaded = folder.load(&text, Purpose::Serve).unwrap();
    let everything = format!("{:?} {:?}", loaded.entries, loaded.remarks);
    for secret in ["hunter2", "hunter3", KEY] {
        assert!(!everything.contains(secret), "{secret}");
    }
    let (settings, remarks) = (
        format!("{:?}", loaded.settings.mail),
        format!("{:?}", loaded.settings.master_keys),
    );
    assert!(!settings.contains("hunter2") && !remarks.contains(KEY));
    assert!(
        loaded
            .remarks
            .iter()
            .any(|remark| remark.key.as_deref() == Some("mail.smtp.password"))
    );
}

#[test]
fn dkim_keys() {
    let folder = Folder::new();
    let seed = [3; 32];
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ];
    der.extend(seed);
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        BASE64.encode(&der)
    );
    let rsa = include_str!("../../mail/tests/dkim_rsa.pem");
    folder.write("pkcs8.pem", &pem, 0o600);
    folder.write("seed.b64", &BASE64.encode(&seed), 0o600);
    folder.write("rsa.pem", rsa, 0o600);
    folder.write(
        "cert.pem",
        "-----BEGIN CERTIFICATE-----\nMII=\n-----END CERTIFICATE-----",
        0o600,
    );
    let load = |file: &str, domain: &str| {
        let dkim = format!("[mail.dkim]\ndomain = \"{domain}\"\nselector = \"v1\"\nkey = \"file:{file}\"\n");
        folder.load(&format!("{GOOD}\n{dkim}"), Purpose::Serve)
    };
    for file in ["pkcs8.pem", "seed.b64"] {
        let dkim = load(file, "mail.acme.example")
            .unwrap()
            .settings
            .mail
            .dkim
            .unwrap();
        let settings::DkimKey::Ed25519(found) = dkim.key else {
            panic!("{file} is Ed25519")
        };
        assert_eq!(found.expose(), &seed, "{file}");
    }
    let dkim = load("rsa.pem", "acme.example")
        .unwrap()
        .settings
        .mail
        .dkim
        .unwrap();
    assert!(matches!(dkim.key, settings::DkimKey::Rsa(_)));
    assert_eq!(dkim.domain, "acme.example");
    folder.write("broken.pem", &rsa.replace("MII", "MIJ"), 0o600);
    for file in ["cert.pem", "broken.pem"] {
        let refused = load(file, "mail.acme.example").unwrap_err().to_string();
        assert!(
            refused.contains("`mail.dkim.key` is neither"),
            "{file}: {refused}"
        );
    }
    let elsewhere = load("rsa.pem", "other.example").unwrap();
    assert!(
        elsewhere
            .remarks
            .iter()
            .any(|remark| remark.key.as_deref() == Some("mail.dkim.domain"))
    );
}
