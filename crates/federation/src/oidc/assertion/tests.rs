use domain::time::from_millis;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, KeyPair as _, UnparsedPublicKey, VerificationAlgorithm,
};
use serde_json::Value;

use super::*;

fn pem(der: &[u8]) -> Secret {
    Secret::presented(format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
        BASE64.encode(der)
    ))
}

fn p256() -> Secret {
    let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
    pem(made.unwrap().as_ref())
}

fn ed25519() -> Secret {
    pem(Ed25519KeyPair::generate_pkcs8(&SystemRandom::new())
        .unwrap()
        .as_ref())
}

fn metadata() -> Metadata {
    serde_json::from_value(json!({
        "issuer": "https://login.contoso.test",
        "authorization_endpoint": "https://login.contoso.test/authorize",
        "token_endpoint": "https://login.contoso.test/token",
        "jwks_uri": "https://login.contoso.test/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
    }))
    .unwrap()
}

fn client_key(pem: Secret) -> ClientKey {
    ClientKey {
        pem,
        key_id: None,
        certificate_sha256: None,
        audience: AssertionAudience::Issuer,
    }
}

fn made(key: &ClientKey) -> (Value, Value, String) {
    let jti = Secret::presented("once");
    let jwt = assertion(key, "acme", &metadata(), &jti, from_millis(1_000_000)).unwrap();
    let parts: Vec<&str> = jwt.expose().split('.').collect();
    let part =
        |text: &str| serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap();
    (part(parts[0]), part(parts[1]), jwt.expose().to_owned())
}

fn verifies(jwt: &str, algorithm: &'static dyn VerificationAlgorithm, public: &[u8]) -> bool {
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
    UnparsedPublicKey::new(algorithm, public)
        .verify(message.as_bytes(), &signature)
        .is_ok()
}

/// RFC 7523 §3: who, for whom, once, and not for long.
#[test]
fn an_assertion_says_who_for_whom_and_until_when() {
    let mut key = client_key(p256());
    let (header, claims, _) = made(&key);
    assert_eq!(header, json!({ "alg": "ES256", "typ": "JWT" }));
    assert_eq!(
        claims,
        json!({
            "iss": "acme", "sub": "acme", "aud": "https://login.contoso.test", "jti": "once",
            "iat": 1000, "nbf": 1000, "exp": 1060,
        })
    );
    key.audience = AssertionAudience::TokenEndpoint;
    key.key_id = Some("2026".into());
    key.certificate_sha256 = Some("abc".into());
    let (header, claims, _) = made(&key);
    assert_eq!(claims["aud"], "https://login.contoso.test/token");
    assert_eq!(
        (&header["kid"], &header["x5t#S256"]),
        (&json!("2026"), &json!("abc"))
    );
}

#[test]
fn each_kind_of_key_signs_by_its_own_algorithm() {
    let key = client_key(p256());
    let AssertionKey::Es256(pair, _) = AssertionKey::read(&key.pem).unwrap() else {
        panic!("another kind");
    };
    let (header, _, jwt) = made(&key);
    assert_eq!(header["alg"], "ES256");
    assert!(verifies(
        &jwt,
        &ECDSA_P256_SHA256_FIXED,
        pair.public_key().as_ref()
    ));

    let key = client_key(ed25519());
    let AssertionKey::EdDsa(pair) = AssertionKey::read(&key.pem).unwrap() else {
        panic!("another kind");
    };
    let (header, _, jwt) = made(&key);
    assert_eq!(header["alg"], "EdDSA");
    assert!(verifies(&jwt, &ED25519, pair.public_key().as_ref()));
}

#[test]
fn what_is_no_key() {
    let cut = Secret::presented(p256().expose().replace("-----END PRIVATE KEY-----", ""));
    for (text, said) in [
        (Secret::presented("hunter2"), "PKCS#8"),
        (
            Secret::presented("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----"),
            "PKCS#8",
        ),
        (cut, "PKCS#8"),
        (
            Secret::presented("-----BEGIN PRIVATE KEY-----\n%%%\n-----END PRIVATE KEY-----"),
            "not base64",
        ),
        (pem(b"nothing of the kind"), "P-256"),
    ] {
        let what = check_client_key(&text).unwrap_err();
        assert!(what.contains(said), "{what}");
    }
    assert_eq!(check_client_key(&p256()), Ok("ES256"));
    assert_eq!(check_client_key(&ed25519()), Ok("EdDSA"));
}

/// As Apple documents it under «Creating a client secret».
#[test]
fn apples_client_secret_is_of_the_team_about_the_client_for_apple_and_short() {
    let key = ClientKey {
        key_id: Some("ABC123DEFG".into()),
        ..client_key(p256())
    };
    let jwt = apple_secret(&key, "TEAM", "example.acme", &metadata(), from_millis(1_000_000)).unwrap();
    let parts: Vec<&str> = jwt.expose().split('.').collect();
    let part = |text: &str| -> Value {
        serde_json::from_slice(&BASE64URL_NOPAD.decode(text.as_bytes()).unwrap()).unwrap()
    };
    assert_eq!(
        part(parts[0]),
        json!({ "alg": "ES256", "typ": "JWT", "kid": "ABC123DEFG" })
    );
    assert_eq!(
        part(parts[1]),
        json!({
            "iss": "TEAM", "sub": "example.acme", "aud": "https://login.contoso.test", "iat": 1000, "exp": 1060,
        })
    );
}
