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
        access: AccessRule::Invited,
        asks_consent: false,
        offline_access: false,
        signing_algorithm: SigningAlgorithm::Rs256,
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
