use data_encoding::BASE64URL_NOPAD;
use domain::{Secret, time::from_millis, upstream::ClientAuthentication};
use serde_json::json;

use super::*;

fn connection() -> OidcConnection {
    let secret = ClientAuthentication::SecretBasic(Secret::presented("hunter2"));
    OidcConnection::usual("https://login.contoso.test", "acme", secret)
}

fn now() -> DateTime<Utc> {
    from_millis(1_000_000_000)
}

/// A payload as it should be, with these claims laid over; `null` removes one.
fn payload(over: &Value) -> Payload {
    let mut payload = json!({
        "iss": "https://login.contoso.test", "aud": "acme", "iat": 1_000_000, "exp": 1_000_120, "jti": "once",
        "events": { EVENT: {} }, "sub": "anna-7", "sid": "s-1",
    });
    let fields = payload.as_object_mut().unwrap();
    for (name, value) in over.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    fields.clone()
}

#[test]
fn what_a_token_says_has_ended() {
    let anna = Account {
        issuer: "https://login.contoso.test".into(),
        subject: "anna-7".into(),
    };
    for (over, account, session) in [
        (json!({}), Some(&anna), Some("s-1")),
        (json!({ "sid": null }), Some(&anna), None),
        (json!({ "sub": null }), None, Some("s-1")),
        (
            json!({ "aud": ["others", "acme"], "exp": null }),
            Some(&anna),
            Some("s-1"),
        ),
    ] {
        let out = check(&payload(&over), &connection(), now()).unwrap();
        assert_eq!(
            (out.account.as_ref(), out.session.as_deref()),
            (account, session),
            "{over}"
        );
        assert_eq!(out.token, "once");
    }
    // An account that other claims name is named by all of them, or not at all.
    let mut entra = connection();
    entra.claims.subject = vec!["tid".into(), "oid".into()];
    let out = check(&payload(&json!({})), &entra, now()).unwrap();
    assert_eq!((out.account, out.session.as_deref()), (None, Some("s-1")));
}

/// Back-Channel Logout §2.6.
#[test]
fn what_is_no_logout_token() {
    for over in [
        json!({ "iss": "https://login.elsewhere.test" }),
        json!({ "aud": "others" }),
        json!({ "aud": null }),
        json!({ "iat": null }),
        json!({ "iat": "1000000" }),
        json!({ "iat": 1_000_061 }),
        json!({ "iat": 999_699 }),
        json!({ "exp": 999_940 }),
        json!({ "jti": null }),
        json!({ "jti": "" }),
        json!({ "events": null }),
        json!({ "events": { "http://schemas.openid.net/event/other": {} } }),
        json!({ "events": [EVENT] }),
        json!({ "events": { EVENT: "yes" } }),
        json!({ "nonce": "n" }),
        json!({ "sub": null, "sid": null }),
        json!({ "sub": null, "sid": "" }),
    ] {
        assert!(check(&payload(&over), &connection(), now()).is_err(), "{over}");
    }
}

#[test]
fn what_is_no_signed_jwt() {
    let encode = |text: &str| BASE64URL_NOPAD.encode(text.as_bytes());
    let body = encode("{}");
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"RS1"}"#,
        "{}",
        r#"{"alg":"EdDSA","typ":"at+jwt"}"#,
        r#"{"alg":"EdDSA","crit":["exp"]}"#,
        r#"{"alg":"EdDSA","b64":false}"#,
        r#"{"alg":"EdDSA","typ":7}"#,
        r#"{"alg":"none","alg":"EdDSA"}"#,
        "[]",
    ] {
        let token = format!("{}.{body}.{}", encode(header), encode("signature"));
        assert!(read(&token).is_err(), "{header}");
    }
    let long = "a".repeat(65_537);
    for token in ["", ".", "..", "a.b", &long] {
        assert!(read(token).is_err(), "{}", token.len());
    }
    let good = format!(
        "{}.{body}.{}",
        encode(r#"{"alg":"EdDSA","typ":"logout+jwt"}"#),
        encode("signature")
    );
    assert!(read(&good).is_ok());
}
