use super::*;

#[test]
fn the_thumbprint_of_rfc_7638() {
    let jwk = json!({
        "kty": "RSA",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
        "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
    });
    let thumbprint = thumbprint(jwk.as_object().unwrap()).unwrap();
    assert_eq!(thumbprint, "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
}

#[test]
fn every_algorithm_signs_what_it_verifies() {
    for algorithm in SigningAlgorithm::ALL {
        let pair = generate(algorithm).unwrap();
        let public: Value = serde_json::from_str(&pair.public_jwk).unwrap();
        assert_eq!(
            (&public["kid"], &public["alg"]),
            (&json!(pair.kid), &json!(algorithm.name()))
        );
        for private in ["d", "p", "q", "dp", "dq", "qi"] {
            assert!(public.get(private).is_none(), "{algorithm:?} shows {private}");
        }
        let signer = Signer::new(&pair.kid, algorithm, &pair.private_jwk).unwrap();
        let token = signer.sign("JWT", &json!({ "sub": "anna" })).unwrap();
        let claims = parse(&token)
            .unwrap()
            .verify(algorithm, &pair.public_jwk)
            .unwrap();
        assert_eq!(claims["sub"], json!("anna"));

        let (head, signature) = token.rsplit_once('.').unwrap();
        let forged = format!(
            "{}.{signature}",
            head.replace(
                head.split('.').nth(1).unwrap(),
                &BASE64URL_NOPAD.encode(br#"{"sub":"bob"}"#)
            )
        );
        assert!(
            parse(&forged)
                .unwrap()
                .verify(algorithm, &pair.public_jwk)
                .is_err()
        );
        let other = generate(algorithm).unwrap();
        assert!(
            parse(&token)
                .unwrap()
                .verify(algorithm, &other.public_jwk)
                .is_err()
        );
    }
}

/// Another implementation accepts our signatures: ring shares no code with josekit's OpenSSL.
#[test]
fn ring_accepts_what_we_sign() {
    use ring::signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
        RsaPublicKeyComponents, UnparsedPublicKey,
    };

    for algorithm in SigningAlgorithm::ALL {
        let pair = generate(algorithm).unwrap();
        let jwk: Value = serde_json::from_str(&pair.public_jwk).unwrap();
        let member = |name: &str| {
            BASE64URL_NOPAD
                .decode(jwk[name].as_str().unwrap().as_bytes())
                .unwrap()
        };
        let signer = Signer::new(&pair.kid, algorithm, &pair.private_jwk).unwrap();
        let token = signer.sign("JWT", &json!({ "sub": "anna" })).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).unwrap();
        let input = input.as_bytes();
        let rsa = || RsaPublicKeyComponents {
            n: member("n"),
            e: member("e"),
        };
        let verified = match algorithm {
            SigningAlgorithm::Rs256 => rsa().verify(&RSA_PKCS1_2048_8192_SHA256, input, &signature),
            SigningAlgorithm::Ps256 => rsa().verify(&RSA_PSS_2048_8192_SHA256, input, &signature),
            SigningAlgorithm::Es256 => {
                let point = [vec![4], member("x"), member("y")].concat();
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(input, &signature)
            }
            SigningAlgorithm::EdDsa => {
                UnparsedPublicKey::new(&ED25519, member("x")).verify(input, &signature)
            }
        };
        assert!(verified.is_ok(), "{algorithm:?}");
    }
}

/// RFC 7515, appendix A.2 and A.3: the tokens, and the public halves of the keys.
#[test]
fn the_signatures_of_rfc_7515() {
    let claims =
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let rs256 = json!({
        "kty": "RSA", "e": "AQAB",
        "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-\
              SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UT\
              o7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkM\
              Ls91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    });
    let es256 = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    });
    for (algorithm, header, key, signature) in [
        (
            SigningAlgorithm::Rs256,
            "eyJhbGciOiJSUzI1NiJ9",
            rs256,
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9\
             CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOL\
             n6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtV\
             rBp0igcN_IoypGlUPQGe77Rw",
        ),
        (
            SigningAlgorithm::Es256,
            "eyJhbGciOiJFUzI1NiJ9",
            es256,
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
    ] {
        let token = format!("{header}.{claims}.{signature}");
        let verified = parse(&token)
            .unwrap()
            .verify(algorithm, &key.to_string())
            .unwrap();
        assert_eq!(verified["iss"], json!("joe"));
        // One letter of the claims is another.
        let forged = token.replacen("Jqb2Ui", "Jqb2Vi", 1);
        assert_ne!(forged, token);
        let believed = parse(&forged).and_then(|parsed| parsed.verify(algorithm, &key.to_string()));
        assert!(believed.is_err(), "{algorithm:?}");
    }
}

/// RFC 8037, appendix A: the thumbprint of A.3, the signature of A.4 (made from the private half).
#[test]
fn the_key_and_the_signature_of_rfc_8037() {
    let jwk = json!({
        "kty": "OKP", "crv": "Ed25519",
        "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
        "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
    });
    let kid = thumbprint(jwk.as_object().unwrap()).unwrap();
    assert_eq!(kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
    let signer = Signer::new(&kid, SigningAlgorithm::EdDsa, jwk.to_string().as_bytes()).unwrap();
    let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
    let signature = BASE64URL_NOPAD.encode(&signer.inner.sign(input.as_bytes()).unwrap());
    assert_eq!(
        signature,
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
    );
}

/// Keys that are too weak, or that are none (RFC 8725 §3.4).
#[test]
fn bad_keys_of_apps_verify_nothing() {
    let pair = generate(SigningAlgorithm::Es256).unwrap();
    let signer = Signer::new(&pair.kid, SigningAlgorithm::Es256, &pair.private_jwk).unwrap();
    let token = signer.sign("JWT", &json!({})).unwrap();
    let off_the_curve = json!({
        "kty": "EC", "crv": "P-256",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    });
    for key in [
        off_the_curve.to_string(),
        "{}".into(),
        "nonsense".into(),
        json!({ "kty": "EC" }).to_string(),
    ] {
        assert!(
            parse(&token)
                .unwrap()
                .verify(SigningAlgorithm::Es256, &key)
                .is_err(),
            "{key}"
        );
    }
    let weak = josekit::jwk::Jwk::generate_rsa_key(1024)
        .unwrap()
        .to_public_key()
        .unwrap()
        .to_string();
    let claims = token_of(r#"{"alg":"RS256"}"#, "{}");
    assert!(
        parse(&claims)
            .unwrap()
            .verify(SigningAlgorithm::Rs256, &weak)
            .is_err()
    );
}

#[test]
fn which_keys_of_a_set_are_tried() {
    let set = json!({ "keys": [
        { "kty": "EC", "kid": "a", "use": "sig" },
        { "kty": "EC", "kid": "b", "use": "enc" },
        { "kty": "RSA", "kid": "c" },
        { "kty": "EC" },
        { "kty": "EC", "kid": "d", "alg": "ES384" },
    ]})
    .to_string();
    let tried = |kid: Option<&str>| candidates(&set, kid, SigningAlgorithm::Es256).len();
    assert_eq!(tried(None), 2, "those for signing, of the type");
    assert_eq!(tried(Some("a")), 2, "the one of that name, and the nameless one");
    assert_eq!(tried(Some("b")), 1);
    assert_eq!(candidates(&set, Some("c"), SigningAlgorithm::Rs256).len(), 1);
    for broken in ["", "[]", "{\"keys\":3}", "{}"] {
        assert!(
            candidates(broken, None, SigningAlgorithm::Rs256).is_empty(),
            "{broken}"
        );
    }
}

fn token_of(header: &str, claims: &str) -> String {
    format!(
        "{}.{}.",
        BASE64URL_NOPAD.encode(header.as_bytes()),
        BASE64URL_NOPAD.encode(claims.as_bytes())
    )
}

#[test]
fn what_is_not_even_looked_at() {
    for (name, token) in [
        ("crit", token_of(r#"{"alg":"RS256","crit":["x"]}"#, "{}")),
        ("b64", token_of(r#"{"alg":"RS256","b64":false}"#, "{}")),
        (
            "twice",
            token_of(r#"{"alg":"RS256"}"#, r#"{"sub":"a","sub":"b"}"#),
        ),
        (
            "twice in the header",
            token_of(r#"{"alg":"none","alg":"RS256"}"#, "{}"),
        ),
        ("no object", token_of(r#"{"alg":"RS256"}"#, "[]")),
        ("trailing", token_of(r#"{"alg":"RS256"}"#, "{} {}")),
        ("no dots", "abc".into()),
        ("long", format!("{}.a.b", "a".repeat(20_000))),
    ] {
        assert!(parse(&token).is_err(), "{name}");
    }
}

#[test]
fn none_and_switched_algorithms_are_refused() {
    let pair = generate(SigningAlgorithm::Rs256).unwrap();
    for header in [
        r#"{"alg":"none"}"#,
        r#"{"alg":"HS256"}"#,
        r#"{"alg":"ES256"}"#,
        "{}",
    ] {
        let token = token_of(header, "{}");
        assert!(
            parse(&token)
                .unwrap()
                .verify(SigningAlgorithm::Rs256, &pair.public_jwk)
                .is_err(),
            "{header}"
        );
    }
}

#[test]
fn hashes_of_core_appendix_a() {
    // OpenID Connect Core 1.0, appendix A.3: the access token and its at_hash.
    let at_hash = half_hash(
        SigningAlgorithm::Rs256,
        "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
    );
    assert_eq!(at_hash, "77QmUPtjPfzWtF2AnpK9RQ");
}

/// Ed25519 hashes with SHA-512, and so do apps that check `at_hash`: the left half is 32 bytes.
#[test]
fn the_hash_of_ed25519_is_longer() {
    let half = |algorithm| {
        BASE64URL_NOPAD
            .decode(half_hash(algorithm, "token").as_bytes())
            .unwrap()
            .len()
    };
    assert_eq!(half(SigningAlgorithm::EdDsa), 32);
    for algorithm in [
        SigningAlgorithm::Rs256,
        SigningAlgorithm::Ps256,
        SigningAlgorithm::Es256,
    ] {
        assert_eq!(half(algorithm), 16);
    }
}

proptest::proptest! {
    /// What others send is taken apart, or refused.
    #[test]
    fn nothing_panics(token in "[A-Za-z0-9_.{}\":-]{0,200}") {
        let _ = parse(&token);
    }
}
