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

fn token(header: &str, claims: &str) -> String {
    format!(
        "{}.{}.",
        BASE64URL_NOPAD.encode(header.as_bytes()),
        BASE64URL_NOPAD.encode(claims.as_bytes())
    )
}

#[test]
fn what_is_not_even_looked_at() {
    for (name, token) in [
        ("crit", token(r#"{"alg":"RS256","crit":["x"]}"#, "{}")),
        ("b64", token(r#"{"alg":"RS256","b64":false}"#, "{}")),
        ("twice", token(r#"{"alg":"RS256"}"#, r#"{"sub":"a","sub":"b"}"#)),
        (
            "twice in the header",
            token(r#"{"alg":"none","alg":"RS256"}"#, "{}"),
        ),
        ("no object", token(r#"{"alg":"RS256"}"#, "[]")),
        ("trailing", token(r#"{"alg":"RS256"}"#, "{} {}")),
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
        let token = token(header, "{}");
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
