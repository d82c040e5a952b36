//! The checks, against ID tokens that are right but for one thing. The signatures are real.

use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::BASE64;
use openidconnect::{
    AccessToken, Audience, EmptyAdditionalClaims, EmptyExtraTokenFields, EndUserEmail, IssuerUrl,
    JsonWebKeyId, JsonWebKeySet, PrivateSigningKey, StandardClaims,
    core::{
        CoreEdDsaPrivateSigningKey, CoreIdTokenFields, CoreJsonWebKey, CoreJwsSigningAlgorithm, CoreTokenType,
    },
};
use serde_json::json;

use super::*;

const ISSUER: &str = "http://localhost:8080";

/// What an ID token says, so that a test can change one thing.
struct Said {
    issuer: &'static str,
    audience: &'static str,
    nonce: &'static str,
    party: Option<&'static str>,
    issued: DateTime<Utc>,
    expires: DateTime<Utc>,
    signed_in: Option<DateTime<Utc>>,
    /// The access token whose hash is in it.
    with: Option<&'static str>,
}

/// Far in the future, so that the tests never get too old.
fn issued() -> DateTime<Utc> {
    "2100-01-01T12:00:00Z".parse().unwrap()
}

fn said() -> Said {
    Said {
        issuer: ISSUER,
        audience: "notes",
        nonce: "the-nonce",
        party: None,
        issued: issued(),
        expires: issued() + TimeDelta::minutes(10),
        signed_in: None,
        with: Some("the-access-token"),
    }
}

/// A key that is made of one byte, in the PKCS#8 wrapping that the library reads (RFC 8410 §7).
fn key(byte: u8) -> CoreEdDsaPrivateSigningKey {
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ];
    der.extend([byte; 32]);
    let label = ["PRIVATE", "KEY"].join(" ");
    let pem = format!(
        "-----BEGIN {label}-----\n{}\n-----END {label}-----\n",
        BASE64.encode(&der)
    );
    CoreEdDsaPrivateSigningKey::from_ed25519_pem(&pem, Some(JsonWebKeyId::new(format!("key-{byte}"))))
        .unwrap()
}

fn tokens(said: &Said, key: &CoreEdDsaPrivateSigningKey) -> CoreTokenResponse {
    let subject = StandardClaims::new(SubjectIdentifier::new("0a1b".to_owned()))
        .set_email(Some(EndUserEmail::new("anna@contoso.test".to_owned())))
        .set_email_verified(Some(true));
    let claims = CoreIdTokenClaims::new(
        IssuerUrl::new(said.issuer.to_owned()).unwrap(),
        vec![Audience::new(said.audience.to_owned())],
        said.expires,
        said.issued,
        subject,
        EmptyAdditionalClaims {},
    )
    .set_nonce(Some(Nonce::new(said.nonce.to_owned())))
    .set_auth_time(said.signed_in)
    .set_authorized_party(said.party.map(|party| ClientId::new(party.to_owned())));
    let hashed = said.with.map(|token| AccessToken::new(token.to_owned()));
    let id_token =
        CoreIdToken::new(claims, key, CoreJwsSigningAlgorithm::EdDsa, hashed.as_ref(), None).unwrap();
    CoreTokenResponse::new(
        AccessToken::new("the-access-token".to_owned()),
        CoreTokenType::Bearer,
        CoreIdTokenFields::new(Some(id_token), EmptyExtraTokenFields {}),
    )
}

fn expected(max_age: Option<u32>) -> Expected {
    Expected {
        client_id: ClientId::new("notes".to_owned()),
        nonce: Nonce::new("the-nonce".to_owned()),
        max_age,
    }
}

/// As the app would see it, with the keys that the provider publishes.
fn verifier(published: &[CoreJsonWebKey]) -> CoreIdTokenVerifier<'static> {
    let issuer = IssuerUrl::new(ISSUER.to_owned()).unwrap();
    let keys = JsonWebKeySet::new(published.to_vec());
    CoreIdTokenVerifier::new_public_client(ClientId::new("notes".to_owned()), issuer, keys)
        .set_allowed_algs([CoreJwsSigningAlgorithm::EdDsa])
}

fn check(said: &Said, max_age: Option<u32>) -> Result<Proof, Refusal> {
    let key = key(7);
    id_token(
        &verifier(&[key.as_verification_key()]),
        &tokens(said, &key),
        &expected(max_age),
    )
}

fn names(proof: &Proof) -> Vec<&'static str> {
    proof.checks.iter().map(|check| check.name).collect()
}

#[test]
fn a_right_token_passes_and_the_list_says_what_was_checked() {
    let proof = check(&said(), None).unwrap();
    assert_eq!(
        names(&proof),
        ["signature", "iss", "aud", "exp", "nonce", "at_hash"]
    );
    assert_eq!(proof.checks[0].detail, "EdDSA, key key-7");
    assert_eq!(proof.subject.as_str(), "0a1b");
    assert_eq!(proof.claims["email"], "anna@contoso.test");
}

#[test]
fn only_what_was_checked_is_listed() {
    let without_hash = Said { with: None, ..said() };
    assert!(!names(&check(&without_hash, None).unwrap()).contains(&"at_hash"));
    let with_party = Said {
        party: Some("notes"),
        ..said()
    };
    assert!(names(&check(&with_party, None).unwrap()).contains(&"azp"));
    let signed_in = Said {
        signed_in: Some(issued()),
        ..said()
    };
    assert!(!names(&check(&signed_in, None).unwrap()).contains(&"auth_time"));
    assert!(names(&check(&signed_in, Some(60)).unwrap()).contains(&"auth_time"));
}

#[test]
fn one_wrong_claim_is_enough() {
    use ClaimsVerificationError as Wrong;
    let refused = |said: Said| check(&said, None).unwrap_err();
    let other_issuer = refused(Said {
        issuer: "http://localhost:8080/",
        ..said()
    });
    assert!(
        matches!(other_issuer, Refusal::IdToken(Wrong::InvalidIssuer(_))),
        "{other_issuer}"
    );
    let other_audience = refused(Said {
        audience: "files",
        ..said()
    });
    assert!(
        matches!(other_audience, Refusal::IdToken(Wrong::InvalidAudience(_))),
        "{other_audience}"
    );
    let other_nonce = refused(Said {
        nonce: "another",
        ..said()
    });
    assert!(
        matches!(other_nonce, Refusal::IdToken(Wrong::InvalidNonce(_))),
        "{other_nonce}"
    );
    let expired = refused(Said {
        expires: "2001-01-01T00:00:00Z".parse().unwrap(),
        ..said()
    });
    assert!(
        matches!(expired, Refusal::IdToken(Wrong::Expired(_))),
        "{expired}"
    );
    let other_token = refused(Said {
        with: Some("another"),
        ..said()
    });
    assert!(
        matches!(other_token, Refusal::AnotherAccessToken),
        "{other_token}"
    );
    let other_party = refused(Said {
        party: Some("files"),
        ..said()
    });
    assert!(matches!(other_party, Refusal::AnotherParty), "{other_party}");
}

#[test]
fn a_key_that_is_not_published_is_looked_for_once_more() {
    let (old, new) = (key(7), key(8));
    let rotated = id_token(
        &verifier(&[old.as_verification_key()]),
        &tokens(&said(), &new),
        &expected(None),
    );
    assert!(rotated.unwrap_err().is_unknown_key());

    // The same name over another key is a forgery, and no reason to ask again.
    let mut forged = serde_json::to_value(key(9).as_verification_key()).unwrap();
    forged["kid"] = json!("key-8");
    let published: CoreJsonWebKey = serde_json::from_value(forged).unwrap();
    let refusal = id_token(&verifier(&[published]), &tokens(&said(), &new), &expected(None)).unwrap_err();
    assert!(!refusal.is_unknown_key(), "{refusal}");
}

#[test]
fn max_age_is_held() {
    let ago = |seconds| Said {
        signed_in: Some(issued() - TimeDelta::seconds(seconds)),
        ..said()
    };
    assert!(check(&ago(300 + CODE_LIFETIME), Some(300)).is_ok());
    let refusal = check(&ago(301 + CODE_LIFETIME), Some(300)).unwrap_err();
    assert!(
        matches!(
            refusal,
            Refusal::TooLongAgo {
                age: 361,
                max_age: 300
            }
        ),
        "{refusal}"
    );
    assert!(matches!(check(&said(), Some(300)), Err(Refusal::NoAuthTime)));
}

#[test]
fn the_answer_must_come_from_whom_we_asked() {
    let check = response_issuer(Some(ISSUER), ISSUER, true).unwrap().unwrap();
    assert_eq!(check.name, "iss parameter");
    assert!(matches!(
        response_issuer(None, ISSUER, true),
        Err(Refusal::NoIssuer)
    ));
    // Not promised and not there: nothing was checked, and nothing is listed.
    assert_eq!(response_issuer(None, ISSUER, false).unwrap(), None);
    let other = response_issuer(Some("http://localhost:8080/"), ISSUER, false);
    assert!(matches!(other, Err(Refusal::AnotherIssuer { .. })));
}

#[test]
fn only_a_verified_address_names_the_guest() {
    let claims = |id_token: Value| Claims::new(id_token.as_object().unwrap().clone(), None);
    let anna = claims(json!({ "sub": "0a1b", "email": "anna@contoso.test", "email_verified": true }));
    assert_eq!(
        (anna.verified_email(), anna.label()),
        (Some("anna@contoso.test"), "anna@contoso.test")
    );
    for unsure in [json!(false), json!("true"), json!(null)] {
        let unsure = claims(json!({ "sub": "0a1b", "email": "anna@contoso.test", "email_verified": unsure }));
        assert_eq!((unsure.verified_email(), unsure.label()), (None, "0a1b"));
    }
}

#[test]
fn signed_claims_count_more_than_userinfo() {
    let user_info =
        br#"{"sub":"0a1b","email":"eve@contoso.test","email_verified":true,"locale":"de","team":"blue"}"#;
    let user_info = UserInfo::from_json::<std::fmt::Error>(user_info, None).unwrap();
    let id_token = json!({ "sub": "0a1b", "email": "anna@contoso.test" });
    let claims = Claims::new(id_token.as_object().unwrap().clone(), Some(&user_info));
    assert_eq!(claims.all()["email"], "anna@contoso.test");
    assert_eq!(claims.all()["team"], "blue");
    // UserInfo vouches for Eve's address, not for Anna's.
    assert_eq!(claims.verified_email(), None);
    let claims = Claims::new(
        json!({ "sub": "0a1b" }).as_object().unwrap().clone(),
        Some(&user_info),
    );
    assert_eq!(claims.verified_email(), Some("eve@contoso.test"));
}
