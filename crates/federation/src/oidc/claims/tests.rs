use domain::{
    Secret,
    upstream::{ClaimNames, ClientAuthentication},
};
use serde_json::json;
use url::Url;

use super::*;

fn connection(claims: ClaimNames) -> OidcConnection {
    OidcConnection {
        issuer: "https://login.contoso.test".into(),
        client_id: "acme".into(),
        client_auth: ClientAuthentication::None,
        scopes: Vec::new(),
        claims,
        trusts_email: false,
        trusts_mfa: false,
        mfa_contexts: domain::upstream::usual_mfa_contexts(),
    }
}

fn departure(max_age: Option<u32>) -> Departure {
    let secret = || Secret::presented("x");
    Departure {
        redirect_uri: Url::parse("https://login.acme.test/federation/contoso/callback").unwrap(),
        state: secret(),
        nonce: secret(),
        verifier: secret(),
        login_hint: None,
        max_age,
        left_at: from_millis(9_990_000),
        prompt_login: false,
        ask_anew: false,
        service_key: None,
    }
}

fn object(value: Value) -> Payload {
    match value {
        Value::Object(map) => map,
        other => panic!("{other} is no object"),
    }
}

fn read(value: Value) -> Result<Arrival, UpstreamError> {
    arrival(&object(value), &connection(ClaimNames::default()))
}

#[test]
fn keys_count_as_they_were_signed() {
    for subject in [" 7", "7 ", "\u{3000}7", "7\u{a0}"] {
        let error = read(json!({ "sub": subject })).unwrap_err().to_string();
        assert!(error.contains("white space"), "{subject:?}: {error}");
    }
    for email in [
        " anna@contoso.test",
        "\u{a0}anna@contoso.test",
        "\u{ff41}nna@contoso.test",
    ] {
        let said = read(json!({ "sub": "7", "email": email, "email_verified": true })).unwrap();
        assert_eq!(said.email, None, "{email:?}");
    }
}

#[test]
fn claims_that_are_of_another_kind_count_for_nothing() {
    let said = read(
        json!({ "sub": "7", "email": "Anna@Contoso.test", "email_verified": true, "name": " Anna ",
        "locale": "de-DE", "amr": ["pwd", 7, "mfa"], "auth_time": 1000 }),
    )
    .unwrap();
    assert_eq!(said.account.subject, "7");
    assert_eq!(said.email.unwrap().as_str(), "Anna@contoso.test");
    assert!(said.email_verified);
    assert_eq!(said.name.as_deref(), Some("Anna"));
    assert_eq!(said.amr, ["pwd", "mfa"]);
    assert_eq!(said.auth_time, Some(from_millis(1_000_000)));
    // R01: text is no boolean, whatever it says.
    for verified in [
        json!("true"),
        json!("false"),
        json!(1),
        json!(null),
        json!(["true"]),
    ] {
        let said = read(json!({ "sub": "7", "email_verified": verified })).unwrap();
        assert!(!said.email_verified, "{verified}");
    }
    for email in [
        json!("no address"),
        json!(7),
        json!(["anna@contoso.test"]),
        json!("a@b.test\n"),
    ] {
        assert_eq!(
            read(json!({ "sub": "7", "email": email })).unwrap().email,
            None,
            "{email}"
        );
    }
    for (name, locale) in [
        ("", "de DE"),
        ("a\u{0}b", "<b>"),
        (&*"x".repeat(121), &*"x".repeat(36)),
    ] {
        let said = read(json!({ "sub": "7", "name": name, "locale": locale })).unwrap();
        assert_eq!((said.name, said.locale), (None, None));
    }
}

#[test]
fn the_account_has_a_name_or_there_is_none() {
    for sub in [
        json!(null),
        json!(7),
        json!(""),
        json!("a\nb"),
        json!("x".repeat(256)),
    ] {
        let refused = read(json!({ "sub": sub })).unwrap_err();
        assert!(refused.to_string().contains("`sub`"), "{refused}");
    }
    let entra = connection(ClaimNames {
        subject: vec!["tid".into(), "oid".into()],
        email: "preferred_username".into(),
        ..ClaimNames::default()
    });
    let token =
        json!({ "sub": "pairwise", "tid": "t", "oid": "o", "preferred_username": "anna@contoso.test" });
    let said = arrival(&object(token), &entra).unwrap();
    assert_eq!(said.account.subject, "t\no");
    assert_eq!(said.email.unwrap().as_str(), "anna@contoso.test");
    // Whether `email` is verified says nothing of another claim.
    let mixed = json!({ "tid": "t", "oid": "o", "preferred_username": "anna@contoso.test",
        "email": "mallory@contoso.test", "email_verified": true });
    assert!(!arrival(&object(mixed), &entra).unwrap().email_verified);
    let refused = arrival(&object(json!({ "sub": "x", "tid": "t" })), &entra).unwrap_err();
    assert!(refused.to_string().contains("`oid`"), "{refused}");
}

#[test]
fn times_are_numbers_and_fresh_enough() {
    let now = from_millis(10_000_000);
    let check = |value: Value, max_age| check(&object(value), "acme", &departure(max_age), now);
    for (payload, max_age, good) in [
        (json!({}), None, true),
        (json!({ "azp": "acme" }), None, true),
        (json!({ "azp": "other" }), None, false),
        (json!({ "azp": ["acme"] }), None, false),
        (json!({ "nbf": 10_000 }), None, true),
        (json!({ "nbf": 10_060 }), None, true),
        (json!({ "nbf": 10_061 }), None, false),
        (json!({ "nbf": "10000" }), None, false),
        (json!({ "nbf": 1e300 }), None, false),
        (json!({ "nbf": -1 }), None, false),
        (json!({}), Some(60), false),
        (json!({ "auth_time": "9990" }), Some(60), false),
        (json!({ "auth_time": 9_990 }), Some(60), true),
        (json!({ "auth_time": 9_870 }), Some(60), true),
        (json!({ "auth_time": 9_869 }), Some(60), false),
        (json!({ "auth_time": 9_929 }), Some(0), false),
        (json!({ "auth_time": 9_930 }), Some(0), true),
    ] {
        assert_eq!(
            check(payload.clone(), max_age).is_ok(),
            good,
            "{payload} {max_age:?}"
        );
    }
}

#[test]
fn a_payload_is_the_middle_of_a_compact_jws() {
    let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let token = format!("{}.{}.{}", encode("{}"), encode(r#"{"sub":"7"}"#), "x");
    assert_eq!(payload(&token).unwrap()["sub"], "7");
    for broken in ["", "a", "a.!.c", &format!("a.{}.c", encode("[]"))] {
        assert!(payload(broken).is_err(), "{broken}");
    }
}

#[test]
fn who_shall_be_asked_anew_was_asked_anew() {
    let asked = Departure {
        prompt_login: true,
        ..departure(None)
    };
    let now = from_millis(10_000_000);
    for (payload, good) in [
        (json!({}), true),
        (json!({ "auth_time": 9_930 }), true),
        (json!({ "auth_time": 9_929 }), false),
    ] {
        let checked = check(&object(payload.clone()), "acme", &asked, now);
        assert_eq!(checked.is_ok(), good, "{payload}");
    }
}
