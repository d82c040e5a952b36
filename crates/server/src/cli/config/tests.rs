use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::{
    cli::Global,
    config::{Sources, load},
};

fn context() -> Context {
    Context::new(Global {
        config: Vec::new(),
        output: super::super::OutputForm::Table,
        quiet: true,
        yes: false,
    })
}

#[test]
fn init_writes_a_configuration_that_serves_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let args = InitArgs {
        directory: folder.path().join("new"),
        public_url: "https://login.contoso.example".into(),
    };
    init(&args, &context()).unwrap();
    let (file, key) = (
        args.directory.join("vestibule.toml"),
        args.directory.join("master.key"),
    );
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&key), 0o600);
    assert_eq!(mode(&file) & 0o007, 0, "nobody else reads it");

    let sources = Sources {
        files: vec![file.clone()],
        environment: [("SMTP_PASSWORD".to_owned(), "x".to_owned())].into(),
        flags: Vec::new(),
    };
    let loaded = load(&sources, Purpose::Serve).unwrap();
    assert_eq!(
        loaded.settings.web.issuer.as_str(),
        "https://login.contoso.example"
    );

    let before = std::fs::read_to_string(&key).unwrap();
    let refused = init(&args, &context()).unwrap_err();
    assert_eq!(refused.code(), 1);
    assert!(refused.to_string().contains("it was not overwritten"));
    std::fs::remove_file(&file).unwrap();
    assert!(
        init(&args, &context()).is_err(),
        "the key alone is enough to stop it"
    );
    assert_eq!(std::fs::read_to_string(&key).unwrap(), before);
}

#[test]
fn what_show_prints_is_a_configuration_again() {
    let folder = tempfile::tempdir().unwrap();
    let args = InitArgs {
        directory: folder.path().to_owned(),
        public_url: "https://login.contoso.example".into(),
    };
    init(&args, &context()).unwrap();
    let written = folder.path().join("vestibule.toml");
    let sections = "\n[[tenant]]\nname = \"contoso\"\ndomains = [\"contoso.example\"]\n\
                    [tenant.oidc]\nissuer = \"https://login.contoso.example\"\nclient_id = \"acme\"\n\n\
                    [[provider]]\nname = \"google\"\naddresses = [\"boss@contoso.example\"]\n\n\
                    [[provider]]\nname = \"apple\"\n";
    let text = std::fs::read_to_string(&written).unwrap() + sections;
    std::fs::write(&written, text).unwrap();
    let mut sources = Sources {
        files: vec![written],
        environment: [("SMTP_PASSWORD".to_owned(), "hunter2".to_owned())].into(),
        flags: Vec::new(),
    };
    let entries = load(&sources, Purpose::Manage).unwrap().entries;
    let shown = as_toml(&entries);
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(
        shown.contains("[mail.smtp]\nurl = \"smtps://smtp.acme.example:465\""),
        "{shown}"
    );
    assert!(
        shown.contains("[tenant.oidc]\nissuer = \"https://login.contoso.example\""),
        "{shown}"
    );
    assert_eq!(shown.matches("[[provider]]\n").count(), 2, "{shown}");

    // Secrets are comments there, so they come from elsewhere.
    let again = folder.path().join("again.toml");
    std::fs::write(&again, &shown).unwrap();
    let key = folder.path().join("master.key").display().to_string();
    sources.files = vec![again];
    sources
        .environment
        .insert("VESTIBULE_SECRETS__MASTER_KEY_FILE".into(), key);
    sources
        .environment
        .insert("VESTIBULE_MAIL__SMTP__PASSWORD".into(), "hunter2".into());
    let entries = load(&sources, Purpose::Serve).unwrap().entries;
    assert_eq!(as_toml(&entries), shown);
}
