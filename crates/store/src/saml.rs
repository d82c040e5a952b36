//! What SAML needs kept: the key of the service provider, and answers that were posted and wait for their browser.

use chrono::{DateTime, Utc};
use domain::{
    Id, Secret, SecretHash,
    upstream::{ServiceKey, Upstream},
};
use uuid::Uuid;

use crate::{
    Db, Reads, StoreError, Tx,
    columns::row,
    seal::{Sealed, seal, unseal},
    value::{self, Place},
};

/// There is one service provider.
const NAME: &str = "saml";
const PRIVATE: &str = "private_key";

/// An answer that an identity provider had posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamlAnswer {
    /// Whose it is.
    pub upstream: Id<Upstream>,
    /// What the browser brought along with it (`RelayState`).
    pub state: String,
    /// What came of reading it, as JSON.
    pub answer: String,
    /// Until when its browser may come for it.
    pub expires_at: DateTime<Utc>,
}

row! {
    struct ServiceKeyRow {
        certificate: Vec<u8>,
        private_key: Vec<u8>,
        sealed_by: String,
    }
}

row! {
    struct AnswerRow {
        upstream: Uuid,
        state: String,
        answer: String,
        expires_at: i64,
    }
}

impl<C: Reads> Db<C> {
    /// The key of the service provider, if one was made.
    pub async fn service_key(&self) -> Result<Option<ServiceKey>, StoreError> {
        let sql = "SELECT certificate, private_key, sealed_by FROM service_keys WHERE name = $1";
        let Some(row) = self.one::<ServiceKeyRow>(sql, [NAME.into()]).await? else {
            return Ok(None);
        };
        let place = Place::new("service_keys", NAME);
        let sealed = Sealed {
            bytes: row.private_key,
            key_id: row.sealed_by,
        };
        let pem = unseal(self.master_keys(), &place, PRIVATE, &sealed)?;
        let pem = place.require(PRIVATE, std::str::from_utf8(&pem).ok())?;
        Ok(Some(ServiceKey {
            pem: Secret::presented(pem),
            certificate: row.certificate,
        }))
    }

    /// The answer of that handle. Whether it came too late is the caller's question.
    pub async fn saml_answer(&self, handle: &SecretHash) -> Result<Option<SamlAnswer>, StoreError> {
        let sql = "SELECT upstream, state, answer, expires_at FROM saml_answers WHERE hash = $1";
        let row = self.one::<AnswerRow>(sql, [value::hash(handle)]).await?;
        Ok(row.map(|row| SamlAnswer {
            upstream: Id::from_uuid(row.upstream),
            state: row.state,
            answer: row.answer,
            expires_at: domain::time::from_millis(row.expires_at),
        }))
    }
}

impl Tx {
    /// Keeps the key of the service provider, unless another replica was first; says whether it was kept.
    pub async fn insert_service_key(&self, key: &ServiceKey, now: DateTime<Utc>) -> Result<bool, StoreError> {
        let place = Place::new("service_keys", NAME);
        let pem = key.pem.expose().as_bytes();
        let sealed = seal(self.master_keys(), &*self.shared.entropy, &place, PRIVATE, pem)?;
        self.insert_if_new(
            "service_keys",
            [
                ("name", NAME.into()),
                ("certificate", key.certificate.clone().into()),
                (PRIVATE, sealed.bytes.into()),
                ("sealed_by", sealed.key_id.into()),
                ("created_at", value::at(now)),
            ],
        )
        .await
    }

    /// Keeps an answer under its handle; the same one again changes nothing.
    pub async fn insert_saml_answer(
        &self,
        handle: &SecretHash,
        answer: &SamlAnswer,
    ) -> Result<(), StoreError> {
        self.insert_if_new(
            "saml_answers",
            [
                ("hash", value::hash(handle)),
                ("upstream", value::id(answer.upstream)),
                ("state", answer.state.as_str().into()),
                ("answer", answer.answer.as_str().into()),
                ("expires_at", value::at(answer.expires_at)),
            ],
        )
        .await?;
        Ok(())
    }
}
