//! Providers of personal accounts that are unlike the others: OAuth 2.0 alone, and Apple.

use domain::upstream::{ClientAuthentication, Connection, Oauth2Kind};

use super::{upstreams::CONTOSO, *};

fn load(text: &str) -> Result<Loaded, ConfigRefused> {
    Folder::new().load(&format!("{GOOD}\n{text}"), Purpose::Serve)
}

#[test]
fn a_provider_that_speaks_oauth_2_alone() {
    const GITHUB: &str =
        "[[provider]]\nname = \"github\"\naddresses = [\"anna@contoso.example\"]\n[provider.oauth2]\n";
    let loaded = load(&format!(
        "{GITHUB}client_id = \"acme\"\nclient_secret = \"hunter2\"\n"
    ));
    let loaded = loaded.unwrap();
    let provider = &loaded.settings.upstreams.providers[0];
    assert_eq!(provider.display_name, "GitHub");
    let Some(Connection::Oauth2(github)) = &provider.connection else {
        panic!("{:?}", provider.connection);
    };
    assert_eq!(github.endpoints, Oauth2Kind::GitHub.endpoints());
    assert_eq!(github.client_secret.expose(), "hunter2");
    assert!(!format!("{loaded:?}").contains("hunter2"));

    let enterprise = GITHUB.replace("github", "hub");
    let loaded = load(&format!(
        "{enterprise}kind = \"github\"\nclient_id = \"acme\"\nclient_secret = \"hunter2\"\n\
         authorization_endpoint = \"https://hub.acme.example/login/oauth/authorize\"\n\
         token_endpoint = \"https://hub.acme.example/login/oauth/access_token\"\napi = \"https://hub.acme.example/api/v3/\"\n"
    ));
    let Some(Connection::Oauth2(hub)) = loaded.unwrap().settings.upstreams.providers[0].connection.clone()
    else {
        panic!("no connection by OAuth 2");
    };
    assert_eq!(hub.issuer(), "https://hub.acme.example/api/v3");

    for (text, said) in [
        (
            GITHUB.to_owned(),
            "`oauth2.client_id` of provider \"github\" is missing",
        ),
        (
            format!("{GITHUB}client_id = \"acme\""),
            "`oauth2.client_secret` of provider \"github\" is missing",
        ),
        (
            format!("{enterprise}client_id = \"a\"\nclient_secret = \"b\""),
            "`oauth2.kind` of provider \"hub\" is missing",
        ),
        (
            format!("{enterprise}kind = \"gitlab\"\nclient_id = \"a\"\nclient_secret = \"b\""),
            "`oauth2.kind` of provider \"hub\" is \"gitlab\"",
        ),
        (
            format!("{GITHUB}client_id = \"a\"\nclient_secret = \"b\"\napi = \"http://api.example\""),
            "is not https",
        ),
        (
            format!(
                "{GITHUB}client_id = \"a\"\nclient_secret = \"b\"\n[provider.oidc]\nissuer = \"https://a.example\""
            ),
            "is there beside `oidc`",
        ),
        (
            format!("{GITHUB}client_id = \"a\"\nclient_secret = \"b\"\ntrust_mfa = true"),
            "trust_mfa",
        ),
    ] {
        let refused = load(&text).unwrap_err().to_string();
        assert!(refused.contains(said), "{text}: {refused}");
    }
    // A tenant speaks OpenID Connect.
    let tenant = format!(
        "{CONTOSO}issuer = \"https://a.example\"\nclient_id = \"a\"\n[tenant.oauth2]\nkind = \"github\""
    );
    assert!(load(&tenant).unwrap_err().to_string().contains("oauth2"));
}

#[test]
fn apple_takes_a_key_and_a_team() {
    const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxgNSkBwAUBcRkYZM\n\
        zwJd89Jy2Om5Qn9FkpqPMqhdPVKhRANCAATL25cZyiI6d2/m/BCLggrfPTDQatzP\nP9KlJqsb14b4Z2P87EcGKqTzJeU/aWVFaWszjGMIvd8jmkrqwjW4CdTX\n\
        -----END PRIVATE KEY-----\n";
    const ED25519: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIBZUPZ2yZbe39P7+ijeLuhbdDR7v0pNr8WrTJL1S/A4m\n\
        -----END PRIVATE KEY-----\n";
    const APPLE: &str = "[[provider]]\nname = \"apple\"\n[provider.oidc]\nclient_id = \"example.acme\"\n";
    let folder = Folder::new();
    let load = |more: &str, key: &str| {
        let text = format!("{GOOD}\n{APPLE}client_key = \"env:KEY\"\n{more}\n");
        folder.load_with(&text, &[("KEY", key)], Purpose::Serve)
    };
    let loaded = load("client_key_id = \"ABC\"\nteam_id = \"TEAM\"", KEY).unwrap();
    let Some(Connection::Oidc(apple)) = loaded.settings.upstreams.providers[0].connection.clone() else {
        panic!("no connection by OpenID Connect");
    };
    assert_eq!(apple.issuer, "https://appleid.apple.com");
    assert!(matches!(apple.client_auth, ClientAuthentication::AppleSecret { team, .. } if team == "TEAM"));
    for (more, key, said) in [
        (
            "team_id = \"TEAM\"",
            KEY,
            "client_key_id` of provider \"apple\" is missing",
        ),
        (
            "client_auth = \"apple\"\nclient_key_id = \"ABC\"",
            KEY,
            "team_id` of provider \"apple\" is missing",
        ),
        (
            "client_key_id = \"ABC\"\nteam_id = \"TEAM\"",
            ED25519,
            "is no P-256 key",
        ),
        (
            "client_auth = \"private_key_jwt\"\nteam_id = \"TEAM\"",
            KEY,
            "is for Sign in with Apple",
        ),
    ] {
        let refused = load(more, key).unwrap_err().to_string();
        assert!(refused.contains(said), "{more}: {refused}");
    }
}
