use serde_json::json;
use url::Url;

use super::*;
use crate::signing::jose::{Signer, generate};

fn headers(authorization: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    headers
}

fn basic_of(pair: &str) -> String {
    format!("Basic {}", BASE64.encode(pair.as_bytes()))
}

#[test]
fn basic_is_form_urlencoded() {
    for (pair, id, secret) in [
        ("notes:s3cret", "notes", "s3cret"),
        ("my%20app:a%2Bb%3Ac", "my app", "a+b:c"),
        ("my+app:x%3Dy", "my app", "x=y"),
        ("notes:x=y", "notes", "x=y"),
    ] {
        let (found, given) = basic(&basic_of(pair)).unwrap();
        assert_eq!((found.as_str(), given.expose()), (id, secret), "{pair}");
    }
    assert!(basic("Bearer abc").is_none());
    assert!(basic("Basic !!!").is_none());
    assert!(basic(&basic_of("no-colon")).is_none());
    assert!(basic(&basic_of("notes:x").replace("Basic", "bAsIc")).is_some());
}

#[test]
fn one_method_per_request() {
    let code = |headers: &HeaderMap, form: &str| {
        read(headers, &Parameters::parse(form.as_bytes()))
            .err()
            .map(|error| error.code)
    };
    let (none, basic) = (HeaderMap::new(), headers(&basic_of("notes:x")));
    assert_eq!(code(&basic, ""), None);
    assert_eq!(code(&basic, "client_id=notes"), None);
    assert_eq!(code(&basic, "client_id=other"), Some("invalid_request"));
    assert_eq!(code(&basic, "client_secret=x"), Some("invalid_request"));
    assert_eq!(code(&none, "client_id=notes&client_secret=x"), None);
    assert_eq!(
        code(&none, "client_id=notes&client_secret=x&client_assertion=y"),
        Some("invalid_request")
    );
    assert_eq!(code(&none, "client_id=notes"), None);
    assert_eq!(code(&none, ""), Some("invalid_client"));
    assert_eq!(
        code(&none, "client_assertion=y&client_assertion_type=z"),
        Some("invalid_client")
    );
}

#[test]
fn what_an_assertion_must_say() {
    let now = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
    let issuer = Issuer::new(&Url::parse("https://login.acme.example").unwrap()).unwrap();
    let pair = generate(SigningAlgorithm::Es256).unwrap();
    let signer = Signer::new(&pair.kid, SigningAlgorithm::Es256, &pair.private_jwk).unwrap();
    let jwks = format!("{{\"keys\":[{}]}}", pair.public_jwk);
    let app = App {
        id: domain::Id::from_uuid(uuid::Uuid::nil()),
        client_id: "notes".into(),
        name: "Acme Notes".into(),
        authentication: AppAuthentication::PrivateKeyJwt {
            jwks: jwks.clone(),
            strict: false,
        },
        redirect_uris: vec![],
        post_logout_redirect_uris: vec![],
        home: None,
        owner: None,
        contact: None,
        logo: None,
        access: domain::app::AccessRule::Invited,
        asks_consent: false,
        offline_access: false,
        signing_algorithm: SigningAlgorithm::Rs256,
        inviters: domain::inviter::Inviters::Operators,
        pkce: domain::app::Pkce::Required,
        id_token_claims: false,
        dev: false,
        disabled_at: None,
        created_at: now,
    };
    let good = json!({
        "iss": "notes", "sub": "notes", "aud": "https://login.acme.example",
        "exp": 1_700_000_060, "iat": 1_700_000_000, "jti": "1",
    });
    let check = |change: &dyn Fn(&mut Value)| {
        let mut claims = good.clone();
        change(&mut claims);
        check_assertion(&signer.sign("JWT", &claims).unwrap(), &app, &jwks, &issuer, now).is_ok()
    };
    assert!(check(&|_| ()));
    assert!(check(&|c| c["aud"] = json!("https://login.acme.example/token")));
    assert!(check(&|c| c["aud"] = json!(["https://login.acme.example"])));
    assert!(check(&|c| c["nbf"] = json!(1_700_000_008)));
    assert!(!check(&|c| c["nbf"] = json!(1_700_000_061)));
    assert!(!check(
        &|c| c["aud"] = json!(["https://login.acme.example", "https://evil.example"])
    ));
    assert!(!check(&|c| c["aud"] = json!("https://login.acme.example/")));
    assert!(!check(&|c| c["iss"] = json!("other")));
    assert!(!check(&|c| c["sub"] = json!("other")));
    assert!(!check(&|c| c["exp"] = json!(1_699_999_900)));
    assert!(check(&|c| c["exp"] = json!(1_700_000_300)));
    assert!(!check(&|c| c["exp"] = json!(1_700_000_311)));
    assert!(!check(&|c| c["exp"] = json!("1700000060")));
    assert!(!check(&|c| {
        c.as_object_mut().unwrap().remove("exp");
    }));
    assert!(!check(&|c| {
        c.as_object_mut().unwrap().remove("jti");
    }));
    // An app that is strict takes the issuer as a string, and a minute.
    let strict = App {
        authentication: AppAuthentication::PrivateKeyJwt {
            jwks: jwks.clone(),
            strict: true,
        },
        ..app.clone()
    };
    for (claim, value, taken) in [
        ("exp", json!(1_700_000_060), true),
        ("exp", json!(1_700_000_070), true),
        ("exp", json!(1_700_000_071), false),
        ("aud", json!("https://login.acme.example/token"), false),
        ("aud", json!(["https://login.acme.example"]), false),
    ] {
        let mut claims = good.clone();
        claims[claim] = value;
        let jwt = signer.sign("JWT", &claims).unwrap();
        let found = check_assertion(&jwt, &strict, &jwks, &issuer, now);
        assert_eq!(found.is_ok(), taken, "{claims}: {found:?}");
    }
    let access_token = signer.sign("at+jwt", &good).unwrap();
    assert!(check_assertion(&access_token, &app, &jwks, &issuer, now).is_err());
    let odd = json!({ "alg": "ES256", "kid": pair.kid, "typ": 5 });
    let odd = signer.sign_with(&odd, &good).unwrap();
    assert!(
        check_assertion(&odd, &app, &jwks, &issuer, now).is_err(),
        "typ is a number"
    );
    let stranger = generate(SigningAlgorithm::Es256).unwrap();
    let forged = Signer::new(&pair.kid, SigningAlgorithm::Es256, &stranger.private_jwk)
        .unwrap()
        .sign("JWT", &good)
        .unwrap();
    assert!(check_assertion(&forged, &app, &jwks, &issuer, now).is_err());
}
