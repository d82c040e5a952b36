use domain::upstream::{ClaimNames, ClientAuthentication};
use serde_json::json;

use super::*;

fn connection(claims: ClaimNames) -> OidcConnection {
    OidcConnection {
        claims,
        ..OidcConnection::usual("https://login.contoso.test", "acme", ClientAuthentication::None)
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
    assert_eq!(said.email_verified, Some(true));
    assert_eq!(
        said.said,
        [
            "amr",
            "auth_time",
            "email",
            "email_verified",
            "locale",
            "name",
            "sub"
        ]
    );
    assert_eq!(said.name.as_deref(), Some("Anna"));
    assert_eq!(said.amr, ["pwd", "mfa"]);
    assert_eq!(said.auth_time, Some(from_millis(1_000_000)));
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
    assert_eq!(arrival(&object(mixed), &entra).unwrap().email_verified, None);
    let refused = arrival(&object(json!({ "sub": "x", "tid": "t" })), &entra).unwrap_err();
    assert!(refused.to_string().contains("`oid`"), "{refused}");
}

/// R01: text is no boolean, unless the tenant is set so; and a denial is one however it is written.
#[test]
fn whether_an_address_is_verified_is_said_or_denied_or_not_said() {
    for (said, strict, as_text) in [
        (json!(true), Some(true), Some(true)),
        (json!(false), Some(false), Some(false)),
        (json!("true"), None, Some(true)),
        (json!("false"), Some(false), Some(false)),
        (json!("False"), Some(false), Some(false)),
        (json!("TRUE"), None, None),
        (json!("yes"), None, None),
        (json!(1), None, None),
        (json!(null), None, None),
        (json!(["true"]), None, None),
        (json!({ "email": true }), None, None),
    ] {
        let token = object(json!({ "sub": "7", "email": "a@b.test", "email_verified": said }));
        let mut set = connection(ClaimNames::default());
        assert_eq!(arrival(&token, &set).unwrap().email_verified, strict, "{said}");
        set.email_verified_as_text = true;
        assert_eq!(arrival(&token, &set).unwrap().email_verified, as_text, "{said}");
    }
    assert_eq!(read(json!({ "sub": "7" })).unwrap().email_verified, None);
}

/// A claim that is not used may be anything, and one that is used alone counts for nothing where it may.
#[test]
fn what_is_not_used_may_be_anything() {
    let said = read(json!({
        "sub": "7", "updated_at": "2026-11-20T10:59:07.841Z", "acr": 1, "amr": "mfa", "locale": { "tag": "de" },
        "address": 7, "phone_number_verified": "no", "zoneinfo": [], "birthdate": 19_990_101, "name": 7,
    }))
    .unwrap();
    assert_eq!(said.account.subject, "7");
    assert_eq!((said.name, said.locale), (None, None));
    assert_eq!(said.amr, ["mfa"]);
}
