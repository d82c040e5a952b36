use super::*;

struct Counting(std::sync::atomic::AtomicU8);

impl Entropy for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    }
}

fn setting() -> (MasterKeys, Counting, Place) {
    (
        MasterKeys::new(MasterKey::new([7; 32]), vec![]),
        Counting(0.into()),
        Place::new("signing_keys", "k1"),
    )
}

#[test]
fn opens_what_it_sealed() {
    let (keys, entropy, place) = setting();
    let sealed = seal(&keys, &entropy, &place, "private_jwk", b"secret").unwrap();
    assert_eq!(sealed.bytes.len(), NONCE_LEN + 6 + 16);
    assert!(!sealed.bytes.windows(6).any(|window| window == b"secret"));
    assert_eq!(
        unseal(&keys, &place, "private_jwk", &sealed).unwrap().as_slice(),
        b"secret"
    );
}

#[test]
fn the_same_value_is_never_sealed_alike() {
    let (keys, entropy, place) = setting();
    let one = seal(&keys, &entropy, &place, "private_jwk", b"secret").unwrap();
    let two = seal(&keys, &entropy, &place, "private_jwk", b"secret").unwrap();
    assert_ne!(one.bytes, two.bytes);
}

#[test]
fn opens_nowhere_else_and_not_when_changed() {
    let (keys, entropy, place) = setting();
    let sealed = seal(&keys, &entropy, &place, "private_jwk", b"secret").unwrap();
    let refused = |place: &Place, column, value: &Sealed| {
        matches!(
            unseal(&keys, place, column, value),
            Err(StoreError::Sealed { .. })
        )
    };
    assert!(refused(&Place::new("signing_keys", "k2"), "private_jwk", &sealed));
    assert!(refused(&Place::new("upstreams", "k1"), "private_jwk", &sealed));
    assert!(refused(&place, "public_jwk", &sealed));
    for i in 0..sealed.bytes.len() {
        let mut changed = sealed.clone();
        changed.bytes[i] ^= 1;
        assert!(refused(&place, "private_jwk", &changed), "byte {i}");
    }
    for length in 0..sealed.bytes.len() {
        let mut short = sealed.clone();
        short.bytes.truncate(length);
        assert!(refused(&place, "private_jwk", &short), "length {length}");
    }
}

#[test]
fn an_older_key_opens_and_an_unknown_one_is_named() {
    let (old, entropy, place) = setting();
    let sealed = seal(&old, &entropy, &place, "private_jwk", b"secret").unwrap();
    let newer = MasterKey::new([8; 32]);
    let rotated = MasterKeys::new(newer.clone(), vec![old.current().clone()]);
    assert!(unseal(&rotated, &place, "private_jwk", &sealed).is_ok());
    let foreign = MasterKeys::new(newer.clone(), vec![]);
    match unseal(&foreign, &place, "private_jwk", &sealed) {
        Err(StoreError::WrongMasterKey { expected, given }) => {
            assert_eq!(
                (expected.as_str(), given.as_str()),
                (old.current().id(), newer.id())
            );
        }
        other => panic!("{other:?}"),
    }
    // A row that names a key which did not seal it.
    let mut renamed = sealed;
    newer.id().clone_into(&mut renamed.key_id);
    assert!(matches!(
        unseal(&rotated, &place, "private_jwk", &renamed),
        Err(StoreError::Sealed { .. })
    ));
}
