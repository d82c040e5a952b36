use super::*;

fn app(redirect_uris: &[&str]) -> App {
    App {
        id: Id::from_uuid(uuid::Uuid::nil()),
        client_id: "notes".into(),
        name: "Acme Notes".into(),
        authentication: AppAuthentication::None,
        redirect_uris: redirect_uris.iter().map(ToString::to_string).collect(),
        post_logout_redirect_uris: vec![],
        home: None,
        owner: None,
        contact: None,
        logo: None,
        access: AccessRule::Invited,
        asks_consent: false,
        offline_access: false,
        signing_algorithm: SigningAlgorithm::Rs256,
        inviters: crate::inviter::Inviters::Operators,
        pkce: crate::app::Pkce::Required,
        id_token_claims: false,
        dev: false,
        disabled_at: None,
        created_at: DateTime::UNIX_EPOCH,
    }
}

#[test]
fn redirect_uris_match_as_exact_strings() {
    let app = app(&["https://app.example/cb", "https://app.example/cb2?x=1"]);
    for (given, matches) in [
        ("https://app.example/cb", true),
        ("https://app.example/cb2?x=1", true),
        ("https://app.example/cb/", false),
        ("https://app.example/cb?x=1", false),
        ("https://app.example/cb2", false),
        ("https://APP.example/cb", false),
        ("https://app.example:443/cb", false),
        ("https://app.example/./cb", false),
        ("https://app.example/cb#", false),
        ("https://app.example/cb%2f..", false),
        ("https://app.example@evil.example/cb", false),
        ("", false),
    ] {
        assert_eq!(app.redirect_uri(given).is_some(), matches, "{given}");
    }
}

#[test]
fn the_port_of_a_loopback_redirect_is_free() {
    let app = app(&[
        "http://127.0.0.1/cb",
        "http://[::1]:9/cb",
        "http://localhost:3000/cb",
    ]);
    for (given, matches) in [
        ("http://127.0.0.1:51004/cb", true),
        ("http://127.0.0.1/cb", true),
        ("http://[::1]:51004/cb", true),
        ("http://127.0.0.1:51004/other", false),
        ("http://127.0.0.1:51004@evil.example/cb", false),
        ("http://127.0.0.1.evil.example/cb", false),
        ("https://127.0.0.1:51004/cb", false),
        ("http://localhost:3001/cb", false),
    ] {
        assert_eq!(app.redirect_uri(given).is_some(), matches, "{given}");
    }
}

#[test]
fn what_can_be_registered() {
    use RedirectUriError::*;
    for (text, verdict) in [
        ("https://app.example/cb", Ok(())),
        ("http://localhost:3000/cb", Ok(())),
        ("http://127.0.0.1/cb", Ok(())),
        ("com.example.app:/cb", Ok(())),
        ("http://app.example/cb", Err(Scheme)),
        ("javascript:alert(1)", Err(Scheme)),
        ("data:text/html,x", Err(Scheme)),
        ("/cb", Err(NotAbsolute)),
        ("https://app.example/cb#x", Err(Fragment)),
        ("https://*.app.example/cb", Err(Wildcard)),
        ("https://a:b@app.example/cb", Err(Credentials)),
        ("https://app.example", Ok(())),
        ("https://app.example?x=1", Ok(())),
        ("https:/app.example/cb", Err(Rewritten)),
        ("https:///cb", Err(Rewritten)),
        ("https://app.example/../cb", Err(Rewritten)),
        ("https://app.example/a b", Err(Rewritten)),
        ("https://app.example/a\tb", Err(Rewritten)),
        (" https://app.example/cb", Err(Rewritten)),
        ("https://App.example/cb", Err(Rewritten)),
        ("https://app.example:443/cb", Err(Rewritten)),
        ("http://2130706433/cb", Err(Rewritten)),
    ] {
        assert_eq!(check_redirect_uri(text), verdict, "{text}");
    }
}

#[test]
fn every_method_that_is_advertised_can_be_registered() {
    for name in AppAuthentication::METHODS {
        let registered = AppAuthentication::of(name, Some("{}".into()), false);
        assert_eq!(registered.as_ref().map(AppAuthentication::name), Some(name));
    }
}

fn with_secret() -> AppAuthentication {
    AppAuthentication::Secret(SecretMethod::Any)
}

fn with_keys(strict: bool) -> AppAuthentication {
    let jwks = "{\"keys\":[]}".to_owned();
    AppAuthentication::PrivateKeyJwt { jwks, strict }
}

#[test]
fn how_an_app_proves_itself() {
    for (method, by_header, in_body) in [
        (SecretMethod::Any, true, true),
        (SecretMethod::Basic, true, false),
        (SecretMethod::Post, false, true),
    ] {
        assert_eq!(
            (method.takes(true), method.takes(false)),
            (by_header, in_body),
            "{method:?}"
        );
    }
    for (authentication, strict, public) in [
        (with_secret(), false, false),
        (with_keys(false), false, false),
        (with_keys(true), true, false),
        (AppAuthentication::None, false, true),
    ] {
        assert_eq!(
            (authentication.is_strict(), authentication.is_public()),
            (strict, public)
        );
    }
}

/// RFC 9700 §2.1.1: a nonce may stand in for PKCE where an app keeps a secret and an operator allows it.
#[test]
fn who_must_send_a_challenge() {
    use Pkce::{Optional, Required};
    for (pkce, authentication, has_nonce, needed) in [
        (Required, with_secret(), true, true),
        (Required, AppAuthentication::None, true, true),
        (Optional, AppAuthentication::None, true, true),
        (Optional, with_secret(), false, true),
        (Optional, with_secret(), true, false),
        (Optional, with_keys(true), true, false),
    ] {
        let app = App {
            authentication,
            pkce,
            ..app(&[])
        };
        assert_eq!(
            app.needs_challenge(has_nonce),
            needed,
            "{pkce:?} {:?} {has_nonce}",
            app.authentication
        );
    }
}

#[test]
fn a_use_of_a_secret_is_noted_once_an_hour() {
    let now = DateTime::UNIX_EPOCH + TimeDelta::days(1);
    for (ago, noted) in [
        (None, true),
        (Some(59), false),
        (Some(60), false),
        (Some(61), true),
    ] {
        let secret = AppSecret {
            id: Id::from_uuid(uuid::Uuid::nil()),
            app: Id::from_uuid(uuid::Uuid::nil()),
            hash: SecretHash([0; 32]),
            created_at: DateTime::UNIX_EPOCH,
            last_used_at: ago.map(|minutes| now - TimeDelta::minutes(minutes)),
        };
        assert_eq!(secret.is_use_noted(now), noted, "{ago:?} minutes ago");
    }
}

#[test]
fn what_an_app_gets_of_what_it_asked_for() {
    let asked = Scopes::parse("openid email offline_access");
    for (offline_access, granted) in [(true, "openid email offline_access"), (false, "openid email")] {
        let app = App {
            offline_access,
            ..app(&[])
        };
        assert_eq!(app.granted(&asked).to_string(), granted);
    }
}

#[test]
fn where_a_browser_may_go_after_signing_out() {
    let app = App {
        post_logout_redirect_uris: vec!["https://app.example/bye".into()],
        ..app(&["https://app.example/cb"])
    };
    let found = app.post_logout_redirect_uri("https://app.example/bye").unwrap();
    assert_eq!(
        (found.as_str(), found.url().path()),
        ("https://app.example/bye", "/bye")
    );
    for other in [
        "https://app.example/bye/",
        "https://app.example/cb",
        "https://evil.example/",
        "",
    ] {
        assert_eq!(app.post_logout_redirect_uri(other), None, "{other}");
    }
}

#[test]
fn no_credentials_stand_in_a_redirect_uri() {
    for text in [
        "https://me@app.example/cb",
        "https://me:pass@app.example/cb",
        "https://:pass@app.example/cb",
    ] {
        assert_eq!(
            check_redirect_uri(text),
            Err(RedirectUriError::Credentials),
            "{text}"
        );
    }
}
