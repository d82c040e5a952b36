//! Signing keys.

use std::sync::Arc;

use domain::{
    app::SigningAlgorithm,
    key_rotation::{KeyState, SigningKey},
    master_key::{MasterKey, MasterKeys},
};
use store::{Store, StoreError, Tx};
use test_support::{databases, samples};

use crate::{assert_conflict, assert_corrupt, begin};

const PRIVATE: &[u8] = br#"{"kty":"OKP","d":"very secret"}"#;

fn key(kid: &str) -> SigningKey {
    SigningKey {
        kid: kid.to_owned(),
        algorithm: SigningAlgorithm::EdDsa,
        state: KeyState::Pending,
        since: samples::now(),
    }
}

async fn insert(tx: &Tx, key: &SigningKey) -> Result<(), StoreError> {
    tx.insert_signing_key(key, r#"{"kty":"OKP"}"#, PRIVATE).await
}

#[tokio::test]
async fn comes_back_unsealed_and_is_kept_sealed() {
    for db in databases().await {
        let tx = begin(&db).await;
        insert(&tx, &key("k1")).await.unwrap();
        assert_conflict(insert(&tx, &key("k1")).await);
        drop(tx);
        let tx = begin(&db).await;
        insert(&tx, &key("k1")).await.unwrap();
        tx.commit().await.unwrap();
        let keys = db.store.reader().signing_keys().await.unwrap();
        assert_eq!(keys.len(), 1, "{}", db.name);
        assert_eq!(keys[0].key, key("k1"), "{}", db.name);
        assert_eq!(keys[0].public_jwk, r#"{"kty":"OKP"}"#, "{}", db.name);
        assert_eq!(&keys[0].private_jwk[..], PRIVATE, "{}", db.name);
        assert!(!format!("{keys:?}").contains("secret"), "{}", db.name);
    }
}

#[tokio::test]
async fn the_database_file_does_not_hold_the_private_half() {
    for db in databases().await {
        let Some(path) = db.settings().url.strip_prefix("sqlite:").map(str::to_owned) else {
            continue;
        };
        let tx = begin(&db).await;
        insert(&tx, &key("a-name-to-find")).await.unwrap();
        tx.commit().await.unwrap();
        let mut bytes = std::fs::read(&path).unwrap();
        bytes.extend(std::fs::read(format!("{path}-wal")).unwrap());
        let holds = |needle: &[u8]| bytes.windows(needle.len()).any(|window| window == needle);
        assert!(holds(b"a-name-to-find"));
        assert!(!holds(b"very secret"));
    }
}

#[tokio::test]
async fn a_sealed_key_opens_in_its_own_row_only() {
    for db in databases().await {
        let tx = begin(&db).await;
        insert(&tx, &key("k1")).await.unwrap();
        insert(&tx, &key("k2")).await.unwrap();
        tx.commit().await.unwrap();
        let swap = "UPDATE signing_keys SET private_jwk = \
                    (SELECT private_jwk FROM signing_keys WHERE kid = 'k1') WHERE kid = 'k2'";
        db.store.run_raw(swap).await.unwrap();
        match db.store.reader().signing_keys().await {
            Err(StoreError::Sealed { table, row, column }) => {
                assert_eq!((table, &*row, column), ("signing_keys", "k2", "private_jwk"));
            }
            other => panic!("{}: {other:?}", db.name),
        }
    }
}

#[tokio::test]
async fn a_key_sealed_by_an_unknown_master_key_names_it() {
    for db in databases().await {
        let tx = begin(&db).await;
        insert(&tx, &key("k1")).await.unwrap();
        tx.commit().await.unwrap();
        let keys = MasterKeys::new(MasterKey::new([9; 32]), vec![]);
        let stranger = Store::connect(db.settings(), keys, Arc::new(samples::entropy()))
            .await
            .unwrap();
        match stranger.reader().signing_keys().await {
            Err(StoreError::WrongMasterKey { expected, .. }) => {
                assert_eq!(expected, samples::master_keys().current().id(), "{}", db.name);
            }
            other => panic!("{}: {other:?}", db.name),
        }
        stranger.close().await.unwrap();
    }
}

#[tokio::test]
async fn moves_on_from_where_it_is_and_goes() {
    for db in databases().await {
        let tx = begin(&db).await;
        insert(&tx, &key("k1")).await.unwrap();
        insert(&tx, &key("k2")).await.unwrap();
        let later = samples::now() + chrono::TimeDelta::hours(24);
        let activate = async || {
            tx.move_signing_key("k1", KeyState::Pending, KeyState::Active, later)
                .await
                .unwrap()
        };
        assert!(activate().await);
        assert!(!activate().await, "it has moved already");
        let keys = tx.signing_keys().await.unwrap();
        let states: Vec<_> = keys
            .iter()
            .map(|stored| (&*stored.key.kid, stored.key.state, stored.key.since))
            .collect();
        let expected = [
            ("k2", KeyState::Pending, samples::now()),
            ("k1", KeyState::Active, later),
        ];
        assert_eq!(states, expected, "{}", db.name);
        assert!(tx.remove_signing_key("k2").await.unwrap());
        assert!(!tx.remove_signing_key("k2").await.unwrap());
        assert_eq!(tx.signing_keys().await.unwrap().len(), 1, "{}", db.name);
    }
}

#[tokio::test]
async fn illegal_rows_are_named() {
    for db in databases().await {
        for (change, column) in [("algorithm = 'HS256'", "algorithm"), ("state = 'lost'", "state")] {
            let tx = begin(&db).await;
            insert(&tx, &key("k1")).await.unwrap();
            tx.commit().await.unwrap();
            let sql = format!("UPDATE signing_keys SET {change}");
            db.store.run_raw(&sql).await.unwrap();
            assert_corrupt(db.store.reader().signing_keys().await, ("signing_keys", column));
            let tx = begin(&db).await;
            tx.remove_signing_key("k1").await.unwrap();
            tx.commit().await.unwrap();
        }
    }
}
