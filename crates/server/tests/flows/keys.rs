//! The signing keys of a first start, made once: an RSA key takes long to find, and every world would look for its own.

use domain::key_rotation::SigningKey;
use oidc_server::KeyRing;
use sign_in::Core;
use store::StoredKey;
use test_support::{FakeClock, sqlite};
use tokio::sync::OnceCell;

/// Brings them into the database, where it has none.
pub(crate) async fn bring(core: &Core) {
    static MADE: OnceCell<Vec<StoredKey>> = OnceCell::const_new();
    let made = MADE.get_or_init(make).await;
    let tx = core.store.begin().await.unwrap();
    if !tx.signing_keys_mark().await.unwrap().is_empty() {
        return;
    }
    for stored in made {
        let key = SigningKey {
            since: core.now(),
            ..stored.key.clone()
        };
        tx.insert_signing_key(&key, &stored.public_jwk, &stored.private_jwk)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

async fn make() -> Vec<StoredKey> {
    let database = sqlite().await;
    let core = test_support::core(database.store.clone(), FakeClock::new());
    KeyRing::open(&core).await.unwrap();
    core.store.reader().signing_keys().await.unwrap()
}
