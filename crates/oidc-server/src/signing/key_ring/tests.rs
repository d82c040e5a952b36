use chrono::DateTime;
use domain::key_rotation::SigningKey;
use url::Url;

use super::*;
use crate::signing::jose::KeyPair;

fn issuer() -> Issuer {
    Issuer::new(&Url::parse("https://login.acme.example").unwrap()).unwrap()
}

fn stored(pair: &KeyPair, state: KeyState) -> StoredKey {
    StoredKey {
        key: SigningKey {
            kid: pair.kid.clone(),
            algorithm: SigningAlgorithm::Es256,
            state,
            since: DateTime::UNIX_EPOCH,
        },
        public_jwk: pair.public_jwk.clone(),
        private_jwk: pair.private_jwk.clone(),
    }
}

fn pair() -> KeyPair {
    jose::generate(SigningAlgorithm::Es256).unwrap()
}

fn claims() -> Value {
    // Long expired, as hints may be.
    json!({ "iss": issuer().as_str(), "sub": "anna", "aud": "notes", "sid": "s1", "exp": 1, "iat": 0 })
}

#[test]
fn what_a_hint_must_be() {
    let pair = pair();
    let ring = KeyRing::of(&[stored(&pair, KeyState::Retired)]).unwrap();
    let signer = Signer::new(&pair.kid, SigningAlgorithm::Es256, &pair.private_jwk).unwrap();
    let read = |typ: &str, change: &dyn Fn(&mut Value)| {
        let mut claims = claims();
        change(&mut claims);
        ring.id_token(&issuer(), &signer.sign(typ, &claims).unwrap())
    };
    let good = read("JWT", &|_| ()).unwrap();
    let expected = Hint {
        subject: "anna".into(),
        client_id: "notes".into(),
        session: "s1".into(),
    };
    assert_eq!(good, expected, "a retired key still verifies");
    assert!(read("JWT", &|c| c["iss"] = json!("https://login.other.example")).is_err());
    assert!(read("JWT", &|c| c["iss"] = json!("https://login.acme.example/")).is_err());
    assert!(read("at+jwt", &|_| ()).is_err(), "another type is another thing");
    assert!(read("logout+jwt", &|_| ()).is_err());
    for claim in ["iss", "sub", "aud", "sid"] {
        let without = |c: &mut Value| {
            c.as_object_mut().unwrap().remove(claim);
        };
        assert!(read("JWT", &without).is_err(), "without {claim}");
        assert!(
            read("JWT", &|c| c[claim] = json!(["x"])).is_err(),
            "{claim} is no text"
        );
    }
}

#[test]
fn only_our_keys_count() {
    let (ours, stranger) = (pair(), pair());
    let ring = KeyRing::of(&[stored(&ours, KeyState::Active)]).unwrap();
    let by = |kid: &str, pair: &KeyPair| {
        let signer = Signer::new(kid, SigningAlgorithm::Es256, &pair.private_jwk).unwrap();
        ring.id_token(&issuer(), &signer.sign("JWT", &claims()).unwrap())
    };
    assert!(by(&ours.kid, &ours).is_ok());
    assert!(by(&stranger.kid, &stranger).is_err(), "a key that is not here");
    assert!(
        by(&ours.kid, &stranger).is_err(),
        "a signature under our key's name"
    );
    let genuine = Signer::new(&ours.kid, SigningAlgorithm::Es256, &ours.private_jwk).unwrap();
    let token = genuine.sign("JWT", &claims()).unwrap();
    let (head, _) = token.rsplit_once('.').unwrap();
    assert!(
        ring.id_token(&issuer(), &format!("{head}.")).is_err(),
        "no signature"
    );
}

#[test]
fn the_document_shows_what_apps_need_and_nothing_private() {
    let states = [
        KeyState::Retired,
        KeyState::Retiring,
        KeyState::Pending,
        KeyState::Active,
    ];
    let pairs: Vec<KeyPair> = states.iter().map(|_| pair()).collect();
    let keys: Vec<StoredKey> = pairs
        .iter()
        .zip(states)
        .map(|(pair, state)| stored(pair, state))
        .collect();
    let ring = KeyRing::of(&keys).unwrap();
    let document = ring.document();
    let set: Value = serde_json::from_slice(&document.body).unwrap();
    let kids: Vec<&str> = set["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key["kid"].as_str().unwrap())
        .collect();
    assert_eq!(kids.len(), 3, "the retired one is not shown");
    assert_eq!(kids[0], pairs[3].kid, "the active one is first");
    assert!(!kids.contains(&pairs[0].kid.as_str()));
    for key in set["keys"].as_array().unwrap() {
        let mut members: Vec<&String> = key.as_object().unwrap().keys().collect();
        members.sort();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    }
    assert_eq!(
        document.etag,
        KeyRing::of(&keys).unwrap().document().etag,
        "the same keys, the same tag"
    );
    assert_ne!(document.etag, KeyRing::of(&keys[..2]).unwrap().document().etag);
}
