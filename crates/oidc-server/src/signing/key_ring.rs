//! The signing keys in memory: signers built once, the JWK Set rendered once, replaced as a whole.

use std::{collections::HashMap, sync::Arc};

use arc_swap::ArcSwap;
use data_encoding::HEXLOWER;
use domain::{app::SigningAlgorithm, key_rotation::KeyState};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use store::StoredKey;
use web::{Core, Failure};

use super::{
    jose::{self, JoseFailure, Signer},
    rotation,
};

/// The keys, shared by all requests.
pub struct KeyRing {
    keys: ArcSwap<Keys>,
}

/// One generation of the ring.
struct Keys {
    signers: HashMap<SigningAlgorithm, Arc<Signer>>,
    verifiers: HashMap<String, (SigningAlgorithm, String)>,
    document: Arc<Document>,
}

/// A JSON document that is served from memory.
pub(crate) struct Document {
    pub(crate) body: String,
    pub(crate) etag: String,
}

impl Document {
    pub(crate) fn new(value: &Value) -> Self {
        let body = value.to_string();
        let etag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(body.as_bytes())[..8]));
        Self { body, etag }
    }
}

impl KeyRing {
    /// Loads the keys; on a first start makes one. Apps that sign with other algorithms get theirs when they
    /// are first needed.
    pub async fn open(core: &Core) -> Result<Arc<Self>, Failure> {
        rotation::ensure(core, &[SigningAlgorithm::Rs256]).await?;
        let keys = Keys::load(core).await?;
        Ok(Arc::new(Self {
            keys: ArcSwap::from_pointee(keys),
        }))
    }

    /// A ring without keys, for rules that need one and no key.
    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        let document = Arc::new(Document::new(&json!({ "keys": [] })));
        Self {
            keys: ArcSwap::from_pointee(Keys {
                signers: HashMap::new(),
                verifiers: HashMap::new(),
                document,
            }),
        }
    }

    /// Loads the keys again: they changed, or another replica may have changed them.
    pub async fn reload(&self, core: &Core) -> Result<(), Failure> {
        self.keys.store(Arc::new(Keys::load(core).await?));
        Ok(())
    }

    /// The signer of an algorithm. Makes the key when there is none yet.
    pub(crate) async fn signer(
        &self,
        core: &Core,
        algorithm: SigningAlgorithm,
    ) -> Result<Arc<Signer>, Failure> {
        if let Some(signer) = self.keys.load().signers.get(&algorithm) {
            return Ok(Arc::clone(signer));
        }
        rotation::ensure(core, &[algorithm]).await?;
        self.reload(core).await?;
        let keys = self.keys.load();
        let signer = keys.signers.get(&algorithm).map(Arc::clone);
        signer.ok_or_else(|| Failure::internal(format_args!("no {} key is active", algorithm.name())))
    }

    /// The JWK Set.
    pub(crate) fn document(&self) -> Arc<Document> {
        Arc::clone(&self.keys.load().document)
    }

    /// The claims of a JWT that one of our keys signed, retired ones included. Time is not checked.
    pub(crate) fn verify(&self, token: &str) -> Result<Map<String, Value>, JoseFailure> {
        let keys = self.keys.load();
        let unverified = jose::parse(token)?;
        let key = unverified.kid().and_then(|kid| keys.verifiers.get(kid));
        let (algorithm, public_jwk) = key.ok_or_else(|| JoseFailure::new("signed by no key of ours"))?;
        unverified.verify(*algorithm, public_jwk)
    }
}

impl Keys {
    async fn load(core: &Core) -> Result<Self, Failure> {
        let stored = core.store.reader().signing_keys().await?;
        Self::build(&stored).map_err(Failure::internal)
    }

    fn build(stored: &[StoredKey]) -> Result<Self, JoseFailure> {
        let mut signers = HashMap::new();
        let mut verifiers = HashMap::new();
        let mut published = Vec::new();
        for StoredKey {
            key,
            public_jwk,
            private_jwk,
        } in stored
        {
            if key.state == KeyState::Active {
                signers.insert(
                    key.algorithm,
                    Arc::new(Signer::new(&key.kid, key.algorithm, private_jwk)?),
                );
            }
            if key.state.is_published() {
                let jwk: Value = serde_json::from_str(public_jwk)
                    .map_err(|_| JoseFailure::new("a stored key is no JSON"))?;
                published.push((key.state != KeyState::Active, key.kid.clone(), jwk));
            }
            verifiers.insert(key.kid.clone(), (key.algorithm, public_jwk.clone()));
        }
        // The active keys first: some apps take the first that fits.
        published.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        let keys: Vec<Value> = published.into_iter().map(|(_, _, jwk)| jwk).collect();
        Ok(Self {
            signers,
            verifiers,
            document: Arc::new(Document::new(&json!({ "keys": keys }))),
        })
    }
}
