//! Tenants that speak SAML, as they are declared.

use domain::upstream::{Connection, SamlConnection, SamlMetadata};

use super::{ConfigRefused, Folder, GOOD, Loaded, Purpose};

const CONTOSO: &str = "[[tenant]]\nname = \"contoso\"\ndomains = [\"contoso.example\"]\n[tenant.saml]\n";
const ENTITY: &str = "entity_id = \"https://login.contoso.example/saml\"\n";

fn load(text: &str) -> Result<Loaded, ConfigRefused> {
    Folder::new().load(&format!("{GOOD}\n{CONTOSO}{text}"), Purpose::Serve)
}

fn connection(text: &str) -> SamlConnection {
    let loaded = load(text).unwrap_or_else(|refused| panic!("{refused}"));
    match loaded.settings.upstreams.tenants[0].connection.clone() {
        Some(Connection::Saml(saml)) => saml,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_tenant_that_speaks_saml() {
    let url = "https://login.contoso.example/metadata?id=7";
    let least = connection(&format!("{ENTITY}metadata_url = \"{url}\"\n"));
    let expected = SamlConnection {
        entity_id: "https://login.contoso.example/saml".into(),
        metadata: SamlMetadata::Url(url.into()),
        subject: None,
        email: None,
        name: None,
        trusts_mfa: false,
        mfa_contexts: domain::upstream::usual_mfa_contexts(),
        encryption: true,
    };
    assert_eq!(least, expected);
    let folder = Folder::new();
    let file = folder.write("contoso.xml", "<EntityDescriptor/>", 0o644);
    let text = format!(
        "{GOOD}\n{CONTOSO}{ENTITY}metadata = \"file:{}\"\nsubject_attribute = \"number\"\nemail_attribute = \"mail\"\n\
         name_attribute = \"cn\"\ntrust_mfa = true\nmfa_contexts = [\"urn:a\"]\n",
        file.display()
    );
    let loaded = folder
        .load(&text, Purpose::Serve)
        .unwrap_or_else(|refused| panic!("{refused}"));
    let whole = SamlConnection {
        metadata: SamlMetadata::Document("<EntityDescriptor/>".into()),
        subject: Some("number".into()),
        email: Some("mail".into()),
        name: Some("cn".into()),
        trusts_mfa: true,
        mfa_contexts: vec!["urn:a".into()],
        encryption: true,
        ..expected
    };
    let found = loaded.settings.upstreams.tenants[0].connection.clone();
    assert_eq!(found, Some(Connection::Saml(whole)));
}

#[test]
fn what_is_wrong_is_said() {
    let url = "metadata_url = \"https://login.contoso.example/metadata\"\n";
    for (text, said) in [
        (
            url.to_owned(),
            "`saml.entity_id` of tenant \"contoso\" is missing",
        ),
        (
            ENTITY.to_owned(),
            "`saml.metadata_url` of tenant \"contoso\" is missing, and so is `metadata`",
        ),
        (
            format!("{ENTITY}{url}metadata = \"<EntityDescriptor/>\"\n"),
            "`saml.metadata` of tenant \"contoso\" is there beside `metadata_url`",
        ),
        (
            format!("{ENTITY}metadata_url = \"http://login.contoso.example\"\n"),
            "`saml.metadata_url` of tenant \"contoso\" is not https",
        ),
        (
            format!("{ENTITY}{url}subject_attribute = \"mail\"\n"),
            "holds an address: one day it is somebody else's",
        ),
        (
            format!("{ENTITY}{url}[tenant.oidc]\nissuer = \"https://a.example\"\nclient_id = \"a\"\n"),
            "`saml` of tenant \"contoso\" is there beside `oidc`",
        ),
        (
            format!("{ENTITY}{url}scopes = []\n"),
            "unknown setting `saml.scopes` of tenant \"contoso\"",
        ),
    ] {
        let refused = load(&text).unwrap_err().to_string();
        assert!(refused.contains(said), "{said}: {refused}");
    }
}

#[test]
fn it_can_be_switched_off() {
    let on = load(&format!("{ENTITY}metadata_url = \"https://a.example\"\n")).unwrap();
    assert!(on.settings.web.saml);
    let off = load(&format!(
        "{ENTITY}metadata_url = \"https://a.example\"\n[saml]\nenabled = false\n"
    ));
    assert!(!off.unwrap().settings.web.saml);
}
