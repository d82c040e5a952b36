//! The signing keys in memory: signers built once, the JWK Set rendered once, replaced as a whole.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use arc_swap::ArcSwap;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use domain::{app::SigningAlgorithm, key_rotation::KeyState};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use sign_in::{Core, Issuer};
use store::StoredKey;
use web::Failure;

use super::{
    jose::{self, ID_TOKEN_TYPE, JoseFailure, Signer, Unverified},
    rotation,
};

/// How often, in milliseconds, tokens that name unknown keys may have the keys loaded again.
const LOOK_AGAIN_AFTER: i64 = 10_000;

/// The keys, shared by all requests.
pub struct KeyRing {
    keys: ArcSwap<Keys>,
    /// When they were last loaded, in Unix milliseconds.
    loaded_at: AtomicI64,
}

/// One generation of the ring.
struct Keys {
    signers: HashMap<SigningAlgorithm, Arc<Signer>>,
    verifiers: HashMap<String, (SigningAlgorithm, String)>,
    document: Arc<Document>,
    /// What the database's keys were like when these were loaded.
    mark: Vec<(String, String)>,
}

/// A JSON document that is served from memory.
pub(crate) struct Document {
    pub(crate) body: Bytes,
    pub(crate) etag: String,
}

impl Document {
    pub(crate) fn new(value: &Value) -> Self {
        let body = value.to_string();
        let etag = format!("\"{}\"", HEXLOWER.encode(&Sha256::digest(body.as_bytes())[..8]));
        Self {
            body: body.into(),
            etag,
        }
    }
}

/// What an ID token of ours says of whom it was for: enough for hints, which may have expired.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Hint {
    /// `sub`.
    pub(crate) subject: String,
    /// `aud`: the app's `client_id`.
    pub(crate) client_id: String,
    /// `sid`.
    pub(crate) session: String,
}

impl KeyRing {
    /// Loads the keys; on a first start makes one of every algorithm that discovery names, so that each is published
    /// before an app comes that needs it.
    pub async fn open(core: &Core) -> Result<Arc<Self>, Failure> {
        rotation::ensure(core, &SigningAlgorithm::ALL).await?;
        let keys = ArcSwap::from_pointee(Keys::load(core).await?);
        let loaded_at = AtomicI64::new(core.now().timestamp_millis());
        Ok(Arc::new(Self { keys, loaded_at }))
    }

    /// A ring without keys, for rules that need one and no key.
    #[cfg(test)]
    pub(crate) fn empty() -> Self {
        Self::of(&[]).unwrap()
    }

    /// A ring of these keys.
    #[cfg(test)]
    pub(crate) fn of(stored: &[StoredKey]) -> Result<Self, JoseFailure> {
        let keys = ArcSwap::from_pointee(Keys::build(stored)?);
        let loaded_at = AtomicI64::new(0);
        Ok(Self { keys, loaded_at })
    }

    /// Loads the keys again: they changed, or another replica may have changed them.
    pub async fn reload(&self, core: &Core) -> Result<(), Failure> {
        self.loaded_at
            .store(core.now().timestamp_millis(), Ordering::Relaxed);
        self.keys.store(Arc::new(Keys::load(core).await?));
        Ok(())
    }

    /// Loads the keys again when a command or another replica has changed them: looking costs next to nothing, so every
    /// process looks each second.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn notice(&self, core: &Core) -> Result<(), Failure> {
        let mark = core.store.reader().signing_keys_mark().await?;
        if mark != self.keys.load().mark {
            self.reload(core).await?;
        }
        Ok(())
    }

    /// Loads the keys again when `token` names one that is not here: another replica may have begun to sign with
    /// it. Not too often, since anybody may name any key.
    pub(crate) async fn look_for_key_of(&self, core: &Core, token: &str) -> Result<(), Failure> {
        let kid = jose::parse(token)
            .ok()
            .and_then(|parsed| parsed.kid().map(str::to_owned));
        let is_missing = kid.is_some_and(|kid| !self.keys.load().verifiers.contains_key(&kid));
        let age = core.now().timestamp_millis() - self.loaded_at.load(Ordering::Relaxed);
        // A clock that was set back must not keep the ring as it is.
        if is_missing && age.abs() >= LOOK_AGAIN_AFTER {
            self.reload(core).await?;
        }
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

    /// What an ID token of ours says, expired or not: the signature of one of our keys, retired ones included, our
    /// type (RFC 8725 §3.11) and our issuer.
    pub(crate) fn id_token(&self, issuer: &Issuer, token: &str) -> Result<Hint, JoseFailure> {
        let unverified = jose::parse(token)?;
        if unverified.typ() != Ok(Some(ID_TOKEN_TYPE)) {
            return Err(JoseFailure::new("no ID token: another type"));
        }
        let claims = self.verify(unverified)?;
        let text = |name: &str| {
            let value = claims.get(name).and_then(Value::as_str);
            value
                .map(str::to_owned)
                .ok_or_else(|| JoseFailure::new("no ID token: a claim is missing"))
        };
        if text("iss")? != issuer.as_str() {
            return Err(JoseFailure::new("issued under another name"));
        }
        Ok(Hint {
            subject: text("sub")?,
            client_id: text("aud")?,
            session: text("sid")?,
        })
    }

    fn verify(&self, token: Unverified<'_>) -> Result<Map<String, Value>, JoseFailure> {
        let keys = self.keys.load();
        let key = token.kid().and_then(|kid| keys.verifiers.get(kid));
        let (algorithm, public_jwk) = key.ok_or_else(|| JoseFailure::new("signed by no key of ours"))?;
        token.verify(*algorithm, public_jwk)
    }
}

impl Keys {
    async fn load(core: &Core) -> Result<Self, Failure> {
        let reader = core.store.reader();
        // Before the keys: what changes in between is noticed the next time.
        let mark = reader.signing_keys_mark().await?;
        let stored = reader.signing_keys().await?;
        let keys = Self::build(&stored).map_err(Failure::internal)?;
        Ok(Self { mark, ..keys })
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
            mark: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests;
