//! Signing keys. The private half is sealed in its row and unsealed here.

use std::fmt;

use chrono::{DateTime, Utc};
use domain::{
    app::SigningAlgorithm,
    key_rotation::{KeyState, SigningKey},
    time::from_millis,
};
use zeroize::Zeroizing;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::{FromRow, row},
    row::{Sql, select},
    seal::{Sealed, seal, unseal},
    value::{self, Place},
};

/// A signing key with both its halves.
pub struct StoredKey {
    /// Its name, its algorithm, and where it is in its life.
    pub key: SigningKey,
    /// The public JWK, as JSON text.
    pub public_jwk: String,
    /// The private JWK, as JSON text, unsealed.
    pub private_jwk: Zeroizing<Vec<u8>>,
}

impl fmt::Debug for StoredKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredKey")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

row! {
    struct KeyRow {
        kid: String,
        algorithm: String,
        state: String,
        since: i64,
        public_jwk: String,
        private_jwk: Vec<u8>,
        sealed_by: String,
    }
}

static ALL: Sql = Sql::new(|| select(KeyRow::COLUMNS, "signing_keys ORDER BY since, kid"));

impl<C: Reads> Db<C> {
    /// All signing keys, oldest first.
    pub async fn signing_keys(&self) -> Result<Vec<StoredKey>, StoreError> {
        let rows = self.all::<KeyRow>(&ALL, []).await?;
        rows.into_iter().map(|row| self.to_domain(row)).collect()
    }

    /// What changes whenever a signing key does: each by its name and its state.
    pub async fn signing_keys_mark(&self) -> Result<Vec<(String, String)>, StoreError> {
        row! {
            struct Mark {
                kid: String,
                state: String,
            }
        }
        let found = self.all::<Mark>(MARK, []).await?;
        Ok(found.into_iter().map(|mark| (mark.kid, mark.state)).collect())
    }

    fn to_domain(&self, row: KeyRow) -> Result<StoredKey, StoreError> {
        let place = Place::new("signing_keys", &row.kid);
        let sealed = Sealed {
            bytes: row.private_jwk,
            key_id: row.sealed_by,
        };
        Ok(StoredKey {
            private_jwk: unseal(self.master_keys(), &place, PRIVATE, &sealed)?,
            key: SigningKey {
                algorithm: place.require("algorithm", SigningAlgorithm::parse(&row.algorithm))?,
                state: place.require("state", KeyState::parse(&row.state))?,
                since: from_millis(row.since),
                kid: row.kid,
            },
            public_jwk: row.public_jwk,
        })
    }
}

impl Tx {
    /// Keeps a new key; seals its private half.
    pub async fn insert_signing_key(
        &self,
        key: &SigningKey,
        public_jwk: &str,
        private_jwk: &[u8],
    ) -> Result<(), StoreError> {
        let place = Place::new("signing_keys", &key.kid);
        let sealed = seal(
            self.master_keys(),
            &*self.shared.entropy,
            &place,
            PRIVATE,
            private_jwk,
        )?;
        self.insert(
            "signing_keys",
            [
                ("kid", key.kid.as_str().into()),
                ("algorithm", key.algorithm.name().into()),
                ("state", key.state.name().into()),
                ("since", value::at(key.since)),
                ("public_jwk", public_jwk.into()),
                (PRIVATE, sealed.bytes.into()),
                ("sealed_by", sealed.key_id.into()),
            ],
        )
        .await
    }

    /// Moves a key on, if it is still where it was; says whether it was.
    pub async fn move_signing_key(
        &self,
        kid: &str,
        from: KeyState,
        to: KeyState,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let changed = self
            .run(
                "UPDATE signing_keys SET state = $3, since = $4 WHERE kid = $1 AND state = $2",
                [kid.into(), from.name().into(), to.name().into(), value::at(now)],
            )
            .await?;
        Ok(changed == 1)
    }

    /// Destroys a key; says whether it was there.
    pub async fn remove_signing_key(&self, kid: &str) -> Result<bool, StoreError> {
        let changed = self
            .run("DELETE FROM signing_keys WHERE kid = $1", [kid.into()])
            .await?;
        Ok(changed == 1)
    }
}

/// There are a handful of rows.
const MARK: &str = "SELECT kid, state FROM signing_keys ORDER BY kid";

const PRIVATE: &str = "private_jwk";
