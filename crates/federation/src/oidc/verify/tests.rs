use domain::{Secret, time::from_millis, upstream::ClientAuthentication};
use serde_json::json;
use url::Url;

use super::*;

fn connection() -> OidcConnection {
    OidcConnection {
        trusted_audiences: vec!["project-123".into()],
        ..OidcConnection::usual("https://login.contoso.test", "acme", ClientAuthentication::None)
    }
}

fn departure(max_age: Option<u32>, prompt_login: bool) -> Departure {
    let secret = || Secret::presented("x");
    Departure {
        redirect_uri: Url::parse("https://login.acme.test/federation/contoso/callback").unwrap(),
        state: secret(),
        nonce: secret(),
        verifier: secret(),
        login_hint: None,
        expected: None,
        max_age,
        left_at: from_millis(9_990_000),
        prompt_login,
        ask_anew: false,
        service_key: None,
    }
}

/// What is wrong with a token as it should be at 10,000 s, with these claims laid over; `null` removes one.
fn wrong(over: &Value, departure: &Departure) -> Option<String> {
    let mut payload = json!({
        "iss": "https://login.contoso.test", "aud": "acme", "sub": "anna-7", "nonce": "x", "iat": 9_990, "exp": 10_290,
    });
    let fields = payload.as_object_mut().unwrap();
    for (name, value) in over.as_object().unwrap() {
        if value.is_null() {
            fields.remove(name);
        } else {
            fields.insert(name.clone(), value.clone());
        }
    }
    check(fields, &connection(), departure, from_millis(10_000_000))
        .err()
        .map(|error| error.to_string())
}

/// Core §3.1.3.7, and each failure says what was wrong.
#[test]
fn what_an_id_token_must_say() {
    let usual = departure(None, false);
    for (over, expected) in [
        (json!({}), None),
        (json!({ "azp": "acme" }), None),
        (json!({ "aud": ["acme"] }), None),
        (json!({ "aud": ["acme", "project-123"], "azp": "acme" }), None),
        (
            json!({ "aud": ["acme", "project-123"] }),
            Some("`azp` does not say"),
        ),
        (
            json!({ "aud": ["acme", "project-9"], "azp": "acme" }),
            Some("project-9"),
        ),
        (
            json!({ "aud": ["project-123"], "azp": "acme" }),
            Some("`aud` does not name us"),
        ),
        (
            json!({ "aud": 7 }),
            Some("`aud` is a number, and text or a list was expected"),
        ),
        (json!({ "azp": "other" }), Some("`azp`")),
        (
            json!({ "azp": ["acme"] }),
            Some("`azp` is a list, and text was expected"),
        ),
        (
            json!({ "iss": 7 }),
            Some("`iss` is a number, and text was expected"),
        ),
        (
            json!({ "iss": "https://login.contoso.test/" }),
            Some("another issuer"),
        ),
        (json!({ "nonce": null }), Some("`nonce` is missing")),
        (
            json!({ "nonce": "y" }),
            Some("`nonce` belongs to another question"),
        ),
        (json!({ "sub": null }), Some("`sub` is missing")),
        (json!({ "nbf": 10_060 }), None),
        (json!({ "nbf": 10_061 }), Some("clock is 61 seconds ahead")),
        (json!({ "iat": 10_061 }), Some("clock is 61 seconds ahead")),
        (json!({ "iat": null }), Some("`iat` is missing")),
        (json!({ "exp": 9_941 }), None),
        (json!({ "exp": 9_940 }), Some("has expired 60 seconds ago")),
        (
            json!({ "nbf": "10000" }),
            Some("`nbf` is text, and a number of seconds was expected"),
        ),
        (json!({ "nbf": 1e300 }), Some("`nbf`")),
        (json!({ "nbf": -1 }), Some("`nbf`")),
        (json!({ "auth_time": "9990" }), Some("`auth_time` is text")),
        // Numbers may have a fraction (RFC 7519 §2).
        (json!({ "exp": 10_290.5 }), None),
    ] {
        let found = wrong(&over, &usual);
        match expected {
            None => assert_eq!(found, None, "{over}"),
            Some(part) => {
                let text = found.unwrap_or_default();
                assert!(text.contains(part), "{over}: {text}");
            }
        }
    }
}

#[test]
fn a_proof_is_as_fresh_as_it_was_asked_to_be() {
    for (over, max_age, prompt_login, good) in [
        (json!({}), Some(60), false, false),
        (json!({ "auth_time": 9_990 }), Some(60), false, true),
        (json!({ "auth_time": 9_870 }), Some(60), false, true),
        (json!({ "auth_time": 9_869 }), Some(60), false, false),
        (json!({ "auth_time": 9_929 }), Some(0), false, false),
        (json!({ "auth_time": 9_930 }), Some(0), false, true),
        (json!({}), None, true, true),
        (json!({ "auth_time": 9_930 }), None, true, true),
        (json!({ "auth_time": 9_929 }), None, true, false),
    ] {
        let found = wrong(&over, &departure(max_age, prompt_login));
        assert_eq!(found.is_none(), good, "{over} {max_age:?}: {found:?}");
    }
}
