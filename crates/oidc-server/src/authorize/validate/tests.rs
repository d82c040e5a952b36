use super::*;

const GOOD: &str = "response_type=code&client_id=notes&scope=openid&redirect_uri=https://app.example/cb\
    &code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

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
    let redirect_uri = RedirectUri::stored("https://app.example/cb").unwrap();
    request(
        &Parameters::parse(text.as_bytes()),
        redirect_uri,
        &KeyRing::empty(),
    )
    .map_err(|error| error.code)
}

#[test]
fn each_rule_and_its_error() {
    for (name, value, error) in [
        ("response_type", None, "invalid_request"),
        ("response_type", Some("token"), "unsupported_response_type"),
        (
            "response_type",
            Some("code id_token"),
            "unsupported_response_type",
        ),
        ("response_mode", Some("fragment"), "invalid_request"),
        ("scope", None, "invalid_scope"),
        ("scope", Some("email"), "invalid_scope"),
        ("code_challenge", None, "invalid_request"),
        ("code_challenge", Some("short"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("prompt", Some("none login"), "invalid_request"),
        ("prompt", Some("dance"), "invalid_request"),
        ("max_age", Some("-1"), "invalid_request"),
        ("max_age", Some("soon"), "invalid_request"),
        ("id_token_hint", Some("x.y.z"), "invalid_request"),
        ("request", Some("x"), "request_not_supported"),
        (
            "request_uri",
            Some("https://app.example/r"),
            "request_uri_not_supported",
        ),
    ] {
        assert_eq!(check(&[(name, value)]).err(), Some(error), "{name}={value:?}");
    }
}

#[test]
fn what_is_no_error() {
    for (name, value) in [
        ("scope", "openid made-up email"),
        ("display", "popup"),
        ("ui_locales", "se xx"),
        ("claims_locales", "se"),
        ("acr_values", "1 2"),
        ("claims", "{\"userinfo\":{\"name\":{\"essential\":true}}}"),
        ("extra", "foobar"),
        ("login_hint", "buffy@login.acme.example"),
        ("max_age", "99999999999"),
        ("prompt", ""),
        ("nonce", &"n".repeat(384)),
        ("state", &"s".repeat(1024)),
    ] {
        let request = check(&[(name, Some(value))]);
        assert!(request.is_ok(), "{name}={value}: {request:?}");
    }
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

#[test]
fn descriptions_keep_to_the_characters_of_rfc_6749() {
    for (name, value) in [
        ("scope", None),
        ("prompt", Some("dance")),
        ("request", Some("x")),
        ("max_age", Some("x")),
    ] {
        let pairs = [(name, value)];
        let text = form_urlencoded::parse(GOOD.as_bytes())
            .into_owned()
            .filter(|(known, _)| known != name)
            .chain(
                pairs
                    .iter()
                    .filter_map(|(name, value)| Some(((*name).to_owned(), (*value)?.to_owned()))),
            )
            .fold(
                form_urlencoded::Serializer::new(String::new()),
                |mut out, (name, value)| {
                    out.append_pair(&name, &value);
                    out
                },
            )
            .finish();
        let redirect_uri = RedirectUri::stored("https://app.example/cb").unwrap();
        let error = request(
            &Parameters::parse(text.as_bytes()),
            redirect_uri,
            &KeyRing::empty(),
        )
        .unwrap_err();
        let allowed = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(error.description.bytes().all(allowed), "{}", error.description);
    }
}
