use domain::app::{AccessRule, AppAuthentication, SigningAlgorithm};
use proptest::prelude::*;
use url::Url;

use super::*;

const GOOD: &str = "response_type=code&client_id=notes&scope=openid&redirect_uri=https://app.example/cb\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

fn read(text: &str) -> Result<AuthorizationRequest, OAuthError> {
    let redirect_uri = RedirectUri::stored("https://app.example/cb").unwrap();
    let issuer = Issuer::new(&Url::parse("https://login.acme.example").unwrap()).unwrap();
    request(
        &app(false),
        &Parameters::parse(text.as_bytes()),
        redirect_uri,
        &KeyRing::empty(),
        &issuer,
    )
}

fn check(change: &[(&str, Option<&str>)]) -> Result<AuthorizationRequest, &'static str> {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(GOOD.as_bytes()).into_owned().collect();
    for (name, value) in change {
        pairs.retain(|(known, _)| known != name);
        if let Some(value) = value {
            pairs.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    let text = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    read(&text).map_err(|error| error.code)
}

#[test]
fn each_rule_and_its_error() {
    for (name, value, error) in [
        ("response_type", None, "invalid_request"),
        ("response_type", Some(""), "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
        (
            "response_type",
            Some("code id_token"),
            "unsupported_response_type",
        ),
        ("response_mode", Some("fragment"), "invalid_request"),
        ("response_mode", Some("web_message"), "invalid_request"),
        ("scope", None, "invalid_scope"),
        ("scope", Some("email"), "invalid_scope"),
        ("scope", Some("OpenID"), "invalid_scope"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("prompt", Some("none login"), "invalid_request"),
        ("prompt", Some("dance"), "invalid_request"),
        ("max_age", Some("-1"), "invalid_request"),
        ("max_age", Some("+1"), "invalid_request"),
        ("max_age", Some("1.5"), "invalid_request"),
        ("max_age", Some("soon"), "invalid_request"),
        ("id_token_hint", Some("x.y.z"), "invalid_request"),
        ("request", Some("x"), "request_not_supported"),
        (
            "request_uri",
            Some("https://app.example/r"),
            "request_uri_not_supported",
        ),
        ("state", Some("two\nlines"), "invalid_request"),
        ("state", Some("\0"), "invalid_request"),
        ("nonce", Some("\0"), "invalid_request"),
    ] {
        assert_eq!(check(&[(name, value)]).err(), Some(error), "{name}={value:?}");
    }
    let long = "x".repeat(9_000);
    assert_eq!(check(&[("nonce", Some(&long))]).err(), Some("invalid_request"));
    for twice in [
        "scope=openid",
        "state=a&state=b",
        "extra=1&extra=1",
        "prompt=login&prompt=login",
    ] {
        let error = read(&format!("{GOOD}&{twice}")).unwrap_err();
        assert_eq!(error.code, "invalid_request", "{twice}");
    }
    assert_eq!(
        read(&format!("{GOOD}&nonce=%ff")).unwrap_err().code,
        "invalid_request"
    );
}

#[test]
fn what_is_no_error() {
    for (name, value) in [
        ("scope", "openid made-up email"),
        ("scope", "email  openid"),
        ("display", "popup"),
        ("ui_locales", "se xx"),
        ("claims_locales", "se"),
        ("acr_values", "1 2"),
        ("claims", "{\"userinfo\":{\"name\":{\"essential\":true}}}"),
        ("claims", "{\n  \"userinfo\": {}\n}"),
        ("extra", "foobar"),
        ("login_hint", "buffy@login.acme.example"),
        ("max_age", "99999999999999999999999999"),
        ("prompt", ""),
        ("nonce", &"n".repeat(384)),
        ("state", &"s".repeat(1024)),
        ("state", "{\"return to\":\"/ä?b=c#d\"}"),
    ] {
        let request = check(&[(name, Some(value))]);
        assert!(request.is_ok(), "{name}={value}: {request:?}");
    }
    let resource = "resource=https://a.example&resource=https://b.example";
    assert!(read(&format!("{GOOD}&{resource}")).is_ok());
}

#[test]
fn values_arrive_unchanged() {
    let long = "x".repeat(512);
    let request = check(&[
        ("state", Some(&long)),
        ("nonce", Some(&long)),
        ("max_age", Some("10")),
        ("prompt", Some("login consent")),
        ("ui_locales", Some("de fr")),
        ("response_mode", Some("form_post")),
    ])
    .unwrap();
    assert_eq!(
        (request.state.as_deref(), request.nonce.as_deref()),
        (Some(&*long), Some(&*long))
    );
    assert_eq!(request.max_age, Some(10));
    assert!(request.prompt.login && request.prompt.consent && !request.prompt.none);
    assert_eq!(request.ui_locales, ["de", "fr"]);
    assert_eq!(request.response_mode, ResponseMode::FormPost);
}

fn app(dev: bool) -> App {
    App {
        id: domain::Id::from_uuid(uuid::Uuid::nil()),
        client_id: "notes".into(),
        name: "Acme Notes".into(),
        authentication: AppAuthentication::None,
        redirect_uris: vec!["https://app.example/cb?x=y".into(), "http://127.0.0.1/cb".into()],
        post_logout_redirect_uris: vec![],
        home: None,
        owner: None,
        contact: None,
        logo: None,
        access: AccessRule::Invited,
        asks_consent: false,
        offline_access: false,
        signing_algorithm: SigningAlgorithm::Rs256,
        inviters: domain::inviter::Inviters::Operators,
        pkce: domain::app::Pkce::Required,
        id_token_claims: false,
        dev,
        disabled_at: None,
        created_at: chrono::DateTime::UNIX_EPOCH,
    }
}

/// RFC 9700 §2.1.1 lets a nonce protect a confidential app, and nothing protects a public one but PKCE.
#[test]
fn pkce_may_be_left_out_where_the_app_may_and_a_nonce_stands_in() {
    use domain::app::{Pkce, SecretMethod};

    let secret = || AppAuthentication::Secret(SecretMethod::Any);
    let plain = "response_type=code&client_id=notes&scope=openid";
    let with = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=";
    for (authentication, pkce, query, expected) in [
        (secret(), Pkce::Optional, "&nonce=n".to_owned(), Ok(false)),
        (secret(), Pkce::Optional, format!("&nonce=n{with}S256"), Ok(true)),
        (secret(), Pkce::Optional, format!("{with}S256"), Ok(true)),
        (secret(), Pkce::Optional, String::new(), Err("nonce is missing")),
        (
            secret(),
            Pkce::Optional,
            "&nonce=".into(),
            Err("nonce is missing"),
        ),
        (
            secret(),
            Pkce::Optional,
            format!("&nonce=n{with}plain"),
            Err("must be S256"),
        ),
        (
            secret(),
            Pkce::Optional,
            "&nonce=n&code_challenge=x".into(),
            Err("must be S256"),
        ),
        (
            secret(),
            Pkce::Optional,
            "&nonce=n&code_challenge_method=S256".into(),
            Err("without code_challenge"),
        ),
        (
            secret(),
            Pkce::Required,
            "&nonce=n".into(),
            Err("PKCE is required"),
        ),
        (
            AppAuthentication::None,
            Pkce::Optional,
            "&nonce=n".into(),
            Err("PKCE is required"),
        ),
    ] {
        let app = App {
            authentication,
            pkce,
            ..app(false)
        };
        let issuer = Issuer::new(&Url::parse("https://login.acme.example").unwrap()).unwrap();
        let read = request(
            &app,
            &Parameters::parse(format!("{plain}{query}").as_bytes()),
            RedirectUri::stored("https://app.example/cb").unwrap(),
            &KeyRing::empty(),
            &issuer,
        );
        match (read, expected) {
            (Ok(request), Ok(challenge)) => assert_eq!(request.challenge.is_some(), challenge, "{query}"),
            (Err(error), Err(text)) => assert!(error.description.contains(text), "{query}: {error:?}"),
            (read, _) => panic!("{query}: {read:?}"),
        }
    }
}

/// What has no trustworthy way back is told on a page.
#[test]
fn before_there_is_somebody_to_answer() {
    for (text, kind) in [
        ("", ErrorKind::UnknownApp),
        ("client_id=", ErrorKind::UnknownApp),
        ("client_id=a&client_id=a", ErrorKind::UnknownApp),
        ("client_id=%00", ErrorKind::UnknownApp),
        ("client_id=%ff", ErrorKind::UnknownApp),
    ] {
        let parameters = Parameters::parse(text.as_bytes());
        assert_eq!(client_id(&parameters).unwrap_err().kind, kind, "{text}");
    }
    let many = Parameters::parse("a=b&".repeat(70).as_bytes());
    assert_eq!(client_id(&many).unwrap_err().kind, ErrorKind::BadRequest);

    let matched = |text: &str| {
        let uri = redirect_uri(&app(false), &Parameters::parse(text.as_bytes()));
        uri.map(|uri| uri.as_str().to_owned()).ok()
    };
    let registered = "https://app.example/cb?x=y";
    let encoded = "redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3Dy";
    assert_eq!(matched(encoded).as_deref(), Some(registered));
    let loopback = "redirect_uri=http%3A%2F%2F127.0.0.1%3A49152%2Fcb";
    assert_eq!(matched(loopback).as_deref(), Some("http://127.0.0.1:49152/cb"));
    for text in [
        "",
        "redirect_uri=",
        &format!("{encoded}&{encoded}"),
        "redirect_uri=https://app.example/cb",
        "redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3Dy%26more",
        "redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3Dz",
        "redirect_uri=HTTPS%3A%2F%2Fapp.example%2Fcb%3Fx%3Dy",
        "redirect_uri=https%3A%2F%2Fapp.example.evil%2Fcb%3Fx%3Dy",
        "redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3Dy%23fragment",
        "redirect_uri=https%3A%2F%2Fapp.example%2Fcb%3Fx%3Dy%00",
        "redirect_uri=https%3A%2F%2Fapp.example%2F.%2Fcb%3Fx%3Dy",
        "redirect_uri=http%3A%2F%2Flocalhost%3A49152%2Fcb",
        "redirect_uri=javascript%3Aalert(1)",
    ] {
        assert_eq!(matched(text), None, "{text}");
    }
    for dev in [true, false] {
        let page = redirect_uri(&app(dev), &Parameters::default()).unwrap_err();
        assert_eq!(
            page.show_detail, dev,
            "only an app under development shows what is registered"
        );
    }
}

#[test]
fn preferences_are_bounded() {
    let many = "de ".repeat(100);
    let request = check(&[
        ("ui_locales", Some(&many)),
        ("login_hint", Some(&"a".repeat(5_000))),
        ("domain_hint", Some("contoso.test")),
        ("idp_hint", Some("")),
    ])
    .unwrap();
    assert_eq!(request.ui_locales.len(), 10);
    assert_eq!(request.login_hint.as_ref().unwrap().len(), 320);
    assert_eq!(request.domain_hint.as_deref(), Some("contoso.test"));
    assert_eq!(request.idp_hint, None);
    assert!(request.names_upstream());
}

proptest! {
    /// Whatever a browser sends ends in a request or in an error that an app can read.
    #[test]
    fn nothing_panics(text in "([a-z_]{1,14}=[ -~%\u{0}-\u{ff}]{0,30}&?){0,12}") {
        let _ = read(&format!("{GOOD}&{text}"));
        let _ = client_id(&Parameters::parse(text.as_bytes()));
        let _ = redirect_uri(&app(false), &Parameters::parse(text.as_bytes()));
    }

    /// `state` and `nonce` come back letter by letter, or are refused; never something in between.
    #[test]
    fn state_is_kept_or_refused(value in ".{1,200}") {
        if let Ok(request) = check(&[("state", Some(&value)), ("nonce", Some(&value))]) {
            prop_assert_eq!(request.state.as_deref(), Some(&*value));
            prop_assert_eq!(request.nonce.as_deref(), Some(&*value));
        }
    }
}

/// An operator who wonders why `groups` never comes finds it in the log.
#[test]
fn what_an_app_asks_for_and_does_not_get() {
    for (offline_access, text, expected) in [
        (true, "openid email profile offline_access", vec![]),
        (false, "openid offline_access", vec!["offline_access"]),
        (true, "openid  groups email roles", vec!["groups", "roles"]),
        (true, "", vec![]),
    ] {
        let app = App {
            offline_access,
            ..app(false)
        };
        assert_eq!(left_out(&app, text), expected, "{text}");
    }
}
